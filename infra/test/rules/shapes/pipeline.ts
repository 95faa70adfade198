import type { EnvironmentOptions } from '../../../lib/environment-options.ts';
import { because } from '../shape.ts';
import type { Unit } from '../unit.ts';
import { keyOf } from './builds.ts';
import type { Shapes } from './shape-of.ts';

const TOPIC = '${PipelineNotificationsTopic}';
const CHANGED = '#{Plan.STACKS_CHANGED}';

const type = (Category: string, Provider: string) => ({ Category, Owner: 'AWS', Provider, Version: '1' });
const artifacts = (...names: string[]) => names.map((Name) => ({ Name }));

export function pipelineShapes(it: Unit): Shapes {
  const { options, name } = it;
  return {
    ...(options.connectionArn
      ? {}
      : {
          PipelineConnection: {
            file: 'lib/pipeline.ts',
            type: 'AWS::CodeConnections::Connection',
            why: 'A person approves it once',
            properties: { ConnectionName: name, ProviderType: 'GitHub' },
          },
        }),
    Pipeline: {
      file: 'lib/pipeline.ts and lib/pipeline-actions.ts',
      type: 'AWS::CodePipeline::Pipeline',
      why: 'What is released is what was built, tested, planned and migrated, in this order',
      properties: {
        Name: name,
        PipelineType: because('Triggers, queues and conditions are only in V2', 'V2'),
        ExecutionMode: because('SUPERSEDED would skip a release half way, PARALLEL run two migrations at once', 'QUEUED'),
        RestartExecutionOnUpdate: because('The pipeline changes itself: it would start over without end', false),
        RoleArn: '${PipelineRole.Arn}',
        Triggers: [
          {
            ProviderType: 'CodeStarSourceConnection',
            GitConfiguration: {
              SourceActionName: because('The source action of this name', 'Source'),
              Push: because('Without the branch each push of any branch is released', [
                { Branches: { Includes: [options.branch] } },
              ]),
            },
          },
        ],
        ...stores(it),
        Stages: stages(it),
      },
    },
  };
}

function stores(it: Unit): Record<string, unknown> {
  const { options, name, account } = it;
  const regions = [...new Set([options.place, ...options.environments.map(({ place }) => place)].map((place) => place?.region))];
  const store = (region: string) => {
    const key = keyOf({ ...it, region });
    return {
      Type: 'S3',
      Location: `${name}-artifacts-${account}-${region}`,
      EncryptionKey: key.startsWith('arn:') ? { Type: 'KMS', Id: key } : undefined,
    };
  };
  if (regions.length === 1) return { ArtifactStore: store(it.region) };
  return { ArtifactStores: regions.map((region) => ({ Region: region, ArtifactStore: store(region!) })) };
}

function stages({ options, name }: Unit): unknown[] {
  const regions = new Set([options.place, ...options.environments.map(({ place }) => place)].map((place) => place?.region));
  const extra = [...regions].filter((region) => region !== options.place?.region).map((region) => `${name}-artifacts-${region}`);
  const own = [...(options.kept ? [] : [`${name}-registry`]), `${name}-artifacts`, ...extra, `${name}-pipeline`];
  return [
    { Name: 'Source', Actions: [source(options)] },
    {
      Name: 'Build',
      Actions: [
        {
          Name: 'Build',
          ActionTypeId: type('Build', 'CodeBuild'),
          Configuration: { ProjectName: '${BuildsBuildProject}' },
          InputArtifacts: artifacts('SourceArtifact'),
          OutputArtifacts: artifacts('SpecArtifact', 'ImageArtifact', 'SupplyArtifact'),
        },
        {
          Name: 'Plan',
          Namespace: because('Later stages read its variables under this name', 'Plan'),
          ActionTypeId: type('Build', 'CodeBuild'),
          Configuration: { ProjectName: '${BuildsPlanProject}' },
          InputArtifacts: artifacts('SourceArtifact'),
          OutputArtifacts: artifacts('StacksArtifact'),
        },
      ],
    },
    ...(options.approveInfrastructure ? [stacksApproval()] : []),
    ...options.environments.flatMap((environment) => [
      ...(environment.approval ? [approval(environment.name)] : []),
      { Name: environment.name, Actions: environmentActions(environment, options.place?.region) },
    ]),
    { Name: 'Pipeline', Actions: [stacks(own)] },
  ];
}

function source({ connectionArn, repository, branch }: Unit['options']): unknown {
  return {
    Name: 'Source',
    ActionTypeId: type('Source', 'CodeStarSourceConnection'),
    Configuration: {
      ConnectionArn: connectionArn ?? '${PipelineConnection.ConnectionArn}',
      FullRepositoryId: repository,
      BranchName: branch,
      DetectChanges: because('Without it no push starts a release', true),
      OutputArtifactFormat: 'CODE_ZIP',
    },
    OutputArtifacts: artifacts('SourceArtifact'),
  };
}

function stacksApproval(): unknown {
  const rule = {
    Name: 'StacksChange',
    RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'VariableCheck', Version: '1' },
    Configuration: because('It asks a person when the number of changed stacks is not 0', {
      Variable: CHANGED,
      Operator: 'NE',
      Value: '0',
    }),
  };
  const text = `${CHANGED} stacks of the infrastructure would change: read the difference at the end of the log. Without an answer this fails after 7 days.`;
  return {
    Name: 'ApproveInfrastructure',
    BeforeEntry: { Conditions: [{ Result: because('Nothing to approve is no failure', 'SKIP'), Rules: [rule] }] },
    Actions: [approve({ CustomData: text, ExternalEntityLink: '#{Plan.CODEBUILD_BUILD_URL}' })],
  };
}

function approval(name: string): unknown {
  const text = `The image is built and tested, and the environments before ${name} have it. Approve to release it to ${name}; without an answer this fails after 7 days.`;
  return { Name: `Approve-${name}`, Actions: [approve({ CustomData: text })] };
}

function approve(more: object): unknown {
  return {
    Name: 'Approve',
    ActionTypeId: type('Approval', 'Manual'),
    Configuration: { NotificationArn: because('An approval of which nobody hears fails after a week', TOPIC), ...more },
  };
}

function stacks(names: string[], RunOrder = 1): unknown {
  return {
    Name: 'Infrastructure',
    RunOrder,
    ActionTypeId: type('Build', 'CodeBuild'),
    Configuration: {
      ProjectName: '${BuildsInfrastructureProject}',
      EnvironmentVariables: JSON.stringify([{ name: 'STACKS', value: names.join(' '), type: 'PLAINTEXT' }]),
    },
    InputArtifacts: artifacts('StacksArtifact'),
  };
}

function environmentActions({ name, place, verify }: EnvironmentOptions, home: string | undefined): unknown[] {
  const role = `arn:\${Partition}:iam::${place?.account ?? '${AccountId}'}:role/${name}-deploy-${place?.region ?? '${Region}'}`;
  const there = {
    RoleArn: because("In an environment the pipeline acts as the environment's own role", role),
    Region: place && place.region !== home ? place.region : undefined,
  };
  const release = `Release-${name}`;
  const order = 'Stacks first, then the migration, then the release, then its tests';
  return [
    stacks([`${name}-data`, `${name}-service`]),
    {
      Name: 'Migrate',
      ...there,
      RunOrder: because(order, 2),
      ActionTypeId: type('Build', 'CodeBuild'),
      Configuration: {
        ProjectName: `${name}-migrate`,
        PrimarySource: because('The buildspec finds taskdef.json in the folder of the primary source', 'SpecArtifact'),
      },
      InputArtifacts: artifacts('SpecArtifact', 'ImageArtifact'),
      OutputArtifacts: artifacts(release),
    },
    { ...deploy(name, release), ...there, RunOrder: because(order, 3) },
    ...(verify
      ? [
          {
            Name: 'Verify',
            ...there,
            RunOrder: because(order, 4),
            ActionTypeId: type('Test', 'CodeBuild'),
            Configuration: { ProjectName: `${name}-verify` },
            InputArtifacts: artifacts('SourceArtifact'),
          },
        ]
      : []),
  ];
}

function deploy(name: string, release: string): object {
  return {
    Name: 'Deploy',
    ActionTypeId: type('Deploy', 'CodeDeployToECS'),
    Configuration: {
      ApplicationName: name,
      DeploymentGroupName: name,
      TaskDefinitionTemplateArtifact: because(
        'The filled-in files are in the artifact of the migration, not in the source',
        release,
      ),
      TaskDefinitionTemplatePath: 'taskdef.json',
      AppSpecTemplateArtifact: release,
      AppSpecTemplatePath: 'appspec.yaml',
      Image1ArtifactName: because('imageDetail.json is there', 'ImageArtifact'),
      Image1ContainerName: because('The placeholder of taskdef.json, without its brackets', 'IMAGE1_NAME'),
    },
    InputArtifacts: artifacts(release, 'ImageArtifact'),
  };
}
