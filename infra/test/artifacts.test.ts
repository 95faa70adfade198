import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { BuildSpec } from 'aws-cdk-lib/aws-codebuild';
import { infrastructureBuildSpec, planBuildSpec } from '../lib/infrastructure-buildspec.ts';
import { optionsFrom } from '../lib/options.ts';
import type { Action, Stage } from '../lib/pipeline-actions.ts';
import { releaseBuildSpec } from '../lib/release-buildspec.ts';
import { namesOf, pipeline as settings } from '../lib/settings.ts';
import { buildStacks } from '../lib/stacks.ts';
import { artifactFaults, type BuildSpec as Spec } from './support/artifact-flow.ts';
import { INFRA, only, resourcesOf, templatesOf } from './support/synth.ts';
import { VARIANTS } from './support/variants.ts';

/** What buildspec.yml in the root hands on; `npm run check:deploy` holds it to these. */
const BUILD: Spec = {
  artifacts: {
    'secondary-artifacts': {
      [settings.specArtifact]: { files: [settings.taskDefinitionFile, settings.appSpecFile, settings.fillInFile] },
      [settings.imageArtifact]: { files: [settings.imageFile] },
      [settings.supplyArtifact]: { files: [settings.sbomFile, 'rehearsal/*'] },
    },
  },
};

const ENVIRONMENTS = ['posthorn-staging', 'posthorn'];

/** The buildspecs by the names of their projects, changed where a test plants a mistake. */
function specs(changed: Record<string, Spec> = {}): (project: string) => Spec | undefined {
  const { builds } = namesOf('posthorn');
  const known: Record<string, Spec> = {
    [builds.build.name]: BUILD,
    [builds.plan.name]: planBuildSpec(),
    [builds.infrastructure.name]: infrastructureBuildSpec(),
  };
  for (const name of ENVIRONMENTS) {
    known[namesOf(name).builds.migrate.name] = releaseBuildSpec(namesOf(name));
    known[namesOf(name).builds.verify.name] = {};
  }
  return (project) => ({ ...known, ...changed })[project];
}

const TEMPLATES = templatesOf(VARIANTS['staging before production']);
const PIPELINE = TEMPLATES['posthorn-pipeline']!;
const named = (artifacts: { Name: string }[] = []) => artifacts.map(({ Name }) => ({ name: Name }));

/** The synthesized pipeline of two environments, with the names of its projects. */
function stages(): Stage[] {
  const projects = resourcesOf(PIPELINE, 'AWS::CodeBuild::Project');
  const projectName = (given: string | { Ref: string }) =>
    typeof given === 'object' ? projects[given.Ref]!.Properties.Name : given;
  const action = ({ Name, RunOrder, ActionTypeId, Configuration, InputArtifacts, OutputArtifacts }: any): Action => ({
    name: Name,
    runOrder: RunOrder,
    actionTypeId: { ...ActionTypeId, provider: ActionTypeId.Provider },
    configuration: { ...Configuration, ProjectName: projectName(Configuration?.ProjectName) },
    inputArtifacts: named(InputArtifacts),
    outputArtifacts: named(OutputArtifacts),
  });
  return only(PIPELINE, 'AWS::CodePipeline::Pipeline').Properties.Stages.map(({ Name, Actions }: any) => ({
    name: Name,
    actions: Actions.map(action),
  }));
}

/** The pipeline with one action changed, by the names of its stage and itself. */
function changed(path: string, change: (action: any) => object): Stage[] {
  const [stage, name] = path.split('.');
  return stages().map((one) => ({
    ...one,
    actions: (one.actions as Action[]).map((action) =>
      one.name === stage && action.name === name ? { ...action, ...change(action) } : action,
    ),
  }));
}
const configured = (path: string, configuration: object) =>
  changed(path, (action) => ({ configuration: { ...action.configuration, ...configuration } }));
const taking = (path: string, ...names: string[]) => changed(path, () => ({ inputArtifacts: names.map((name) => ({ name })) }));
const giving = (path: string, ...names: string[]) => changed(path, () => ({ outputArtifacts: names.map((name) => ({ name })) }));

describe('what the pipeline hands from action to action', () => {
  it('is made before it is taken, as what it is taken for', () => {
    expect(artifactFaults(stages(), specs())).toEqual([]);
  });

  it('is made by the buildspecs that are followed here', () => {
    const specOf = specs();
    for (const template of Object.values(TEMPLATES))
      for (const { Properties } of Object.values(resourcesOf(template, 'AWS::CodeBuild::Project'))) {
        if (Properties.Name.endsWith('-build') || Properties.Name.endsWith('-verify')) continue;
        const text = BuildSpec.fromObjectToYaml(specOf(Properties.Name) as object).toBuildSpec();
        expect([Properties.Name, Properties.Source.BuildSpec]).toEqual([Properties.Name, text]);
      }
  });

  it.each([
    [
      'the files that are not filled in',
      () => configured('posthorn.Deploy', { TaskDefinitionTemplateArtifact: 'SpecArtifact' }),
      'which it does not take',
    ],
    [
      'an appspec that is not filled in',
      () => configured('posthorn.Deploy', { AppSpecTemplateArtifact: 'SpecArtifact' }),
      'deploys the files of SpecArtifact, which are not filled in',
    ],
    [
      'the release of staging',
      () => taking('posthorn.Deploy', 'Release-posthorn-staging', 'ImageArtifact'),
      'reads taskdef.json of Release-posthorn, which it does not take',
    ],
    [
      'an appspec of another name',
      () => configured('posthorn.Deploy', { AppSpecTemplatePath: 'appspec.yml' }),
      'reads appspec.yml, which Release-posthorn does not have',
    ],
    [
      'the image of another artifact',
      () => configured('posthorn.Deploy', { Image1ArtifactName: 'Release-posthorn' }),
      'reads imageDetail.json, which Release-posthorn does not have',
    ],
    [
      'a release before it is filled in',
      () => changed('posthorn.Deploy', () => ({ runOrder: 1 })),
      'takes Release-posthorn, which no action before it makes',
    ],
    [
      'a release beside the migration',
      () => changed('posthorn.Deploy', () => ({ runOrder: 2 })),
      'takes Release-posthorn, which no action before it makes',
    ],
    [
      'one name for two releases',
      () => giving('posthorn.Migrate', 'Release-posthorn-staging'),
      'makes Release-posthorn-staging, which another action made',
    ],
    ['a migration that hands nothing on', () => giving('posthorn.Migrate'), 'hands nothing on, but its project writes artifacts'],
    [
      'the image as the primary source',
      () => configured('posthorn.Migrate', { PrimarySource: 'ImageArtifact' }),
      'reads $CODEBUILD_SRC_DIR_ImageArtifact, which it is not given',
    ],
    [
      'no primary source',
      () => configured('posthorn.Migrate', { PrimarySource: undefined }),
      'must name one of its artifacts as PrimarySource',
    ],
    [
      'a migration without the image',
      () => taking('posthorn.Migrate', 'SpecArtifact'),
      'reads $CODEBUILD_SRC_DIR_ImageArtifact, which it is not given',
    ],
    [
      'an artifact that nobody reads',
      () => taking('posthorn.Infrastructure', 'StacksArtifact', 'ImageArtifact'),
      'must name one of its artifacts as PrimarySource',
    ],
    [
      'stacks that nobody approved',
      () => taking('posthorn.Infrastructure', 'SourceArtifact'),
      'it must take what was built of it',
    ],
    [
      'a build with one artifact',
      () => giving('Build.Build', 'SpecArtifact'),
      'makes SpecArtifact, which its buildspec does not have',
    ],
    [
      'an artifact of another name',
      () => giving('Build.Build', 'BuildArtifact', 'ImageArtifact'),
      'makes BuildArtifact, which its buildspec does not have',
    ],
    ['a plan that hands nothing on', () => giving('Build.Plan'), 'hands nothing on'],
    [
      'the project of another environment',
      () => configured('posthorn.Migrate', { ProjectName: 'posthorn-migration' }),
      'starts posthorn-migration, which is no project',
    ],
  ])('finds %s', (_name, planted, says) => {
    expect(artifactFaults(planted(), specs()).join('\n')).toContain(says);
  });

  it('finds a buildspec that does not hand on what its action is to make', () => {
    const { artifacts: _artifacts, ...rest } = releaseBuildSpec(namesOf('posthorn'));
    expect(artifactFaults(stages(), specs({ 'posthorn-migrate': rest }))).toContain(
      'posthorn.Migrate makes Release-posthorn, which its buildspec does not have',
    );
  });
});

/** The CLI asks nobody for notices and newer versions, and tells nobody. */
const QUIET = { CDK_NOTICES: 'false', CDK_DISABLE_VERSION_CHECK: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };

describe('the artifact of the plan', () => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-plan-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A folder with what the plan's buildspec takes of the project and of the stacks that it synthesizes. */
  function artifact(): string {
    const [source, taken] = [join(folder, 'source'), join(folder, 'artifact')];
    const { context, output } = JSON.parse(readFileSync(join(INFRA, 'cdk.json'), 'utf8')) as { context: object; output: string };
    for (const { name } of readdirSync(INFRA, { withFileTypes: true }).filter(
      (entry) => entry.name !== 'node_modules' && entry.name !== 'dist',
    ))
      cpSync(join(INFRA, name), join(source, 'infra', name), { recursive: true });
    const app = new App({ outdir: join(source, 'infra', output), context: { ...context, repository: 'acme/posthorn' } });
    buildStacks(app, optionsFrom(app.node));
    app.synth();
    const { files } = (planBuildSpec() as Spec).artifacts!;
    for (const path of globSync(files!, { cwd: source })) cpSync(join(source, path), join(taken, path), { recursive: true });
    return taken;
  }

  it('is all that a deployment of stacks takes', () => {
    const taken = artifact();
    expect(existsSync(join(taken, 'infra', 'bin'))).toBe(false);
    const { phases } = infrastructureBuildSpec() as Required<Spec>;
    // What it installs comes from these two.
    expect(phases.install!.commands!.join()).toContain('npm ci --prefix infra');
    for (const file of ['package.json', 'package-lock.json'])
      expect([file, existsSync(join(taken, 'infra', file))]).toEqual([file, true]);
    symlinkSync(join(INFRA, 'node_modules'), join(taken, 'infra', 'node_modules'));
    // Nothing of AWS is asked: the stacks are only read.
    const command = phases.build!.commands!.join('\n').replace(/cdk deploy (--app \S+) .*\$STACKS/, 'cdk list $1 $STACKS');
    expect(command).toMatch(/cdk list --app \S+ \$STACKS$/);
    const listed = execFileSync('bash', ['-ec', command], {
      cwd: taken,
      encoding: 'utf8',
      env: {
        ...QUIET,
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        HOME: folder,
        STACKS: 'posthorn-data posthorn-service',
      },
    });
    expect(listed.trim().split('\n')).toEqual(['posthorn-data', 'posthorn-service']);
    for (const manifest of globSync('infra/dist/cdk.out/*.assets.json', { cwd: taken })) {
      const { files } = JSON.parse(readFileSync(join(taken, manifest), 'utf8')) as {
        files: Record<string, { source: { path: string } }>;
      };
      for (const { source } of Object.values(files))
        expect([source.path, existsSync(join(taken, dirname(manifest), source.path))]).toEqual([source.path, true]);
    }
  });
});
