import { Aws, Fn } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BuildProject } from './build-project.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import type { Network } from './network.ts';
import { MIGRATION_LIMIT_MINUTES, releaseBuildSpec } from './release-buildspec.ts';
import { allow, arnOf, logArn, passRoles, type TaskRoles } from './roles.ts';
import { logs as logSettings, type Names, type releaseVariables } from './settings.ts';
import type { Store } from './store.ts';

export interface DeploymentParts {
  names: Names;
  options: EnvironmentOptions;
  store: Store;
  network: Network;
  roles: TaskRoles;
  /** Values of the variables that are filled in. */
  variables: Record<keyof typeof releaseVariables, string>;
  /** ARNs of the secrets with the URLs that only the migration gets. */
  migrationUrls: { app: string; migration: string; admin: string };
  /** Where the API is, and the port of it. */
  url: string;
  port: number;
}

/**
 * What a pipeline finds in an environment to release to it: a project that fills in and migrates, one that runs the end-to-end tests
 * if that is wanted, and the role by which it starts both and deploys. The pipeline may be in another account.
 */
export class Deployment extends Construct {
  constructor(scope: Construct, id: string, parts: DeploymentParts) {
    super(scope, id);
    const migrate = this.migration(parts);
    const projects = parts.options.verify ? [migrate, this.verification(parts)] : [migrate];
    this.deployRole(
      parts,
      projects.map(({ project }) => project),
    );
  }

  private migration(parts: DeploymentParts): BuildProject {
    const { names, options, store, migrationUrls, roles } = parts;
    return new BuildProject(this, 'Migrate', {
      ...names.builds.migrate,
      description: "Fills in what is deployed, and runs the release's migrations once, in a task of its own",
      buildSpec: codebuild.BuildSpec.fromObjectToYaml(releaseBuildSpec(names)),
      minutes: MIGRATION_LIMIT_MINUTES,
      computeType: codebuild.ComputeType.SMALL,
      variables: {
        ...parts.variables,
        EXTRA_ENVIRONMENT: JSON.stringify(extraVariables(parts)),
        NETWORK: networkOf(parts.network),
        MIGRATION_ROLE_ARN: roles.migration.roleArn,
        DIRECT_URL_SECRET_ARN: migrationUrls.app,
        MIGRATION_URL_SECRET_ARN: migrationUrls.migration,
        ADMIN_URL_SECRET_ARN: migrationUrls.admin,
        LOG_PREFIX: logSettings.streamPrefix,
      },
      statements: migrateStatements(parts),
      store,
      place: options.place,
    });
  }

  /** Runs beside the tasks, so that they reach its receivers. */
  private verification({ names, options, store, network, url, port }: DeploymentParts): BuildProject {
    const securityGroup = new ec2.SecurityGroup(this, 'Tests', {
      vpc: network.vpc,
      description: 'End-to-end tests: webhooks in from the tasks, out to the API',
    });
    securityGroup.addIngressRule(network.task, ec2.Port.allTcp(), 'Webhooks for the tests, at whatever port they listen');
    if (options.internal) this.letIn(securityGroup, network.loadBalancer, port);
    return new BuildProject(this, 'Verify', {
      ...names.builds.verify,
      description: 'Runs the end-to-end tests against this environment',
      buildSpec: codebuild.BuildSpec.fromObjectToYaml(verifyBuildSpec()),
      minutes: 60,
      computeType: codebuild.ComputeType.LARGE,
      variables: { TEST_BASE_URL: url },
      secrets: { TEST_JWT_SECRET: names.secrets.jwtSecret },
      statements: [],
      outputs: false,
      store,
      place: options.place,
      network: { vpc: network.vpc, securityGroup },
    });
  }

  /** From outside the tests come by addresses that may call the API anyway. The rule is of this stack: the group's own knows it not. */
  private letIn(tests: ec2.ISecurityGroup, loadBalancer: ec2.ISecurityGroup, port: number): void {
    new ec2.CfnSecurityGroupIngress(this, 'TestsToApi', {
      description: 'End-to-end tests',
      groupId: loadBalancer.securityGroupId,
      sourceSecurityGroupId: tests.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
    });
  }

  private deployRole({ names, options, store, roles }: DeploymentParts, projects: codebuild.IProject[]): void {
    const pipelineRole = `arn:${Aws.PARTITION}:iam::${store.place?.account ?? Aws.ACCOUNT_ID}:role/${pipelineRoleName(store)}`;
    const role = new iam.Role(this, 'Role', {
      roleName: deployRoleName(names, options),
      description: 'What the pipeline is while it releases to this environment',
      // By a condition: the role of the pipeline may be made after this one.
      assumedBy: new iam.AccountPrincipal(store.place?.account ?? Aws.ACCOUNT_ID).withConditions({
        ArnEquals: { 'aws:PrincipalArn': pipelineRole },
      }),
    });
    const { name } = names;
    const codedeploy = (resource: string) => arnOf('codedeploy', resource);
    new iam.Policy(this, 'RolePolicy', {
      roles: [role],
      statements: [
        ...store.artifactStatements(options.place, ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject']),
        allow(
          ['codebuild:StartBuild', 'codebuild:BatchGetBuilds', 'codebuild:StopBuild'],
          projects.map(({ projectArn }) => projectArn),
        ),
        allow(
          ['codedeploy:GetApplication', 'codedeploy:GetApplicationRevision', 'codedeploy:RegisterApplicationRevision'],
          [codedeploy(`application:${name}`)],
        ),
        allow(['codedeploy:CreateDeployment', 'codedeploy:GetDeployment'], [codedeploy(`deploymentgroup:${name}/${name}`)]),
        allow(['codedeploy:GetDeploymentConfig'], [codedeploy(`deploymentconfig:${options.deploymentConfig}`)]),
        allow(['ecs:RegisterTaskDefinition'], [arnOf('ecs', `task-definition/${names.family}:*`)]),
        passRoles(roles.execution, roles.task),
      ],
    });
  }
}

export function deployRoleName({ deployRole }: Names, { place }: EnvironmentOptions): string {
  return `${deployRole}-${place?.region ?? Aws.REGION}`;
}

export function pipelineRoleName({ name, place }: Store): string {
  return `${name}-pipeline-${place?.region ?? Aws.REGION}`;
}

/** The tests' receivers have addresses of the VPC. `variables` come last, so that one of them can take the KMS key away for a while. */
function extraVariables({ options, network }: DeploymentParts): Record<string, string> {
  return {
    ...(options.verify ? { ALLOWED_SUBNETS: network.range } : {}),
    ...(options.kmsKeyArn ? { ENCRYPTION_KMS_KEY_ID: options.kmsKeyArn } : {}),
    ...options.variables,
  };
}

/** The build machine's address in the VPC, and not one of its link-local ones. Node is there for certain; `hostname -i` need not be. */
const OWN_ADDRESS =
  "Object.values(os.networkInterfaces()).flat().find(({ family, internal, address }) => family === 'IPv4' && internal === false && address.startsWith('169.254.') === false).address";

export function verifyBuildSpec() {
  return {
    version: '0.2',
    env: { shell: 'bash' },
    phases: {
      install: { 'runtime-versions': { nodejs: 24 }, commands: ['npm ci --no-audit --no-fund'] },
      build: { commands: [`export TEST_RECEIVER_HOST=$(node -p "${OWN_ADDRESS}")`, 'npm run test:remote'] },
    },
  };
}

function migrateStatements({ names, roles }: DeploymentParts): iam.PolicyStatement[] {
  const definitions = arnOf('ecs', `task-definition/${names.migrateFamily}:*`);
  const inCluster = { ArnEquals: { 'ecs:cluster': arnOf('ecs', `cluster/${names.name}`) } };
  return [
    allow(['ecs:RegisterTaskDefinition'], [definitions]),
    allow(['ecs:RunTask'], [definitions], inCluster),
    allow(['ecs:DescribeTasks'], [arnOf('ecs', `task/${names.name}/*`)], inCluster),
    allow(['logs:GetLogEvents'], [logArn(names.appLog)]),
    passRoles(roles.migration),
  ];
}

function networkOf({ vpc, task }: Network): string {
  const subnets = Fn.join('","', vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnetIds);
  return `{"awsvpcConfiguration":{"subnets":["${subnets}"],"securityGroups":["${task.securityGroupId}"],"assignPublicIp":"DISABLED"}}`;
}
