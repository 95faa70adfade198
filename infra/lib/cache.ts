import { Fn, SecretValue } from 'aws-cdk-lib';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Network } from './network.ts';
import { NAME, secrets, type Size } from './settings.ts';

/** Valkey on ElastiCache, with TLS and a password. Nothing in it has to last: no snapshots. */
export class Cache extends Construct {
  readonly group: elasticache.CfnReplicationGroup;
  /** REDIS_URL of the app. */
  readonly url: secretsmanager.Secret;

  constructor(scope: Construct, id: string, network: Network, size: Size) {
    super(scope, id);
    const password = new secretsmanager.Secret(this, 'Password', {
      secretName: `${NAME}/redis`,
      description: 'Password of the cache',
      generateSecretString: { excludePunctuation: true, passwordLength: 40 },
    });
    const subnets = new elasticache.CfnSubnetGroup(this, 'Subnets', {
      description: 'Cache of Posthorn',
      subnetIds: network.vpc.selectSubnets({ subnetGroupName: 'data' }).subnetIds,
    });
    const replicated = size.cache.nodes > 1;
    this.group = new elasticache.CfnReplicationGroup(this, 'Group', {
      replicationGroupId: NAME,
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
      authToken: password.secretValue.unsafeUnwrap(),
      autoMinorVersionUpgrade: true,
      snapshotRetentionLimit: 0,
    });
    this.url = this.urlSecret(password);
  }

  private urlSecret(password: secretsmanager.Secret): secretsmanager.Secret {
    const url = Fn.join('', [
      'rediss://:',
      password.secretValue.unsafeUnwrap(),
      '@',
      this.group.attrPrimaryEndPointAddress,
      ':6379',
    ]);
    return new secretsmanager.Secret(this, 'Url', {
      secretName: secrets.REDIS_URL.name,
      description: 'REDIS_URL, made of the password',
      secretStringValue: SecretValue.unsafePlainText(url),
    });
  }
}
