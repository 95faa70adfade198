import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { arnOf } from './roles.ts';

/** What the pipeline hands from action to action, and the access logs of the load balancer and of that bucket. */
export class Buckets extends Construct {
  readonly artifacts: s3.Bucket;
  readonly logs: s3.Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const common = {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    };
    this.logs = new s3.Bucket(this, 'Logs', { ...common, lifecycleRules: [{ expiration: Duration.days(90) }] });
    this.logs.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: ['s3:PutObject'],
        principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        resources: [this.logs.arnForObjects(`load-balancer/AWSLogs/${Aws.ACCOUNT_ID}/*`)],
        conditions: { ArnLike: { 'aws:SourceArn': arnOf('elasticloadbalancing', 'loadbalancer/*') } },
      }),
    );
    this.artifacts = new s3.Bucket(this, 'Artifacts', {
      ...common,
      versioned: true,
      serverAccessLogsBucket: this.logs,
      serverAccessLogsPrefix: 'artifacts/',
      lifecycleRules: [{ expiration: Duration.days(90), noncurrentVersionExpiration: Duration.days(7) }],
    });
  }
}
