import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Queues } from './queues.ts';
import { NAME } from './settings.ts';

export interface TaskRoleNeeds {
  images: ecr.IRepository;
  logGroup: logs.ILogGroup;
  /** Names of the secrets that tasks are started with. */
  secretNames: string[];
  queues: Queues;
}

/** Who the task is: for ECS while it starts (execution role), and for the app in it (task role). */
export class TaskRoles extends Construct {
  readonly execution: iam.Role;
  readonly task: iam.Role;

  constructor(scope: Construct, id: string, needs: TaskRoleNeeds) {
    super(scope, id);
    this.execution = this.role('Execution', 'Starts tasks: pulls the image, reads the secrets, opens the log', [
      allow(['ecr:GetAuthorizationToken'], ['*']),
      allow(['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], [needs.images.repositoryArn]),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [needs.logGroup.logGroupArn]),
      allow(['secretsmanager:GetSecretValue'], needs.secretNames.map(secretArn)),
    ]);
    this.task = this.role('Task', 'The app: its queues, its share of the traffic, and the agent of ECS Exec', [
      allow(
        [
          'sqs:SendMessage',
          'sqs:ReceiveMessage',
          'sqs:DeleteMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueAttributes',
          'sqs:GetQueueUrl',
        ],
        [needs.queues.main.queueArn, needs.queues.deadLetter.queueArn],
      ),
      allow(['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], ['*']),
      allow(
        [
          'ssmmessages:CreateControlChannel',
          'ssmmessages:CreateDataChannel',
          'ssmmessages:OpenControlChannel',
          'ssmmessages:OpenDataChannel',
        ],
        ['*'],
      ),
    ]);
  }

  /** Lets ECS Exec write down what is typed into a task. */
  allowSessionLog(log: logs.ILogGroup): void {
    const statements = [
      allow(['logs:DescribeLogGroups'], ['*']),
      allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [log.logGroupArn]),
    ];
    new iam.Policy(this, 'SessionLogPolicy', { roles: [this.task], statements });
  }

  private role(id: string, description: string, statements: iam.PolicyStatement[]): iam.Role {
    const role = new iam.Role(this, id, {
      description,
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:*` },
        },
      }),
    });
    new iam.Policy(this, `${id}Policy`, { roles: [role], statements });
    return role;
  }
}

/** Shorthand of a statement that allows actions on resources. */
export function allow(actions: string[], resources: string[], conditions?: Record<string, unknown>): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, ...(conditions ? { conditions } : {}) });
}

/** ARN of something of ours in this account and region. */
export function arnOf(service: string, resource: string): string {
  return `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
}

/**
 * ARN pattern of the one secret with this name: Secrets Manager adds a hyphen and six characters. The real ARN of a secret with a
 * URL is known only when the database or the cache is there, and a policy that names it would be made that late.
 */
function secretArn(name: string): string {
  return arnOf('secretsmanager', `secret:${name}-??????`);
}

/** Lets a pipeline or deployment hand the task's roles to ECS, and to nothing else. */
export function passTaskRoles(roles: TaskRoles): iam.PolicyStatement {
  return allow(['iam:PassRole'], [roles.execution.roleArn, roles.task.roleArn], {
    StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
  });
}

/** What is written in policies about the service and its task sets. */
export const serviceArns = () => ({
  cluster: arnOf('ecs', `cluster/${NAME}`),
  service: arnOf('ecs', `service/${NAME}/${NAME}`),
  taskSets: arnOf('ecs', `task-set/${NAME}/${NAME}/*`),
});
