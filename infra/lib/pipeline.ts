import { Aws } from 'aws-cdk-lib';
import * as codeconnections from 'aws-cdk-lib/aws-codeconnections';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Builds } from './builds.ts';
import { deployRoleName, pipelineRoleName } from './deployment.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import { PLAN_VARIABLES } from './infrastructure-buildspec.ts';
import { regionsOf, type Options } from './options.ts';
import {
  approvalAction,
  buildAction,
  environmentActions,
  PLAN_NAMESPACE,
  planAction,
  sourceAction,
  stacksAction,
  type Stage,
} from './pipeline-actions.ts';
import { allow } from './roles.ts';
import { namesOf, type Names } from './settings.ts';
import type { Store } from './store.ts';

export interface PipelineParts {
  names: Names;
  options: Options;
  store: Store;
  builds: Builds;
  /** Who is told that an approval is due. */
  topic: sns.ITopic;
  /** The stacks of the pipeline itself. */
  ownStacks: string[];
}

/**
 * From a push through all environments: source, build and plan, then for each environment its stacks, the migration, CodeDeploy and
 * the tests. One execution after the other, none is skipped half way. The pipeline changes itself last: the next execution is by the
 * new one.
 */
export class Pipeline extends Construct {
  readonly connectionArn: string;

  constructor(scope: Construct, id: string, parts: PipelineParts) {
    super(scope, id);
    const { names, options, store } = parts;
    this.connectionArn = options.connectionArn ?? this.connection(names.name).attrConnectionArn;
    const role = new iam.Role(this, 'Role', {
      roleName: pipelineRoleName(store),
      description: 'Pipeline: from a push to the last environment',
      assumedBy: new iam.ServicePrincipal('codepipeline.amazonaws.com'),
    });
    const policy = new iam.Policy(this, 'Policy', { roles: [role], statements: statements(parts, this.connectionArn) });
    const pipeline = new codepipeline.CfnPipeline(this, 'Pipeline', {
      name: names.name,
      pipelineType: 'V2',
      executionMode: 'QUEUED',
      roleArn: role.roleArn,
      ...artifactStores(parts),
      restartExecutionOnUpdate: false,
      triggers: [
        {
          providerType: 'CodeStarSourceConnection',
          gitConfiguration: { sourceActionName: 'Source', push: [{ branches: { includes: [options.branch] } }] },
        },
      ],
      stages: stages(parts, this.connectionArn),
    });
    pipeline.node.addDependency(policy);
  }

  private connection(connectionName: string): codeconnections.CfnConnection {
    return new codeconnections.CfnConnection(this, 'Connection', { connectionName, providerType: 'GitHub' });
  }
}

function stages({ options, store, builds, topic, ownStacks }: PipelineParts, connectionArn: string): Stage[] {
  const stacksProject = builds.infrastructure.projectName;
  return [
    { name: 'Source', actions: [sourceAction(options, connectionArn)] },
    { name: 'Build', actions: [buildAction(builds.build.projectName), planAction(builds.plan.projectName)] },
    ...(options.approveInfrastructure ? [stacksApproval(topic)] : []),
    ...options.environments.flatMap((environment) => [
      ...(environment.approval ? [releaseApproval(environment, topic)] : []),
      { name: environment.name, actions: environmentActions(environment, store, stacksProject) },
    ]),
    { name: 'Pipeline', actions: [stacksAction(stacksProject, ownStacks)] },
  ];
}

/** Skipped when no stack would change. The mail has the number and the link; the log behind it has every difference. */
function stacksApproval(topic: sns.ITopic): Stage {
  const changes = `#{${PLAN_NAMESPACE}.${PLAN_VARIABLES.changes}}`;
  return {
    name: 'ApproveInfrastructure',
    beforeEntry: {
      conditions: [
        {
          result: 'SKIP',
          rules: [
            {
              name: 'StacksChange',
              ruleTypeId: { category: 'Rule', owner: 'AWS', provider: 'VariableCheck', version: '1' },
              configuration: { Variable: changes, Operator: 'NE', Value: '0' },
            },
          ],
        },
      ],
    },
    actions: [
      approvalAction(
        topic.topicArn,
        `${changes} stacks of the infrastructure would change: read the difference at the end of the log. Without an answer this fails after 7 days.`,
        `#{${PLAN_NAMESPACE}.${PLAN_VARIABLES.log}}`,
      ),
    ],
  };
}

function releaseApproval({ name }: EnvironmentOptions, topic: sns.ITopic): Stage {
  const text = `The image is built and tested, and the environments before ${name} have it. Approve to release it to ${name}; without an answer this fails after 7 days.`;
  return { name: `Approve-${name}`, actions: [approvalAction(topic.topicArn, text)] };
}

/** A bucket for each region in which an action runs. */
function artifactStores({ options, store }: PipelineParts): Partial<codepipeline.CfnPipelineProps> {
  const regions = regionsOf(options);
  const artifactStore = (region: string | undefined) => {
    const key = store.keyAlias(region);
    return { type: 'S3', location: store.bucketName(region), ...(key ? { encryptionKey: { type: 'KMS', id: key } } : {}) };
  };
  if (regions.length === 1) return { artifactStore: artifactStore(regions[0]) };
  return { artifactStores: regions.map((region) => ({ region: region!, artifactStore: artifactStore(region) })) };
}

function statements({ options, store, builds, topic }: PipelineParts, connectionArn: string): iam.PolicyStatement[] {
  const { environments } = options;
  const deployRoles = environments.map(
    (environment) =>
      `arn:${Aws.PARTITION}:iam::${environment.place?.account ?? Aws.ACCOUNT_ID}:role/${deployRoleName(namesOf(environment.name), environment)}`,
  );
  const asksPeople = options.approveInfrastructure || environments.some(({ approval }) => approval);
  return [
    ...storeStatements(options, store),
    allow(['codeconnections:UseConnection', 'codestar-connections:UseConnection'], [connectionArn]),
    allow(
      ['codebuild:StartBuild', 'codebuild:BatchGetBuilds', 'codebuild:StopBuild'],
      [builds.build.projectArn, builds.plan.projectArn, builds.infrastructure.projectArn],
    ),
    allow(['sts:AssumeRole'], deployRoles),
    ...(asksPeople ? [allow(['sns:Publish'], [topic.topicArn])] : []),
  ];
}

/** The connection uploads the source with an ACL that gives it to the bucket's owner. */
function storeStatements(options: Options, store: Store): iam.PolicyStatement[] {
  const objects = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:PutObjectAcl'];
  const regions = regionsOf(options);
  const buckets = regions.map((region) => store.bucketArn(region));
  return [
    allow(
      objects,
      buckets.map((bucket) => `${bucket}/*`),
    ),
    allow(['s3:GetBucketVersioning', 's3:GetBucketLocation', 's3:GetBucketAcl'], buckets),
    ...store.keyStatements(regions),
  ];
}
