import { Fn, SecretValue } from 'aws-cdk-lib';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { AppSecrets } from './app-secrets.ts';
import type { Network } from './network.ts';
import type { Names } from './settings.ts';
import type { Size } from './sizes.ts';

/** Valkey on ElastiCache, with TLS and a password. Nothing in it has to last: no snapshots. */
export class Cache extends Construct {
  readonly group: elasticache.CfnReplicationGroup;
  /** REDIS_URL of the app. */
  readonly url: secretsmanager.Secret;

  constructor(scope: Construct, id: string, network: Network, { redis }: AppSecrets, names: Names, size: Size) {
    super(scope, id);
    const subnets = new elasticache.CfnSubnetGroup(this, 'Subnets', {
      description: 'Cache of Posthorn',
      subnetIds: network.vpc.selectSubnets({ subnetGroupName: 'data' }).subnetIds,
    });
    const replicated = size.cache.nodes > 1;
    this.group = new elasticache.CfnReplicationGroup(this, 'Group', {
      replicationGroupId: names.name,
      replicationGroupDescription: 'Cache of Posthorn',
      engine: 'valkey',
      engineVersion: '8.1',
      cacheNodeType: size.cache.nodeType,
      numCacheClusters: size.cache.nodes,
      automaticFailoverEnabled: replicated,
      multiAzEnabled: replicated,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [network.cache.securityGroupId],
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      authToken: redis.secretValue.unsafeUnwrap(),
      autoMinorVersionUpgrade: true,
      snapshotRetentionLimit: 0,
    });
    this.url = this.urlSecret(redis, names);
  }

  private urlSecret(password: secretsmanager.ISecret, names: Names): secretsmanager.Secret {
    const url = Fn.join('', [
      'rediss://:',
      password.secretValue.unsafeUnwrap(),
      '@',
      this.group.attrPrimaryEndPointAddress,
      ':6379',
    ]);
    return new secretsmanager.Secret(this, 'Url', {
      secretName: names.urls.redis,
      description: 'REDIS_URL, made of the password',
      secretStringValue: SecretValue.unsafePlainText(url),
    });
  }
}
