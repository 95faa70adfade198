import { SOURCES as S } from './sources.ts';
import { needs, type Need, type Table } from './needs.ts';

const ECS_TRUST = {
  trust: [
    'ecs-tasks.amazonaws.com may sts:AssumeRole if ArnLike aws:SourceArn arn:aws:ecs:{at}:* & StringEquals aws:SourceAccount {account}',
  ],
  trustSource: S.taskRole,
};
const MAIN = 'arn:aws:sqs:{at}:{name}';
const DEAD_LETTERS = 'arn:aws:sqs:{at}:{name}-dlq';
const ARTIFACTS = 'arn:aws:s3:::{tools}-artifacts-{toolsAccount}-{region}/*';
export const secret = (name: string) => `arn:aws:secretsmanager:{at}:secret:{name}/${name}-??????`;

const starting = (secrets: string[]): Need[] => [
  ...needs('ECS agent: pulls the image', S.executionRole, [
    { actions: 'ecr:GetAuthorizationToken', on: '*' },
    {
      actions: 'ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage',
      on: 'arn:aws:ecr:{toolsRegion}:{toolsAccount}:repository/{tools}',
    },
  ]),
  ...needs('ECS agent: the awslogs driver', S.executionRole, [
    { actions: 'logs:CreateLogStream logs:PutLogEvents', on: 'arn:aws:logs:{at}:log-group:/{name}/app:*' },
  ]),
  ...needs('ECS agent: secrets of the container', S.executionRole, [
    { actions: 'secretsmanager:GetSecretValue', on: secrets.map(secret) },
  ]),
];
const OF_APP = ['database-url', 'redis-url', 'jwt-key', 'encryption-key'];
const OF_MIGRATION = ['database-direct-url', 'database-url-migration', 'database-url-admin'];

const app: Need[] = [
  ...needs('src/queue/task-producer.ts: SendMessageBatch', S.call, [{ actions: 'sqs:SendMessage', on: MAIN }]),
  ...needs('src/queue/task-poller.ts: by the library sqs-consumer', S.call, [
    { actions: 'sqs:ReceiveMessage sqs:DeleteMessage', on: MAIN },
  ]),
  ...needs('src/queue/queue-client.ts: attributes', S.call, [{ actions: 'sqs:GetQueueAttributes', on: MAIN }]),
  ...needs('src/queue/queue-client.ts: deadLetterUrl, without SQS_DLQ_URL', S.call, [
    { actions: 'sqs:GetQueueUrl', on: DEAD_LETTERS },
  ]),
  ...needs('src/queue/dead-letter-sender.ts: send', S.call, [{ actions: 'sqs:SendMessage', on: DEAD_LETTERS }]),
  ...needs('src/queue/dead-letter-queue.ts: list and move', S.call, [
    { actions: 'sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility', on: DEAD_LETTERS },
    { actions: 'sqs:SendMessage', on: MAIN },
  ]),
  ...needs('src/release/load-balancer.ts: share', S.call, [
    { actions: 'elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTargetHealth', on: '*' },
  ]),
  ...needs('src/database/data-keys/kms-client.ts: generate and decrypt', S.call, [
    {
      actions: 'kms:GenerateDataKey kms:Decrypt',
      on: '{kmsKey}',
      if: 'StringEquals kms:EncryptionContext:service posthorn',
      when: 'kms',
    },
  ]),
  ...needs('ECS Exec agent: the session', S.ecsExec, [
    {
      actions:
        'ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel',
      on: '*',
    },
  ]),
  ...needs('ECS Exec agent: writes down the session', S.ecsExec, [
    { actions: 'logs:DescribeLogGroups', on: '*' },
    {
      actions: 'logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents',
      on: 'arn:aws:logs:{at}:log-group:/{name}/exec:*',
    },
  ]),
];

const codeDeploy: Need[] = [
  ...needs('CodeDeploy: makes green, deletes blue', S.codeDeployRole, [
    { actions: 'ecs:DescribeServices ecs:UpdateServicePrimaryTaskSet', on: 'arn:aws:ecs:{at}:service/{name}/{name}' },
    {
      actions: 'ecs:CreateTaskSet',
      on: '*',
      if: 'ArnEquals ecs:cluster arn:aws:ecs:{at}:cluster/{name}',
      wide: 'the reference of 2022 gives it no resource, that of 2024 the task set, which has no id yet',
    },
    { actions: 'ecs:DeleteTaskSet', on: 'arn:aws:ecs:{at}:task-set/{name}/{name}/*' },
    {
      actions: 'iam:PassRole',
      on: ['role [RolesExecution]', 'role [RolesTask]'],
      if: 'StringEquals iam:PassedToService ecs-tasks.amazonaws.com',
    },
  ]),
  ...needs('CodeDeploy: moves the traffic', S.codeDeployRole, [
    {
      actions:
        'elasticloadbalancing:DescribeTargetGroups elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeRules',
      on: '*',
    },
    { actions: 'elasticloadbalancing:ModifyListener', on: 'arn:aws:elasticloadbalancing:{at}:listener/app/{name}/*' },
    { actions: 'elasticloadbalancing:ModifyRule', on: 'arn:aws:elasticloadbalancing:{at}:listener-rule/app/{name}/*' },
  ]),
  ...needs('CodeDeploy: calls the hooks', S.codeDeployRole, [
    {
      actions: 'lambda:InvokeFunction',
      on: ['after-test-traffic', 'after-traffic'].map((hook) => `arn:aws:lambda:{at}:function:CodeDeployHook_{name}-${hook}`),
    },
  ]),
  ...needs('CodeDeploy: looks at the alarms', S.codeDeployRole, [
    { actions: 'cloudwatch:DescribeAlarms', on: '*', wide: 'so in the managed policy; a list of alarms is asked for as a whole' },
  ]),
  ...needs('CodeDeploy: reads the revision', S.codeDeployRole, [{ actions: 's3:GetObject s3:GetObjectVersion', on: ARTIFACTS }]),
  ...needs('S3: decrypts the revision for CodeDeploy', S.s3Kms, [
    {
      actions: 'kms:Decrypt',
      on: 'arn:aws:kms:{region}:{toolsAccount}:key/*',
      if: 'ForAnyValue:StringEquals kms:ResourceAliases alias/{tools}-artifacts',
      when: 'foreign',
    },
  ]),
];

export const LAMBDA_TRUST = { trust: ['lambda.amazonaws.com may sts:AssumeRole'], trustSource: S.lambdaTrust };
const logging = (name: string): Need[] =>
  needs('Lambda: writes the log', S.lambdaLog, [
    { actions: 'logs:CreateLogStream logs:PutLogEvents', on: `arn:aws:logs:{at}:log-group:/aws/lambda/${name}:*` },
  ]);
const inVpc = needs('Lambda: network interfaces', S.lambdaVpc, [
  { actions: 'ec2:DescribeNetworkInterfaces ec2:DescribeSubnets', on: '*' },
  {
    actions: 'ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses',
    on: '*',
    wide: 'Lambda checks when the function is made whether they are allowed on everything',
  },
]);
const reading = (...names: string[]): Need[] =>
  needs('infra/hooks/secret.mjs: readSecret', S.call, [{ actions: 'secretsmanager:GetSecretValue', on: names.map(secret) }]);
const hook = (name: string) => ({
  ...LAMBDA_TRUST,
  needs: [
    ...needs('infra/hooks/release-check.mjs: handler', S.codeDeployActions, [
      { actions: 'codedeploy:PutLifecycleEventHookExecutionStatus', on: '*' },
    ]),
    ...reading('jwt-key', 'receiver-key'),
    ...logging(`CodeDeployHook_{name}-${name}`),
    ...inVpc,
  ],
});
const GROUP = 'arn:aws:codedeploy:{at}:deploymentgroup:{name}/{name}';

export const service: Table = {
  'service/RolesExecution': { ...ECS_TRUST, needs: starting(OF_APP) },
  'service/RolesMigration': { ...ECS_TRUST, needs: starting([...OF_APP, ...OF_MIGRATION]) },
  'service/RolesTask': { ...ECS_TRUST, needs: app },
  'service/ReleaseRole': {
    trust: [
      `codedeploy.amazonaws.com may sts:AssumeRole if ArnLike aws:SourceArn ${GROUP} & StringEquals aws:SourceAccount {account}`,
    ],
    trustSource: S.codeDeployTrust,
    needs: codeDeploy,
  },
  'service/ReleaseReceiverRole': {
    ...LAMBDA_TRUST,
    needs: [...reading('receiver-key'), ...logging('{name}-release-check-receiver')],
  },
  'service/ReleaseAfterAllowTestTrafficRole': hook('after-test-traffic'),
  'service/ReleaseAfterAllowTrafficRole': hook('after-traffic'),
  'service/ReleaseCrashLoopWatcherRole': {
    ...LAMBDA_TRUST,
    needs: [
      ...needs('infra/hooks/crash-loop-watcher.mjs: handler', S.call, [
        { actions: 'ecs:DescribeServices', on: 'arn:aws:ecs:{at}:service/{name}/{name}' },
        { actions: 'ecs:DescribeTasks', on: 'arn:aws:ecs:{at}:task/{name}/*' },
        { actions: 'codedeploy:ListDeployments', on: GROUP },
      ]),
      ...needs('infra/hooks/crash-loop-watcher.mjs: handler', S.listTasks, [
        {
          actions: 'ecs:ListTasks',
          on: '*',
          if: 'ArnEquals ecs:cluster arn:aws:ecs:{at}:cluster/{name}',
          wide: 'its only resource is a container instance, and Fargate has none',
        },
      ]),
      ...needs('infra/hooks/crash-loop-watcher.mjs: handler', S.codeDeployActions, [
        { actions: 'codedeploy:StopDeployment', on: '*' },
      ]),
      ...logging('{name}-crash-loop-watcher'),
    ],
  },
  'service/SyntheticTrafficSenderRole': {
    ...LAMBDA_TRUST,
    when: 'syntheticTraffic',
    needs: [
      ...needs('infra/hooks/synthetic-traffic.mjs: handler', S.call, [{ actions: 'codedeploy:ListDeployments', on: GROUP }]),
      ...needs('infra/hooks/request-rate.mjs: requests and own numbers', S.call, [
        { actions: 'cloudwatch:GetMetricData', on: '*', wide: 'a data set is optional, and these metrics are in none' },
        {
          actions: 'cloudwatch:PutMetricData',
          on: '*',
          if: 'StringEquals cloudwatch:namespace Posthorn',
          wide: 'a data set is optional, and these metrics are in none',
        },
      ]),
      ...reading('jwt-key', 'receiver-key'),
      ...logging('{name}-synthetic-traffic'),
      ...inVpc,
    ],
  },
  'service/AWS679f53fac002430cb0da5b7982bd2287ServiceRole': {
    ...LAMBDA_TRUST,
    managed: { 'service-role/AWSLambdaBasicExecutionRole': 'Lambda: writes the log' },
    needs: needs('infra/lib/release-listener.ts: the calls of the custom resource', S.createListener, [
      { actions: 'elasticloadbalancing:CreateListener', on: 'arn:aws:elasticloadbalancing:{at}:loadbalancer/app/{name}/*' },
      {
        actions: 'elasticloadbalancing:ModifyListener elasticloadbalancing:DeleteListener',
        on: 'arn:aws:elasticloadbalancing:{at}:listener/app/{name}/*',
      },
    ]),
  },
};
