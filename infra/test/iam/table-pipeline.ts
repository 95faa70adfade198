import { SOURCES as S } from './sources.ts';
import { needs, type Need, type Table } from './needs.ts';
import { secret } from './table-service.ts';

const KEY = 'kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey kms:ReEncryptFrom kms:ReEncryptTo';
const OURS = 'ForAnyValue:StringEquals kms:ResourceAliases alias/{tools}-artifacts';

/** Artifacts in the bucket of one region. */
const artifacts = (by: string, source: string, objects: string, region: string): Need[] => {
  const bucket = `arn:aws:s3:::{tools}-artifacts-{toolsAccount}-${region}`;
  return [
    ...needs(by, source, [
      { actions: objects, on: `${bucket}/*` },
      { actions: 's3:GetBucketLocation s3:GetBucketAcl', on: bucket },
    ]),
    ...needs(`${by}, encrypted by our key`, S.crossAccount, [
      { actions: KEY, on: `arn:aws:kms:${region}:{toolsAccount}:key/*`, if: OURS, when: 'foreign' },
    ]),
  ];
};

const READ = 's3:GetObject s3:GetObjectVersion';
const starting = (projects: string[], when?: Need['when']): Need[] => {
  const on = projects.map((project) => `arn:aws:codebuild:{at}:project/{name}-${project}`);
  return [
    ...needs('CodePipeline: CodeBuild action', S.codeBuildAction, [
      { actions: 'codebuild:StartBuild codebuild:BatchGetBuilds', on, when },
    ]),
    ...needs('CodePipeline: CodeBuild action that is stopped', S.codeBuildStop, [{ actions: 'codebuild:StopBuild', on, when }]),
  ];
};

/** What every build needs. `outputs`: it hands something on. */
const build = (project: string, outputs: boolean, own: Need[]) => ({
  trust: [
    `codebuild.amazonaws.com may sts:AssumeRole if ArnLike aws:SourceArn arn:aws:codebuild:{at}:project/{name}-${project} & StringEquals aws:SourceAccount {account}`,
  ],
  trustSource: S.codeBuildRole,
  needs: [
    ...needs('CodeBuild: writes the log', S.codeBuildRole, [
      { actions: 'logs:CreateLogStream logs:PutLogEvents', on: `arn:aws:logs:{at}:log-group:/{name}/${project}:*` },
    ]),
    ...artifacts('CodeBuild: artifacts', S.codeBuildRole, outputs ? `${READ} s3:PutObject` : READ, '{region}'),
    ...own,
  ],
});

const cdkRole = (kind: string) => `arn:aws:iam::{place:account}:role/cdk-*-${kind}-role-{place:account}-{place:region}`;
const DEFINITIONS = 'arn:aws:ecs:{at}:task-definition/';
const IN_CLUSTER = 'ArnEquals ecs:cluster arn:aws:ecs:{at}:cluster/{name}';
const TO_TASKS = 'StringEquals iam:PassedToService ecs-tasks.amazonaws.com';

const image: Need[] = [
  ...needs('buildspec.yml: docker login', S.ecrPush, [{ actions: 'ecr:GetAuthorizationToken', on: '*' }]),
  ...needs('buildspec.yml: docker login of public.ecr.aws', S.ecrPublic, [
    { actions: 'ecr-public:GetAuthorizationToken sts:GetServiceBearerToken', on: '*' },
  ]),
  ...needs('buildspec.yml: docker push', S.ecrPush, [
    {
      actions:
        'ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CompleteLayerUpload ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart',
      on: 'arn:aws:ecr:{toolsRegion}:{toolsAccount}:repository/{tools}',
    },
  ]),
  ...needs('infra/pipeline/image-before.ts: lastImage', S.call, [
    { actions: 'ecr:DescribeImages', on: 'arn:aws:ecr:{toolsRegion}:{toolsAccount}:repository/{tools}' },
  ]),
  ...needs('infra/pipeline/image-before.ts: copyApp, docker pull', S.ecrPull, [
    {
      actions: 'ecr:BatchGetImage ecr:GetDownloadUrlForLayer',
      on: 'arn:aws:ecr:{toolsRegion}:{toolsAccount}:repository/{tools}',
    },
  ]),
  ...needs('infra/pipeline/scan-gate.ts: askRegistry', S.call, [
    { actions: 'ecr:DescribeImageScanFindings', on: 'arn:aws:ecr:{toolsRegion}:{toolsAccount}:repository/{tools}' },
  ]),
  ...needs('ECR: asks Inspector for the findings, with the rights of its caller', S.inspector, [
    { actions: 'inspector2:ListFindings', on: '*' },
  ]),
  ...needs('CodeBuild: reports of buildspec.yml', S.codeBuildReports, [
    {
      actions:
        'codebuild:CreateReportGroup codebuild:CreateReport codebuild:UpdateReport codebuild:BatchPutTestCases codebuild:BatchPutCodeCoverages',
      on: 'arn:aws:codebuild:{at}:report-group/{name}-build-*',
    },
  ]),
];

const migration: Need[] = [
  ...needs('infra/lib/release-buildspec.ts: migrateScript', S.call, [
    { actions: 'ecs:RegisterTaskDefinition', on: `${DEFINITIONS}{name}-migrate:*` },
    { actions: 'ecs:RunTask', on: `${DEFINITIONS}{name}-migrate:*`, if: IN_CLUSTER },
    { actions: 'ecs:DescribeTasks', on: 'arn:aws:ecs:{at}:task/{name}/*', if: IN_CLUSTER },
    { actions: 'logs:GetLogEvents', on: 'arn:aws:logs:{at}:log-group:/{name}/app:*' },
  ]),
  ...needs('ECS: takes the execution role of the migration', S.taskRole, [
    { actions: 'iam:PassRole', on: 'role [RolesMigration]', if: TO_TASKS },
  ]),
];

const verification: Need[] = [
  ...needs('CodeBuild: TEST_JWT_SECRET', S.codeBuildSecrets, [
    { actions: 'secretsmanager:GetSecretValue', on: secret('jwt-key') },
  ]),
  ...needs('CodeBuild: its network interface', S.codeBuildVpc, [
    {
      actions:
        'ec2:DescribeDhcpOptions ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs',
      on: '*',
    },
    { actions: 'ec2:CreateNetworkInterface ec2:DeleteNetworkInterface', on: '*', wide: 'so in the guide of CodeBuild' },
    {
      actions: 'ec2:CreateNetworkInterfacePermission',
      on: 'arn:aws:ec2:{at}:network-interface/*',
      if: 'StringEquals ec2:AuthorizedService codebuild.amazonaws.com & StringEquals ec2:Subnet SUBNETS',
    },
  ]),
];

const deployment: Need[] = [
  ...artifacts('CodePipeline: artifacts of an action with a role of its own', S.crossAccount, `${READ} s3:PutObject`, '{region}'),
  ...starting(['migrate']),
  ...starting(['verify'], 'verify'),
  ...needs('CodePipeline: CodeDeployToECS action', S.codeDeployToEcs, [
    {
      actions: 'codedeploy:GetApplication codedeploy:GetApplicationRevision codedeploy:RegisterApplicationRevision',
      on: 'arn:aws:codedeploy:{at}:application:{name}',
    },
    {
      actions: 'codedeploy:CreateDeployment codedeploy:GetDeployment',
      on: 'arn:aws:codedeploy:{at}:deploymentgroup:{name}/{name}',
    },
    { actions: 'codedeploy:GetDeploymentConfig', on: 'arn:aws:codedeploy:{at}:deploymentconfig:{deploymentConfig}' },
    { actions: 'ecs:RegisterTaskDefinition', on: `${DEFINITIONS}{name}:*` },
    { actions: 'iam:PassRole', on: ['role [RolesExecution]', 'role [RolesTask]'], if: TO_TASKS },
  ]),
];

const pipeline: Need[] = [
  ...artifacts('CodePipeline: artifacts', S.pipelineRole, `${READ} s3:PutObject`, '{bucket:region}'),
  ...needs('CodePipeline: artifacts', S.pipelineRole, [
    { actions: 's3:GetBucketVersioning', on: 'arn:aws:s3:::{tools}-artifacts-{toolsAccount}-{bucket:region}' },
  ]),
  ...needs('CodePipeline: Source action, uploads with an ACL', S.putObjectAcl, [
    { actions: 's3:PutObjectAcl', on: 'arn:aws:s3:::{tools}-artifacts-{toolsAccount}-{bucket:region}/*' },
  ]),
  ...needs('CodePipeline: Source action', S.connection, [
    {
      actions: 'codeconnections:UseConnection codestar-connections:UseConnection',
      on: '{connection}',
    },
  ]),
  ...starting(['build', 'plan', 'infrastructure']),
  ...needs("CodePipeline: takes an environment's role", S.crossAccount, [
    { actions: 'sts:AssumeRole', on: 'arn:aws:iam::{each:account}:role/{each:name}-deploy-{each:region}' },
  ]),
  ...needs('CodePipeline: manual approval', S.approval, [
    { actions: 'sns:Publish', on: 'arn:aws:sns:{at}:{name}-pipeline', when: 'approval' },
  ]),
];

export const pipelines: Table = {
  'service/DeploymentMigrateRole': build('migrate', true, migration),
  'service/DeploymentVerifyRole': { ...build('verify', false, verification), when: 'verify' },
  'service/DeploymentRole': {
    trust: [
      'account {toolsAccount} may sts:AssumeRole if ArnEquals aws:PrincipalArn arn:aws:iam::{toolsAccount}:role/{tools}-pipeline-{toolsRegion}',
    ],
    trustSource: S.crossAccount,
    needs: deployment,
  },
  'pipeline/BuildsBuildRole': build('build', true, image),
  'pipeline/BuildsPlanRole': build(
    'plan',
    true,
    needs('infra/lib/infrastructure-buildspec.ts: planScript', S.cdkRoles, [
      { actions: 'sts:AssumeRole', on: cdkRole('lookup') },
    ]),
  ),
  'pipeline/BuildsInfrastructureRole': build(
    'infrastructure',
    false,
    needs('infra/lib/infrastructure-buildspec.ts: infrastructureBuildSpec', S.cdkRoles, [
      { actions: 'sts:AssumeRole', on: ['deploy', 'file-publishing', 'lookup'].map(cdkRole) },
    ]),
  ),
  'pipeline/PipelineRole': {
    trust: ['codepipeline.amazonaws.com may sts:AssumeRole'],
    trustSource: S.pipelineTrust,
    needs: pipeline,
  },
};
