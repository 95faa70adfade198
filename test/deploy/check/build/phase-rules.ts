import type { Context } from '../context.js';
import { unexpectedKeys, type Keys, type Reasons } from '../expected-keys.js';
import { FILES } from '../project.js';
import { lineOf } from '../text.js';
import { commandsOf, PHASES } from './commands.js';

const PHASE: Keys = { 'on-failure': true, commands: true, finally: true };
const ARTIFACT: Keys = { files: true, 'base-directory': true };
const KEYS: Keys = {
  version: true,
  env: { shell: true, variables: true },
  phases: { install: { ...PHASE, 'runtime-versions': { nodejs: true } }, pre_build: PHASE, build: PHASE, post_build: PHASE },
  // Names of reports and artifacts are looked at where their files are.
  reports: true,
  artifacts: true,
};
const ARTIFACT_REASONS: Reasons = {
  'discard-paths': 'it changes under which path a file is, and the deploy action looks at the top',
  'enable-symlinks': 'no file here is a link',
  'exclude-paths': 'each file is named',
  name: 'the pipeline takes artifacts by the name of their key',
  's3-prefix': 'it belongs to builds of Lambda functions',
};
const REASONS: Reasons = {
  'run-as': "Docker is root's on the build machine",
  batch: 'the pipeline starts single builds',
  proxy: 'the build machine has no proxy',
  cache: 'a cache in S3 is not set up in infra/, and the build would say so in each log',
  'env.exported-variables': 'no action of the pipeline reads them',
  'env.git-credential-helper': 'the build fetches nothing with git',
  'env.parameter-store': "the build's role may read no parameter: what it needs is in buildVariables",
  'env.secrets-manager': "the build's role may read no secret, and needs none",
};

/** The phases: what is in buildspec.yml at all, where it stops, its shell and its version of Node. */
export function checkPhases(context: Context): void {
  const { buildspec, tell } = context;
  const home = 'test/deploy/check/build/phase-rules.ts';
  for (const { path, message } of unexpectedKeys(buildspec, KEYS, REASONS, home)) tell('buildspec', path, message);
  const { 'secondary-artifacts': secondary = {}, ...primary } = buildspec.artifacts ?? { files: [] };
  for (const { path, message } of unexpectedKeys(primary, ARTIFACT, ARTIFACT_REASONS, home))
    tell('buildspec', ['artifacts', ...path], message);
  for (const [name, artifact] of Object.entries(secondary)) {
    for (const { path, message } of unexpectedKeys(artifact, ARTIFACT, ARTIFACT_REASONS, home))
      tell('buildspec', ['artifacts', 'secondary-artifacts', name, ...path], message);
  }
  checkShell(context);
  checkFailures(context);
  checkTests(context);
}

function checkShell({ buildspec, tell }: Context): void {
  if (buildspec.env?.shell !== 'bash')
    tell('buildspec', ['env', 'shell'], 'make the shell bash: that is the one in which the build is tested');
  for (const [name, value] of Object.entries(buildspec.env?.variables ?? {})) {
    if (name === 'PUBLIC_IMAGES' && value !== 'public.ecr.aws/docker/library')
      tell(
        'buildspec',
        ['env', 'variables', name],
        `make it public.ecr.aws/docker/library, where the official images are: it is ${String(value)}`,
      );
    if (/^(AWS_|CODEBUILD_)|SECRET|TOKEN|PASSWORD/.test(name))
      tell(
        'buildspec',
        ['env', 'variables', name],
        `remove ${name}: the build has the rights of its role, and everybody with the source reads this file`,
      );
  }
}

function checkFailures({ buildspec, tell }: Context): void {
  for (const phase of PHASES) {
    const given = buildspec.phases[phase];
    if (given && given['on-failure'] !== 'ABORT')
      tell(
        'buildspec',
        ['phases', phase, 'on-failure'],
        `make on-failure of ${phase} ABORT: the build must stop at the first failure`,
      );
  }
}

function checkTests(context: Context): void {
  const { project, buildspec, tell, tellLine } = context;
  const [, command] = /^(npm \S+) +# .*\btests\b/m.exec(project.texts.readme) ?? [];
  if (!command)
    return tellLine(
      'readme',
      lineOf(project.texts.readme, '## Two commands'),
      'name the command that runs all tests: npm cit  # … tests …',
    );
  if (!commandsOf(buildspec).some(({ text, last }) => text === command && !last))
    tell('buildspec', ['phases'], `run ${command}, the test command of ${FILES.readme}:${lineOf(project.texts.readme, command)}`);
}
