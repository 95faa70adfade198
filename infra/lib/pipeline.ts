import * as codeconnections from 'aws-cdk-lib/aws-codeconnections';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Builds } from './builds.ts';
import type { Options } from './options.ts';
import { allow, arnOf, passTaskRoles, type TaskRoles } from './roles.ts';
import { container, NAME, pipeline as settings } from './settings.ts';

export interface PipelineParts {
  options: Options;
  artifacts: s3.IBucket;
  builds: Builds;
  roles: TaskRoles;
  /** Who is told that an approval is due. */
  topic: sns.ITopic;
}

type Action = codepipeline.CfnPipeline.ActionDeclarationProperty;

/** From a push to CodeDeploy: source, build and test, migrate, deploy. One execution after the other, none is skipped half way. */
export class Pipeline extends Construct {
  readonly pipeline: codepipeline.CfnPipeline;
  readonly connectionArn: string;

  constructor(scope: Construct, id: string, parts: PipelineParts) {
    super(scope, id);
    const { options, artifacts, builds, topic } = parts;
    this.connectionArn = options.connectionArn ?? this.connection().attrConnectionArn;
    const role = new iam.Role(this, 'Role', {
      description: 'Pipeline: from a push to CodeDeploy',
      assumedBy: new iam.ServicePrincipal('codepipeline.amazonaws.com'),
    });
    const policy = new iam.Policy(this, 'Policy', { roles: [role], statements: statements(parts, this.connectionArn) });
    this.pipeline = new codepipeline.CfnPipeline(this, 'Pipeline', {
      name: NAME,
      pipelineType: 'V2',
      executionMode: 'QUEUED',
      roleArn: role.roleArn,
      artifactStore: { type: 'S3', location: artifacts.bucketName },
      restartExecutionOnUpdate: false,
      triggers: [
        {
          providerType: 'CodeStarSourceConnection',
          gitConfiguration: { sourceActionName: 'Source', push: [{ branches: { includes: [options.branch] } }] },
        },
      ],
      stages: [
        { name: 'Source', actions: [sourceAction(options, this.connectionArn)] },
        { name: 'Build', actions: [buildAction(builds.build.projectName)] },
        { name: 'Migrate', actions: [migrateAction(builds.migrate.projectName)] },
        ...(options.approval ? [{ name: 'Approve', actions: [approvalAction(topic)] }] : []),
        { name: 'Deploy', actions: [DEPLOYMENT] },
      ],
    });
    this.pipeline.node.addDependency(policy);
  }

  private connection(): codeconnections.CfnConnection {
    return new codeconnections.CfnConnection(this, 'Connection', { connectionName: NAME, providerType: 'GitHub' });
  }
}

const action = (category: string, provider: string, owner = 'AWS') => ({ category, provider, owner, version: '1' });

function sourceAction({ repository, branch }: Options, connectionArn: string): Action {
  return {
    name: 'Source',
    actionTypeId: action('Source', 'CodeStarSourceConnection'),
    configuration: {
      ConnectionArn: connectionArn,
      FullRepositoryId: repository,
      BranchName: branch,
      DetectChanges: true,
      OutputArtifactFormat: 'CODE_ZIP',
    },
    outputArtifacts: [{ name: settings.sourceArtifact }],
  };
}

function buildAction(projectName: string): Action {
  return {
    name: 'Build',
    actionTypeId: action('Build', 'CodeBuild'),
    configuration: { ProjectName: projectName },
    inputArtifacts: [{ name: settings.sourceArtifact }],
    outputArtifacts: [{ name: settings.specArtifact }, { name: settings.imageArtifact }],
  };
}

function migrateAction(projectName: string): Action {
  return {
    name: 'Migrate',
    actionTypeId: action('Build', 'CodeBuild'),
    configuration: { ProjectName: projectName, PrimarySource: settings.specArtifact },
    inputArtifacts: [{ name: settings.specArtifact }, { name: settings.imageArtifact }],
  };
}

function approvalAction(topic: sns.ITopic): Action {
  return {
    name: 'Approve',
    actionTypeId: action('Approval', 'Manual'),
    configuration: {
      NotificationArn: topic.topicArn,
      CustomData:
        'The image is built and tested, and its migrations have run. Approve to deploy it; without an answer it fails after 7 days.',
    },
  };
}

const DEPLOYMENT: Action = {
  name: 'Deploy',
  actionTypeId: action('Deploy', 'CodeDeployToECS'),
  configuration: {
    ApplicationName: NAME,
    DeploymentGroupName: NAME,
    TaskDefinitionTemplateArtifact: settings.specArtifact,
    TaskDefinitionTemplatePath: settings.taskDefinitionFile,
    AppSpecTemplateArtifact: settings.specArtifact,
    AppSpecTemplatePath: settings.appSpecFile,
    Image1ArtifactName: settings.imageArtifact,
    Image1ContainerName: settings.imagePlaceholder,
  },
  inputArtifacts: [{ name: settings.specArtifact }, { name: settings.imageArtifact }],
};

function statements({ options, artifacts, builds, roles, topic }: PipelineParts, connectionArn: string): iam.PolicyStatement[] {
  const application = arnOf('codedeploy', `application:${NAME}`);
  return [
    // The connection uploads the source with an ACL that gives it to the bucket's owner.
    allow(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:PutObjectAcl'], [artifacts.arnForObjects('*')]),
    allow(['s3:GetBucketVersioning', 's3:GetBucketLocation', 's3:GetBucketAcl'], [artifacts.bucketArn]),
    allow(['codeconnections:UseConnection', 'codestar-connections:UseConnection'], [connectionArn]),
    allow(
      ['codebuild:StartBuild', 'codebuild:BatchGetBuilds', 'codebuild:StopBuild'],
      [builds.build.projectArn, builds.migrate.projectArn],
    ),
    allow(
      ['codedeploy:GetApplication', 'codedeploy:GetApplicationRevision', 'codedeploy:RegisterApplicationRevision'],
      [application],
    ),
    allow(
      ['codedeploy:CreateDeployment', 'codedeploy:GetDeployment', 'codedeploy:StopDeployment'],
      [arnOf('codedeploy', `deploymentgroup:${NAME}/${NAME}`)],
    ),
    allow(['codedeploy:GetDeploymentConfig'], [arnOf('codedeploy', `deploymentconfig:${options.deploymentConfig}`)]),
    allow(['ecs:RegisterTaskDefinition'], [arnOf('ecs', `task-definition/${container.family}:*`)]),
    passTaskRoles(roles),
    ...(options.approval ? [allow(['sns:Publish'], [topic.topicArn])] : []),
  ];
}
