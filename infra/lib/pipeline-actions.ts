import { Fn } from 'aws-cdk-lib';
import type * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import { Aws } from 'aws-cdk-lib';
import { deployRoleName } from './deployment.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import type { Options } from './options.ts';
import { namesOf, pipeline as settings } from './settings.ts';
import type { Store } from './store.ts';

export type Action = codepipeline.CfnPipeline.ActionDeclarationProperty;
export type Stage = codepipeline.CfnPipeline.StageDeclarationProperty;

const type = (category: string, provider: string) => ({ category, provider, owner: 'AWS', version: '1' });
const named = (...names: string[]) => names.map((name) => ({ name }));

export function sourceAction({ repository, branch }: Options, connectionArn: string): Action {
  return {
    name: 'Source',
    actionTypeId: type('Source', 'CodeStarSourceConnection'),
    configuration: {
      ConnectionArn: connectionArn,
      FullRepositoryId: repository,
      BranchName: branch,
      DetectChanges: true,
      OutputArtifactFormat: 'CODE_ZIP',
    },
    outputArtifacts: named(settings.sourceArtifact),
  };
}

export function buildAction(projectName: string): Action {
  return {
    name: 'Build',
    actionTypeId: type('Build', 'CodeBuild'),
    configuration: { ProjectName: projectName },
    inputArtifacts: named(settings.sourceArtifact),
    outputArtifacts: named(settings.specArtifact, settings.imageArtifact, settings.supplyArtifact),
  };
}

/** Synthesizes the stacks and shows what would change; its variables are read by later stages in this namespace. */
export const PLAN_NAMESPACE = 'Plan';

export function planAction(projectName: string): Action {
  return {
    name: 'Plan',
    namespace: PLAN_NAMESPACE,
    actionTypeId: type('Build', 'CodeBuild'),
    configuration: { ProjectName: projectName },
    inputArtifacts: named(settings.sourceArtifact),
    outputArtifacts: named(settings.stacksArtifact),
  };
}

/** Deploys stacks as they were planned. */
export function stacksAction(projectName: string, stacks: string[], runOrder = 1): Action {
  return {
    name: 'Infrastructure',
    runOrder,
    actionTypeId: type('Build', 'CodeBuild'),
    configuration: {
      ProjectName: projectName,
      EnvironmentVariables: JSON.stringify([{ name: 'STACKS', value: stacks.join(' '), type: 'PLAINTEXT' }]),
    },
    inputArtifacts: named(settings.stacksArtifact),
  };
}

export function approvalAction(topicArn: string, text: string, link?: string): Action {
  return {
    name: 'Approve',
    actionTypeId: type('Approval', 'Manual'),
    configuration: { NotificationArn: topicArn, CustomData: text, ...(link ? { ExternalEntityLink: link } : {}) },
  };
}

/**
 * How a release comes to an environment: its stacks, then files filled in and database migrated, then CodeDeploy, then the end-to-end
 * tests if it has them. All but the first run as the environment's own role, in its account and region.
 */
export function environmentActions(options: EnvironmentOptions, store: Store, stacksProject: string): Action[] {
  const names = namesOf(options.name);
  const { place } = options;
  const there = {
    roleArn: Fn.join('', [`arn:${Aws.PARTITION}:iam::${place?.account ?? Aws.ACCOUNT_ID}:role/`, deployRoleName(names, options)]),
    ...(place && place.region !== store.place?.region ? { region: place.region } : {}),
  };
  const release = releaseArtifact(options.name);
  const actions: Action[] = [
    stacksAction(stacksProject, [names.stacks.data, names.stacks.service]),
    {
      name: 'Migrate',
      ...there,
      actionTypeId: type('Build', 'CodeBuild'),
      configuration: { ProjectName: names.builds.migrate.name, PrimarySource: settings.specArtifact },
      inputArtifacts: named(settings.specArtifact, settings.imageArtifact),
      outputArtifacts: named(release),
    },
    { ...deployAction(names.name, release), ...there },
    {
      name: 'Verify',
      ...there,
      actionTypeId: type('Test', 'CodeBuild'),
      configuration: { ProjectName: names.builds.verify.name },
      inputArtifacts: named(settings.sourceArtifact),
    },
  ];
  return actions.filter(({ name }) => name !== 'Verify' || options.verify).map((action, at) => ({ ...action, runOrder: at + 1 }));
}

/** taskdef.json and appspec.yaml, filled in for an environment. */
function releaseArtifact(environment: string): string {
  return `Release-${environment}`;
}

function deployAction(name: string, release: string): Action {
  return {
    name: 'Deploy',
    actionTypeId: type('Deploy', 'CodeDeployToECS'),
    configuration: {
      ApplicationName: name,
      DeploymentGroupName: name,
      TaskDefinitionTemplateArtifact: release,
      TaskDefinitionTemplatePath: settings.taskDefinitionFile,
      AppSpecTemplateArtifact: release,
      AppSpecTemplatePath: settings.appSpecFile,
      Image1ArtifactName: settings.imageArtifact,
      Image1ContainerName: settings.imagePlaceholder,
    },
    inputArtifacts: named(release, settings.imageArtifact),
  };
}
