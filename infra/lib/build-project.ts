import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Place } from './option-reader.ts';
import { allow, arnOf, serviceFor } from './roles.ts';
import type { Store } from './store.ts';

export interface ProjectSettings {
  name: string;
  logGroup: string;
  description: string;
  buildSpec: codebuild.BuildSpec;
  minutes: number;
  computeType: codebuild.ComputeType;
  /** Runs containers. */
  privileged?: boolean;
  /** Plain variables, and secrets: variable → name of the secret. */
  variables: Record<string, string>;
  secrets?: Record<string, string>;
  statements: iam.PolicyStatement[];
  /** False if the action hands nothing on. */
  outputs?: boolean;
  store: Store;
  /** Where the project itself is. */
  place: Place | null;
  network?: { vpc: ec2.IVpc; securityGroup: ec2.ISecurityGroup };
}

/** A project of CodeBuild for the pipeline, on ARM, with a log and a role of its own. */
export class BuildProject extends Construct {
  readonly project: codebuild.PipelineProject;

  constructor(scope: Construct, id: string, settings: ProjectSettings) {
    super(scope, id);
    const { name, description, buildSpec, minutes, computeType, privileged = false, variables, secrets = {}, network } = settings;
    const log = new logs.LogGroup(this, 'Log', {
      logGroupName: settings.logGroup,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, 'Role', {
      description,
      assumedBy: serviceFor('codebuild', arnOf('codebuild', `project/${name}`)),
    });
    const policy = new iam.Policy(this, 'Policy', { roles: [role], statements: this.statements(settings, log) });
    const plain = Object.entries(variables).map(([variable, value]) => [variable, { value }]);
    const sealed = Object.entries(secrets).map(([variable, value]) => [
      variable,
      { value, type: codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER },
    ]);
    this.project = new codebuild.PipelineProject(this, 'Project', {
      projectName: name,
      description,
      buildSpec,
      timeout: Duration.minutes(minutes),
      role: role.withoutPolicyUpdates(),
      environment: { buildImage: codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0, computeType, privileged },
      environmentVariables: Object.fromEntries([...plain, ...sealed]) as Record<string, codebuild.BuildEnvironmentVariable>,
      logging: { cloudWatch: { logGroup: log } },
      grantReportGroupPermissions: false,
    });
    this.project.node.addDependency(policy);
    const resource = this.project.node.defaultChild as codebuild.CfnProject;
    // The library would add a policy of its own.
    if (network) resource.vpcConfig = placeIn(network);
    // The library only takes a key's own ARN.
    const key = settings.store.keyAlias(settings.place?.region);
    if (key) resource.encryptionKey = key;
  }

  private statements({ statements, outputs = true, store, place, secrets = {}, network }: ProjectSettings, log: logs.ILogGroup) {
    const named = Object.values(secrets).map((secret) => arnOf('secretsmanager', `secret:${secret}-??????`));
    return [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [log.logGroupArn]),
      ...store.artifactStatements(place, ['s3:GetObject', 's3:GetObjectVersion', ...(outputs ? ['s3:PutObject'] : [])]),
      ...(named.length > 0 ? [allow(['secretsmanager:GetSecretValue'], named)] : []),
      ...(network ? networkStatements(network.vpc) : []),
      ...statements,
    ];
  }
}

function placeIn({ vpc, securityGroup }: NonNullable<ProjectSettings['network']>): codebuild.CfnProject.VpcConfigProperty {
  return {
    vpcId: vpc.vpcId,
    subnets: vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnetIds,
    securityGroupIds: [securityGroup.securityGroupId],
  };
}

/** What CodeBuild needs for its interface in a VPC, as its guide has it; EC2 knows no narrower resource for the first ones. */
function networkStatements(vpc: ec2.IVpc): iam.PolicyStatement[] {
  const subnets = vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnetIds;
  return [
    allow(
      [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeDhcpOptions',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
      ],
      ['*'],
    ),
    allow(['ec2:CreateNetworkInterfacePermission'], [arnOf('ec2', 'network-interface/*')], {
      StringEquals: {
        'ec2:Subnet': subnets.map((subnet) => `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:${Aws.ACCOUNT_ID}:subnet/${subnet}`),
        'ec2:AuthorizedService': 'codebuild.amazonaws.com',
      },
    }),
  ];
}
