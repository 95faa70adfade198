import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { arnOf } from './roles.ts';
import { logs as settings, type Names } from './settings.ts';

/** Prefix of the load balancer's access logs in their bucket. */
export const ACCESS_LOG_PREFIX = 'load-balancer';

/** What tells of the past, and stays when the stack goes: the app's log, that of shells in tasks, and the load balancer's access logs. */
export class AppLogs extends Construct {
  readonly app: logs.ILogGroup;
  readonly exec: logs.ILogGroup;
  readonly access: s3.Bucket;

  constructor(scope: Construct, id: string, names: Names, kept: boolean) {
    super(scope, id);
    const group = (groupId: string, logGroupName: string, retention: logs.RetentionDays) =>
      kept
        ? logs.LogGroup.fromLogGroupName(this, groupId, logGroupName)
        : new logs.LogGroup(this, groupId, {
            logGroupName,
            retention,
            removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
          });
    this.app = group('App', names.appLog, settings.retentionDays);
    this.exec = group('Exec', names.execLog, logs.RetentionDays.ONE_YEAR);
    this.access = this.accessLog();
  }

  private accessLog(): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Access', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ expiration: Duration.days(90) }],
    });
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: ['s3:PutObject'],
        principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        resources: [bucket.arnForObjects(`${ACCESS_LOG_PREFIX}/AWSLogs/${Aws.ACCOUNT_ID}/*`)],
        conditions: { ArnLike: { 'aws:SourceArn': arnOf('elasticloadbalancing', 'loadbalancer/*') } },
      }),
    );
    return bucket;
  }
}
