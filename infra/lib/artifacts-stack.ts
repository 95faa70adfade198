import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { KEY_ACTIONS, type Store } from './store.ts';

/**
 * What the pipeline hands from action to action in one region. A key of our own encrypts it only if another account reads it: Amazon's
 * key can't be shared.
 */
export class ArtifactsStack extends Stack {
  constructor(scope: Construct, id: string, store: Store, accounts: string[], props: StackProps = {}) {
    super(scope, id, { terminationProtection: true, description: 'Posthorn: what the pipeline hands on', ...props });
    const common = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
    };
    const logs = new s3.Bucket(this, 'Logs', {
      ...common,
      encryption: s3.BucketEncryption.S3_MANAGED,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ expiration: Duration.days(90) }],
    });
    const key = accounts.length > 0 ? this.key(store, accounts) : null;
    const bucket = new s3.Bucket(this, 'Artifacts', {
      ...common,
      bucketName: store.bucketName(this.region),
      ...(key ? { encryption: s3.BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true } : {}),
      ...(key ? {} : { encryption: s3.BucketEncryption.S3_MANAGED }),
      versioned: true,
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'artifacts/',
      lifecycleRules: [{ expiration: Duration.days(90), noncurrentVersionExpiration: Duration.days(7) }],
      // Nothing in it lasts, and its name is taken as long as it is there.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    for (const account of accounts) {
      const principal = new iam.AccountPrincipal(account);
      const objects = {
        actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
        resources: [bucket.arnForObjects('*')],
      };
      const own = { actions: ['s3:GetBucketLocation', 's3:GetBucketAcl'], resources: [bucket.bucketArn] };
      for (const allowed of [objects, own])
        bucket.addToResourcePolicy(new iam.PolicyStatement({ ...allowed, principals: [principal] }));
    }
  }

  private key(store: Store, accounts: string[]): kms.Key {
    const key = new kms.Key(this, 'Key', {
      alias: `${store.name}-artifacts`,
      description: 'Artifacts of the pipeline, read and written in other accounts too',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: KEY_ACTIONS,
        principals: accounts.map((account) => new iam.AccountPrincipal(account)),
        resources: ['*'],
      }),
    );
    return key;
  }
}
