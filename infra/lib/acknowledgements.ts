import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Place } from './option-reader.ts';
import { placesOf, type Options } from './options.ts';
import type { Stacks } from './stacks.ts';

/** A rule of cdk-nag that is not followed in some places, and why that is right there. */
export interface Acknowledgement {
  id: string;
  /** Paths, beginning with the kind of stack; what is not there (an option that is off, a size) is passed over. */
  paths: string[];
  reason: string;
}

const PLACE = '<AWS::Region>:<AWS::AccountId>';
const arn = (service: string, resource: string) => `arn:<AWS::Partition>:${service}:${PLACE}:${resource}`;
const wildcard = (resource: string) => `AwsSolutions-IAM5[Resource::${resource}]`;
const managed = (policy: string) => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${policy}]`;
const LISTENERS = ['service/Traffic/Production', 'service/Traffic/Test', 'service/Release/RolePolicy'];
const SECRETS = ['data/Secrets', 'data/Database', 'data/Cache'];

/** Every one of them, for an environment of this name and a pipeline of that. A test fails when one is missing, and when one is not needed. */
export function acknowledgementsFor(name: string, options: Options): Acknowledgement[] {
  return [...ofEnvironment(name), ...ofPipeline(options)];
}

const ofEnvironment = (name: string): Acknowledgement[] => [
  {
    id: 'AwsSolutions-EC23',
    paths: ['data/Network/LoadBalancer'],
    reason: 'The API is for the internet, at this one port. Whoever wants fewer callers turns the firewall option on.',
  },
  {
    id: 'AwsSolutions-SMG4',
    paths: SECRETS,
    reason:
      'Tasks read their secrets when they start, so a rotation is followed by a release, and the encryption key must not change ' +
      'without its predecessor beside it: docs/operations.md has the commands for each.',
  },
  {
    id: 'AwsSolutions-RDS3',
    paths: ['data/Database/Instance'],
    reason: 'The small size runs in one zone to be cheap; medium and large run in two.',
  },
  {
    id: 'AwsSolutions-RDS11',
    paths: ['data/Database/Instance'],
    reason: 'Only the tasks reach the database at all, by security group; another port would hide nothing from anybody.',
  },
  {
    id: 'AwsSolutions-AEC4',
    paths: ['data/Cache/Group'],
    reason: 'The small size has one node; losing the cache loses no message, and medium and large have two in two zones.',
  },
  {
    id: 'AwsSolutions-AEC5',
    paths: ['data/Cache/Group'],
    reason: 'Only the tasks reach the cache at all, by security group; another port would hide nothing from anybody.',
  },
  {
    id: managed('AmazonRDSEnhancedMonitoringRole'),
    paths: ['data/Database/MonitoringRole'],
    reason: 'What enhanced monitoring of RDS needs is defined by AWS in this policy: writing metrics into one log group.',
  },
  {
    id: managed('AWSLambdaBasicExecutionRole'),
    paths: ['service/AWS679f53fac002430cb0da5b7982bd2287'],
    reason: "The function of the library's custom resource writes a log; it can nothing else by this policy.",
  },
  {
    id: wildcard(arn('elasticloadbalancing', `listener/app/${name}/*`)),
    paths: LISTENERS,
    reason:
      "A listener's ARN ends in an id that is not known before it is made; these are the listeners of our load balancer alone.",
  },
  {
    id: wildcard(arn('elasticloadbalancing', `loadbalancer/app/${name}/*`)),
    paths: ['service/Traffic/Production', 'service/Traffic/Test'],
    reason: "A load balancer's ARN ends in an id, and a policy that waited for it would be made seconds before it is used.",
  },
  {
    id: wildcard(arn('elasticloadbalancing', `listener-rule/app/${name}/*`)),
    paths: ['service/Release/RolePolicy'],
    reason: 'The same for rules of these listeners.',
  },
  {
    id: wildcard('*'),
    paths: ['service/Roles/ExecutionPolicy', 'service/Roles/MigrationPolicy', 'pipeline/Builds/Build/Policy'],
    reason:
      'Tokens for registries and findings of Inspector know no resource; what a token is good for is limited to our repository.',
  },
  {
    id: wildcard('*'),
    paths: ['service/Roles/TaskPolicy'],
    reason: 'The Describe calls of load balancers and the channels of ECS Exec know no narrower resource.',
  },
  {
    id: wildcard('*'),
    paths: ['service/Roles/SessionLogPolicy'],
    reason: 'logs:DescribeLogGroups knows no narrower resource; writing is limited to the one log group beside it.',
  },
  {
    id: wildcard('*'),
    paths: ['service/Release/RolePolicy'],
    reason:
      'The Describe calls of load balancers and of alarms know no narrower resource; a condition limits CreateTaskSet to our cluster.',
  },
  {
    id: wildcard('*'),
    paths: ['service/Release/AfterAllowTestTraffic', 'service/Release/AfterAllowTraffic'],
    reason:
      'Network interfaces of a function in a VPC: Lambda asks for these actions on every resource; verdicts on deployments know none.',
  },
  {
    id: wildcard('*'),
    paths: ['service/SyntheticTraffic'],
    reason:
      'GetMetricData knows no narrower resource; PutMetricData is limited to our namespace by a condition; network interfaces are as ' +
      'for the hooks.',
  },
  {
    id: wildcard('*'),
    paths: ['service/Release/CrashLoopWatcher'],
    reason:
      'ecs:ListTasks takes no resource for Fargate, a condition limits it to our cluster; codedeploy:StopDeployment takes none.',
  },
  {
    id: wildcard(arn('ecs', `task-set/${name}/${name}/*`)),
    paths: ['service/Release/RolePolicy'],
    reason: 'CodeDeploy makes a task set a release, under a new id; these are the ones of our service alone.',
  },
  {
    id: wildcard(arn('ecs', `task/${name}/*`)),
    paths: ['service/Release/CrashLoopWatcher', 'service/Deployment/Migrate/Policy'],
    reason: 'Tasks have ids that are not known before; these are the ones of our cluster alone.',
  },
  {
    id: wildcard(arn('ecs', `task-definition/${name}:*`)),
    paths: ['service/Deployment/RolePolicy'],
    reason: 'Each release is a revision of its own, of this family alone.',
  },
  {
    id: wildcard(arn('ecs', `task-definition/${`${name}-migrate`}:*`)),
    paths: ['service/Deployment/Migrate/Policy'],
    reason: 'Each release migrates with a revision of its own, of this family alone.',
  },
  ...['app', 'exec'].map((log) => ({
    id: wildcard(arn('logs', `log-group:/${name}/${log}:*`)),
    paths:
      log === 'app'
        ? ['service/Roles/ExecutionPolicy', 'service/Roles/MigrationPolicy', 'service/Deployment/Migrate/Policy']
        : ['service/Roles/SessionLogPolicy'],
    reason: 'A log stream is named after its task; these are the streams of one log group.',
  })),
  {
    id: 'AwsSolutions-RDS2',
    paths: ['data/Database/Instance'],
    reason: 'A server that is made from a snapshot is encrypted as the snapshot is, and every one of ours is.',
  },
  {
    id: 'AwsSolutions-CB4',
    paths: ['pipeline/Builds', 'service/Deployment'],
    reason:
      'Artifacts are encrypted by the bucket; a key of our own would add a dollar a month and nobody who may not read them.',
  },
  {
    id: 'AwsSolutions-S1',
    paths: ['data/Logs/Access'],
    reason: 'It is the bucket of access logs itself: a log of who wrote the log would never end.',
  },
  {
    id: wildcard('*'),
    paths: ['service/Deployment/Verify/Policy'],
    reason: 'Network interfaces of a build in a VPC: CodeBuild asks for these actions on every resource.',
  },
  {
    id: wildcard(arn('ec2', 'network-interface/*')),
    paths: ['service/Deployment/Verify/Policy'],
    reason: 'The interface of a build has an id that is not known before; conditions limit it to our subnets and to CodeBuild.',
  },
];

/** Of what is named after the places of the pipeline and the environments: literally, if the options have them. */
function ofPipeline(options: Options): Acknowledgement[] {
  const { name, place } = options;
  const account = (one: Place | null) => one?.account ?? '<AWS::AccountId>';
  const region = (one: Place | null) => one?.region ?? '<AWS::Region>';
  const everyone = ['service/Release/RolePolicy', 'service/Deployment', 'pipeline/Builds', 'pipeline/Pipeline/Policy'];
  return [
    {
      id: wildcard(arn('codebuild', `report-group/${name}-build-*`)),
      paths: ['pipeline/Builds/Build/Policy'],
      reason: "Report groups are named by the project and by what buildspec.yml calls them; these are this project's alone.",
    },
    ...placesOf(options).flatMap((one) => [
      {
        id: wildcard(`arn:<AWS::Partition>:s3:::${name}-artifacts-${account(place)}-${region(one)}/*`),
        paths: everyone,
        reason: 'Artifacts have names that the pipeline makes up, in a bucket that holds nothing else.',
      },
      {
        id: wildcard(`arn:<AWS::Partition>:kms:${region(one)}:${account(place)}:key/*`),
        paths: everyone,
        reason: "A key's id is not known before it is made; a condition limits it to the key with the alias of the artifacts.",
      },
      ...['lookup', 'deploy', 'file-publishing'].map((kind) => ({
        id: wildcard(`arn:<AWS::Partition>:iam::${account(one)}:role/cdk-*-${kind}-role-${account(one)}-${region(one)}`),
        paths: ['pipeline/Builds/Infrastructure/Policy', ...(kind === 'lookup' ? ['pipeline/Builds/Plan/Policy'] : [])],
        reason: 'Roles of the CDK have the qualifier of its bootstrap stack in their names, which an account may have changed.',
      })),
    ]),
  ];
}

/** Writes the acknowledgements at their places in the stacks. Answers the stacks. */
export function acknowledge(stacks: Stacks, options: Options): Stacks {
  for (const [at, { name }] of options.environments.entries()) {
    const { data, service } = stacks.environments[at]!;
    for (const { id, paths, reason } of acknowledgementsFor(name, options)) {
      for (const path of paths) {
        const [kind, ...rest] = path.split('/');
        const stack = { data, service, pipeline: stacks.pipeline }[kind!];
        const place = rest.reduce<Construct | undefined>((inner, part) => inner?.node.tryFindChild(part) as Construct, stack);
        if (place) Validations.of(place).acknowledge({ id, reason });
      }
    }
  }
  return stacks;
}
