import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Place } from './option-reader.ts';
import type { Queues } from './queues.ts';
import type { Names } from './settings.ts';

export interface TaskRoleNeeds {
  names: Names;
  /** ARN of the repository of the images. */
  repositoryArn: string;
  queues: Queues;
  /** ARN of the key whose data keys seal secrets, if there is one. */
  kmsKeyArn: string | null;
}

/** Who the task is: for ECS while it starts (execution role), and for the app in it (task role). A migration starts by a role of its own. */
export class TaskRoles extends Construct {
  readonly execution: iam.Role;
  readonly task: iam.Role;
  /** Execution role of the migration: the only one that reads the secrets of the database's administrator and of the migration's user. */
  readonly migration: iam.Role;

  constructor(scope: Construct, id: string, { names, repositoryArn, queues, kmsKeyArn }: TaskRoleNeeds) {
    super(scope, id);
    const { urls, secrets } = names;
    const starting = (secretNames: string[]) => [
      allow(['ecr:GetAuthorizationToken'], ['*']),
      allow(['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], [repositoryArn]),
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logArn(names.appLog)]),
      allow(['secretsmanager:GetSecretValue'], secretNames.map(secretArn)),
    ];
    const ofApp = [urls.app, urls.redis, secrets.jwtSecret, secrets.encryptionKey];
    this.execution = this.role('Execution', 'Starts tasks: pulls the image, reads the secrets, opens the log', starting(ofApp));
    // The app's URL is there under a name of its own if a proxy is between.
    const ofMigration = [...ofApp, urls.direct, urls.migration, urls.admin];
    this.migration = this.role('Migration', 'Starts the task that migrates the database', starting(ofMigration));
    this.task = this.role('Task', 'The app: its queues, its share of the traffic, and the agent of ECS Exec', [
      ...appStatements(queues),
      ...(kmsKeyArn ? [dataKeys(kmsKeyArn)] : []),
    ]);
    this.allowSessionLog(logArn(names.execLog));
  }

  /** Lets ECS Exec write down what is typed into a task. */
  private allowSessionLog(log: string): void {
    const statements = [
      allow(['logs:DescribeLogGroups'], ['*']),
      allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [log]),
    ];
    new iam.Policy(this, 'SessionLogPolicy', { roles: [this.task], statements });
  }

  private role(id: string, description: string, statements: iam.PolicyStatement[]): iam.Role {
    const role = new iam.Role(this, id, {
      description,
      assumedBy: serviceFor('ecs-tasks', arnOf('ecs', '*')),
    });
    new iam.Policy(this, `${id}Policy`, { roles: [role], statements });
    return role;
  }
}

/** What the app's own calls need; infra/test/iam says which call needs which of them. */
function appStatements({ main, deadLetter }: Queues): iam.PolicyStatement[] {
  return [
    allow(['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'], [main.queueArn, deadLetter.queueArn]),
    allow(['sqs:GetQueueAttributes'], [main.queueArn]),
    allow(['sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl'], [deadLetter.queueArn]),
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
  ];
}

/** Data keys of the app alone: src/database/data-keys/kms-client.ts gives each this context. */
function dataKeys(kmsKeyArn: string): iam.PolicyStatement {
  return allow(['kms:GenerateDataKey', 'kms:Decrypt'], [kmsKeyArn], {
    StringEquals: { 'kms:EncryptionContext:service': 'posthorn' },
  });
}

/** Shorthand of a statement that allows actions on resources. */
export function allow(actions: string[], resources: string[], conditions?: Record<string, unknown>): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources, ...(conditions ? { conditions } : {}) });
}

/**
 * A service of AWS that may take a role only on behalf of these resources of this account, and not on behalf of a stranger who names
 * the role: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html. Not every service says that it supports this.
 */
export function serviceFor(service: string, sourceArn: string): iam.ServicePrincipal {
  return new iam.ServicePrincipal(`${service}.amazonaws.com`, {
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID }, ArnLike: { 'aws:SourceArn': sourceArn } },
  });
}

/** ARN of something of ours: in the account and region of the stack, or in another place. */
export function arnOf(service: string, resource: string, place: Place | null = null): string {
  return `arn:${Aws.PARTITION}:${service}:${place?.region ?? Aws.REGION}:${place?.account ?? Aws.ACCOUNT_ID}:${resource}`;
}

/**
 * ARN pattern of the one secret with this name: Secrets Manager adds a hyphen and six characters. The real ARN of a secret with a
 * URL is known only when the database or the cache is there, and a policy that names it would be made that late.
 */
export function secretArn(name: string): string {
  return arnOf('secretsmanager', `secret:${name}-??????`);
}

/** ARN of a log group and its streams. */
export function logArn(name: string): string {
  return arnOf('logs', `log-group:${name}:*`);
}

/** Lets a deployment hand these roles to ECS, and to nothing else. */
export function passRoles(...roles: iam.IRole[]): iam.PolicyStatement {
  return allow(
    ['iam:PassRole'],
    roles.map(({ roleArn }) => roleArn),
    { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  );
}

/** What is written in policies about the service and its task sets. */
export const serviceArns = (name: string) => ({
  cluster: arnOf('ecs', `cluster/${name}`),
  service: arnOf('ecs', `service/${name}/${name}`),
  taskSets: arnOf('ecs', `task-set/${name}/${name}/*`),
});
