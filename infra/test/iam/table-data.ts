import { SOURCES as S } from './sources.ts';
import { needs, type Table } from './needs.ts';
import { LAMBDA_TRUST, secret } from './table-service.ts';

export const data: Table = {
  'data/NetworkFlowLogRole': {
    when: 'ownVpc',
    trust: [
      'vpc-flow-logs.amazonaws.com may sts:AssumeRole if ArnLike aws:SourceArn arn:aws:ec2:{at}:vpc-flow-log/* & StringEquals aws:SourceAccount {account}',
    ],
    trustSource: S.flowLogs,
    needs: needs('VPC: writes the flow log', S.flowLogs, [
      { actions: 'logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents', on: '[NetworkFlowLogGroup.Arn]' },
    ]),
  },
  'data/DatabaseMonitoringRole': {
    trust: [
      'monitoring.rds.amazonaws.com may sts:AssumeRole if ArnLike aws:SourceArn arn:aws:rds:{at}:db:* & StringEquals aws:SourceAccount {account}',
    ],
    trustSource: S.monitoring,
    managed: { 'service-role/AmazonRDSEnhancedMonitoringRole': 'RDS: writes enhanced monitoring' },
    needs: [],
  },
  'data/DatabaseInstanceProxyIAMRole': {
    when: 'proxy',
    trust: ['rds.amazonaws.com may sts:AssumeRole'],
    trustSource: S.proxyTrust,
    needs: needs('RDS Proxy: password of the database', S.proxy, [
      { actions: 'secretsmanager:GetSecretValue secretsmanager:DescribeSecret', on: secret('database-app') },
    ]),
  },
  'artifacts/CustomS3AutoDeleteObjectsCustomResourceProviderRole': {
    ...LAMBDA_TRUST,
    managed: { 'service-role/AWSLambdaBasicExecutionRole': 'Lambda: writes the log' },
    needs: [],
  },
};

export interface ResourcePolicy {
  /** `PRINCIPAL may ACTION …`, filled in as the rows of roles are. */
  allows: { rows: string[]; by: string; source: string; when?: 'foreign' }[];
  when?: 'foreign' | 'syntheticTraffic';
}

const overTls = (actions: string, on: string[], source: string = S.tlsOnly) => ({
  rows: on.map((resource) => `nobody of anybody may ${actions} on ${resource} if Bool aws:SecureTransport false`),
  by: 'nobody: only TLS',
  source,
});
const ARTIFACTS = 'arn:aws:s3:::{tools}-artifacts-{toolsAccount}-{region}';
const topic = (on: string): ResourcePolicy => ({
  allows: [
    overTls('sns:Publish', [on]),
    {
      rows: [`cloudwatch.amazonaws.com may sns:Publish on ${on} if StringEquals aws:SourceAccount {account}`],
      by: 'CloudWatch: alarms',
      source: S.alarmTopic,
    },
    { rows: [`events.amazonaws.com may sns:Publish on ${on}`], by: 'EventBridge: what failed', source: S.eventTargets },
  ],
});

/** Policies of resources by the kind of their stack and their logical id; permissions of functions by the function's. */
export const resourcePolicies: Record<string, ResourcePolicy> = {
  'registry/Images': {
    when: 'foreign',
    allows: [
      {
        rows: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'].map(
          (action) => `account {foreign:account} may ${action}`,
        ),
        by: 'ECS agent of another account: pulls the image',
        source: S.ecrOtherAccount,
      },
    ],
  },
  'artifacts/LogsPolicy': {
    allows: [
      overTls('s3:*', ['arn:aws:s3:::[Logs]', 'arn:aws:s3:::[Logs]/*']),
      {
        rows: [
          `logging.s3.amazonaws.com may s3:PutObject on arn:aws:s3:::[Logs]/artifacts/* if ArnLike aws:SourceArn ${ARTIFACTS} & StringEquals aws:SourceAccount {account}`,
        ],
        by: 'S3: access log of the artifacts',
        source: S.s3AccessLog,
      },
    ],
  },
  'artifacts/ArtifactsPolicy': {
    allows: [
      overTls('s3:*', [ARTIFACTS, `${ARTIFACTS}/*`]),
      {
        rows: ['s3:DeleteObject*', 's3:GetBucket*', 's3:List*', 's3:PutBucketPolicy'].flatMap((action) =>
          [ARTIFACTS, `${ARTIFACTS}/*`].map(
            (on) => `role [CustomS3AutoDeleteObjectsCustomResourceProviderRole] may ${action} on ${on}`,
          ),
        ),
        by: "the CDK's custom resource: empties the bucket before it is deleted",
        source: S.autoDelete,
      },
      {
        when: 'foreign',
        rows: [
          ...['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'].map((action) => `${action} on ${ARTIFACTS}/*`),
          ...['s3:GetBucketAcl', 's3:GetBucketLocation'].map((action) => `${action} on ${ARTIFACTS}`),
        ].map((action) => `account {foreign:account} may ${action}`),
        by: 'actions and builds in another account',
        source: S.crossAccount,
      },
    ],
  },
  'artifacts/Key': {
    when: 'foreign',
    allows: [
      { rows: ['account {toolsAccount} may kms:* on *'], by: "the account's own policies", source: S.kmsRoot },
      {
        rows: ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'].map(
          (action) => `account {foreign:account} may kms:${action} on *`,
        ),
        by: 'actions and builds in another account',
        source: S.crossAccount,
      },
    ],
  },
  'data/LogsAccessPolicy': {
    allows: [
      overTls('s3:*', ['arn:aws:s3:::[LogsAccess]', 'arn:aws:s3:::[LogsAccess]/*']),
      {
        rows: [
          'logdelivery.elasticloadbalancing.amazonaws.com may s3:PutObject on arn:aws:s3:::[LogsAccess]/load-balancer/AWSLogs/{account}/* if ArnLike aws:SourceArn arn:aws:elasticloadbalancing:{at}:loadbalancer/*',
        ],
        by: 'ELB log delivery: access log',
        source: S.albAccessLog,
      },
    ],
  },
  'data/QueuesMainPolicy': { allows: [overTls('sqs:*', ['arn:aws:sqs:{at}:{name}'])] },
  'data/QueuesDeadLetterPolicy': { allows: [overTls('sqs:*', ['arn:aws:sqs:{at}:{name}-dlq'])] },
  'service/NotificationsTopicPolicy': topic('arn:aws:sns:{at}:{name}'),
  'pipeline/PipelineNotificationsTopicPolicy': topic('arn:aws:sns:{at}:{name}-pipeline'),
  'service/ReleaseReceiverFunction': {
    allows: [
      {
        rows: [
          'anybody may lambda:InvokeFunctionUrl if StringEquals lambda:FunctionUrlAuthType NONE',
          'anybody may lambda:InvokeFunction if Bool lambda:InvokedViaFunctionUrl true',
        ],
        by: 'the tasks: webhooks of the release check',
        source: S.lambdaUrl,
      },
    ],
  },
  'service/ReleaseCrashLoopWatcherFunction': {
    allows: [
      {
        rows: ['events.amazonaws.com may lambda:InvokeFunction if ArnLike aws:SourceArn [ReleaseTaskStopped.Arn]'],
        by: 'EventBridge: a task stopped',
        source: S.eventTargets,
      },
    ],
  },
  'service/SyntheticTrafficSenderFunction': {
    when: 'syntheticTraffic',
    allows: [
      {
        rows: ['events.amazonaws.com may lambda:InvokeFunction if ArnLike aws:SourceArn [SyntheticTrafficEveryMinute.Arn]'],
        by: 'EventBridge: every minute',
        source: S.eventTargets,
      },
    ],
  },
};
