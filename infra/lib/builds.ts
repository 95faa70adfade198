import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { MIGRATION_LIMIT_MINUTES, migrateScript } from './migrate-buildspec.ts';
import type { Network } from './network.ts';
import type { Registry } from './registry.ts';
import { allow, arnOf, passTaskRoles, type TaskRoles } from './roles.ts';
import { buildVariables, container, logs as logSettings, NAME, pipeline } from './settings.ts';

export interface BuildParts {
  artifacts: s3.IBucket;
  registry: Registry;
  roles: TaskRoles;
  network: Network;
  logGroup: logs.ILogGroup;
  migrationUrlArn: string;
  /** Values of the build variables. */
  variables: Record<keyof typeof buildVariables, string>;
}

interface ProjectSettings {
  name: string;
  description: string;
  buildSpec: codebuild.BuildSpec;
  timeout: Duration;
  computeType: codebuild.ComputeType;
  /** Runs containers. */
  privileged: boolean;
  variables: Record<string, string>;
  statements: iam.PolicyStatement[];
}

/** The two projects that the pipeline runs: build and test, and migrate. */
export class Builds extends Construct {
  readonly build: codebuild.PipelineProject;
  readonly migrate: codebuild.PipelineProject;

  constructor(scope: Construct, id: string, parts: BuildParts) {
    super(scope, id);
    this.build = this.project('Build', parts, {
      name: `${NAME}-build`,
      description: 'Tests, builds and pushes the image, and fills in what is deployed',
      buildSpec: codebuild.BuildSpec.fromSourceFilename(pipeline.buildSpecFile),
      timeout: Duration.minutes(60),
      computeType: codebuild.ComputeType.LARGE,
      privileged: true,
      variables: parts.variables,
      statements: buildStatements(parts.registry),
    });
    this.migrate = this.project('Migrate', parts, {
      name: `${NAME}-migrate`,
      description: "Runs the release's migrations once, in a task of its own",
      buildSpec: codebuild.BuildSpec.fromObjectToYaml({
        version: '0.2',
        env: { shell: 'bash' },
        phases: { build: { commands: [MIGRATE_ENVIRONMENT, `(\n${migrateScript()})`] } },
      }),
      timeout: Duration.minutes(MIGRATION_LIMIT_MINUTES),
      computeType: codebuild.ComputeType.SMALL,
      privileged: false,
      variables: {
        NETWORK: networkOf(parts.network),
        MIGRATION_URL_SECRET_ARN: parts.migrationUrlArn,
        LOG_GROUP: logSettings.group,
        LOG_PREFIX: logSettings.streamPrefix,
      },
      statements: migrateStatements(parts),
    });
  }

  private project(id: string, { artifacts }: BuildParts, settings: ProjectSettings): codebuild.PipelineProject {
    const { name, description, buildSpec, timeout, computeType, privileged, variables, statements } = settings;
    const log = new logs.LogGroup(this, `${id}Log`, {
      logGroupName: `/${NAME}/${id.toLowerCase()}`,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, `${id}Role`, { description, assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
    const own = [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [log.logGroupArn]),
      allow(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], [artifacts.arnForObjects('*')]),
      allow(['s3:GetBucketLocation', 's3:GetBucketAcl'], [artifacts.bucketArn]),
    ];
    const policy = new iam.Policy(this, `${id}Policy`, { roles: [role], statements: [...own, ...statements] });
    const project = new codebuild.PipelineProject(this, id, {
      projectName: name,
      description,
      buildSpec,
      timeout,
      role: role.withoutPolicyUpdates(),
      environment: { buildImage: codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0, computeType, privileged },
      environmentVariables: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, { value }])),
      logging: { cloudWatch: { logGroup: log } },
      grantReportGroupPermissions: false,
    });
    project.node.addDependency(policy);
    return project;
  }
}

/** Where the two input artifacts are: the first is the source, the second named after itself. */
const MIGRATE_ENVIRONMENT = `export SPEC_DIR=$CODEBUILD_SRC_DIR IMAGE_DIR=$CODEBUILD_SRC_DIR_${pipeline.imageArtifact}`;

function buildStatements({ images, cache }: Registry): iam.PolicyStatement[] {
  return [
    allow(['ecr:GetAuthorizationToken'], ['*']),
    allow(
      [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImages',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      [images.repositoryArn, cache.repositoryArn],
    ),
    allow(
      [
        'codebuild:CreateReportGroup',
        'codebuild:CreateReport',
        'codebuild:UpdateReport',
        'codebuild:BatchPutTestCases',
        'codebuild:BatchPutCodeCoverages',
      ],
      [arnOf('codebuild', `report-group/${NAME}-build-*`)],
    ),
  ];
}

function migrateStatements({ roles, logGroup }: BuildParts): iam.PolicyStatement[] {
  const definitions = arnOf('ecs', `task-definition/${container.migrateFamily}:*`);
  const inCluster = { ArnEquals: { 'ecs:cluster': arnOf('ecs', `cluster/${NAME}`) } };
  return [
    allow(['ecs:RegisterTaskDefinition'], [definitions]),
    allow(['ecs:RunTask'], [definitions], inCluster),
    allow(['ecs:DescribeTasks'], [arnOf('ecs', `task/${NAME}/*`)], inCluster),
    allow(
      ['logs:GetLogEvents'],
      [`arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:${logGroup.logGroupName}:log-stream:*`],
    ),
    passTaskRoles(roles),
  ];
}

function networkOf({ vpc, task }: Network): string {
  const subnets = Fn.join('","', vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnetIds);
  return `{"awsvpcConfiguration":{"subnets":["${subnets}"],"securityGroups":["${task.securityGroupId}"],"assignPublicIp":"DISABLED"}}`;
}
