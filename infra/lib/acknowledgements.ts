import { Validations, type Stack } from 'aws-cdk-lib';
import { container, NAME } from './settings.ts';

/** A rule of cdk-nag that is not followed in some places, and why that is right there. */
export interface Acknowledgement {
  id: string;
  /** Paths below the stack; what is not there (an option that is off, a size) is passed over. */
  paths: string[];
  reason: string;
}

const PLACE = '<AWS::Region>:<AWS::AccountId>';
const arn = (service: string, resource: string) => `arn:<AWS::Partition>:${service}:${PLACE}:${resource}`;
const wildcard = (resource: string) => `AwsSolutions-IAM5[Resource::${resource}]`;
const managed = (policy: string) => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${policy}]`;
const LISTENERS = ['Traffic/Production', 'Traffic/Test', 'Release/RolePolicy'];
const SECRETS = ['Secrets', 'Database', 'Cache'];

/** Every one of them. A test fails when one is missing, and when one is not needed. */
export const acknowledgements: Acknowledgement[] = [
  {
    id: 'AwsSolutions-EC23',
    paths: ['Network/LoadBalancer'],
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
    paths: ['Database/Instance'],
    reason: 'The small size runs in one zone to be cheap; medium and large run in two.',
  },
  {
    id: 'AwsSolutions-RDS11',
    paths: ['Database/Instance'],
    reason: 'Only the tasks reach the database at all, by security group; another port would hide nothing from anybody.',
  },
  {
    id: 'AwsSolutions-AEC4',
    paths: ['Cache/Group'],
    reason: 'The small size has one node; losing the cache loses no message, and medium and large have two in two zones.',
  },
  {
    id: 'AwsSolutions-AEC5',
    paths: ['Cache/Group'],
    reason: 'Only the tasks reach the cache at all, by security group; another port would hide nothing from anybody.',
  },
  {
    id: managed('AmazonRDSEnhancedMonitoringRole'),
    paths: ['Database/Instance'],
    reason: 'What enhanced monitoring of RDS needs is defined by AWS in this policy: writing metrics into one log group.',
  },
  {
    id: managed('AWSLambdaBasicExecutionRole'),
    paths: ['AWS679f53fac002430cb0da5b7982bd2287'],
    reason: "The function of the library's custom resource writes a log; it can nothing else by this policy.",
  },
  {
    id: wildcard(arn('elasticloadbalancing', `listener/app/${NAME}/*`)),
    paths: LISTENERS,
    reason:
      "A listener's ARN ends in an id that is not known before it is made; these are the listeners of our load balancer alone.",
  },
  {
    id: wildcard(arn('elasticloadbalancing', `loadbalancer/app/${NAME}/*`)),
    paths: ['Traffic/Production', 'Traffic/Test'],
    reason: "A load balancer's ARN ends in an id, and a policy that waited for it would be made seconds before it is used.",
  },
  {
    id: wildcard(arn('elasticloadbalancing', `listener-rule/app/${NAME}/*`)),
    paths: ['Release/RolePolicy'],
    reason: 'The same for rules of these listeners.',
  },
  {
    id: wildcard('*'),
    paths: ['Roles/ExecutionPolicy', 'Builds/BuildPolicy'],
    reason: 'ecr:GetAuthorizationToken knows no resource; what the token is good for is limited to our repositories beside it.',
  },
  {
    id: wildcard('*'),
    paths: ['Roles/TaskPolicy'],
    reason: 'The Describe calls of load balancers and the channels of ECS Exec know no narrower resource.',
  },
  {
    id: wildcard('*'),
    paths: ['Roles/SessionLogPolicy'],
    reason: 'logs:DescribeLogGroups knows no narrower resource; writing is limited to the one log group beside it.',
  },
  {
    id: wildcard('*'),
    paths: ['Release/RolePolicy'],
    reason: 'The Describe calls of load balancers and of alarms know no narrower resource.',
  },
  {
    id: wildcard('*'),
    paths: ['Release/AfterAllowTestTraffic', 'Release/AfterAllowTraffic'],
    reason: 'Network interfaces of a function in a VPC: Lambda asks for these actions on every resource.',
  },
  {
    id: wildcard('*'),
    paths: ['Release/CrashLoopWatcher'],
    reason: 'ecs:ListTasks takes no resource for Fargate; a condition limits it to our cluster.',
  },
  {
    id: wildcard(arn('ecs', `task-set/${NAME}/${NAME}/*`)),
    paths: ['Release/RolePolicy'],
    reason: 'CodeDeploy makes a task set a release, under a new id; these are the ones of our service alone.',
  },
  {
    id: wildcard(arn('ecs', `task/${NAME}/*`)),
    paths: ['Release/CrashLoopWatcher', 'Builds/MigratePolicy'],
    reason: 'Tasks have ids that are not known before; these are the ones of our cluster alone.',
  },
  {
    id: wildcard(arn('ecs', `task-definition/${container.family}:*`)),
    paths: ['Pipeline/Policy'],
    reason: 'Each release is a revision of its own, of this family alone.',
  },
  {
    id: wildcard(arn('ecs', `task-definition/${container.migrateFamily}:*`)),
    paths: ['Builds/MigratePolicy'],
    reason: 'Each release migrates with a revision of its own, of this family alone.',
  },
  {
    id: wildcard('<BucketsArtifactsB9EE6400.Arn>/*'),
    paths: ['Release/RolePolicy', 'Builds', 'Pipeline/Policy'],
    reason: 'Artifacts have names that the pipeline makes up, in a bucket that holds nothing else.',
  },
  {
    id: wildcard(arn('codebuild', `report-group/${NAME}-build-*`)),
    paths: ['Builds/BuildPolicy'],
    reason: "Report groups are named by the project and by what buildspec.yml calls them; these are this project's alone.",
  },
  {
    id: wildcard(arn('logs', 'log-group:<AppLog5AD5CDCF>:log-stream:*')),
    paths: ['Builds/MigratePolicy'],
    reason: "The migration's log stream is named after its task.",
  },
  {
    id: 'AwsSolutions-CB4',
    paths: ['Builds'],
    reason:
      'Artifacts are encrypted by the bucket; a key of our own would add a dollar a month and nobody who may not read them.',
  },
];

/** Writes the acknowledgements at their places in the stack. Answers the stack. */
export function acknowledge<T extends Stack>(stack: T): T {
  for (const { id, paths, reason } of acknowledgements) {
    for (const path of paths) {
      const place = path
        .split('/')
        .reduce<ReturnType<Stack['node']['tryFindChild']>>((at, name) => at?.node.tryFindChild(name), stack);
      if (place) Validations.of(place).acknowledge({ id, reason });
    }
  }
  return stack;
}
