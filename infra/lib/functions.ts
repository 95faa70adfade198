import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { allow } from './roles.ts';

export interface FunctionSettings {
  /** Name of the file in hooks/ that exports `handler`. */
  file: string;
  functionName: string;
  description: string;
  timeout: Duration;
  environment: Record<string, string>;
  statements: iam.PolicyStatement[];
  network?: { vpc: ec2.IVpc; securityGroup: ec2.ISecurityGroup };
}

/** A Lambda function from hooks/, with a log and a role of its own. Nothing is bundled: the runtime brings the SDK. */
export class HookFunction extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, settings: FunctionSettings) {
    super(scope, id);
    const { file, functionName, description, timeout, environment, statements, network } = settings;
    const logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const policy = new iam.Policy(this, 'Policy', {
      roles: [role],
      statements: [
        ...statements,
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
        ...(network ? [allow(NETWORK_ACTIONS, ['*'])] : []),
      ],
    });
    this.function = new lambda.Function(this, 'Function', {
      functionName,
      description,
      code: lambda.Code.fromAsset(join(import.meta.dirname, '..', 'hooks')),
      handler: `${file}.handler`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: 256,
      timeout,
      environment,
      logGroup,
      role: role.withoutPolicyUpdates(),
      ...(network ? { vpc: network.vpc, vpcSubnets: { subnetGroupName: 'tasks' }, securityGroups: [network.securityGroup] } : {}),
    });
    this.function.node.addDependency(policy);
  }
}

/** What Lambda needs for its interface in a VPC; EC2 knows no narrower resource for them. */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
