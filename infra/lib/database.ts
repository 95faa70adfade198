import { CfnDeletionPolicy, Duration, Fn, SecretValue } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { AppSecrets } from './app-secrets.ts';
import type { Network } from './network.ts';
import { arnOf, serviceFor } from './roles.ts';
import { database as settings, type Names } from './settings.ts';
import type { Size } from './sizes.ts';

/** The image has the certificates of RDS, which the app takes for this name; a proxy has one that Node trusts anyway. */
const TLS = { instance: 'ssl=Amazon%20RDS', proxy: 'ssl=%7B%22rejectUnauthorized%22%3Atrue%7D' };
const SLOW_SECONDS = '1';

export interface DatabaseSettings {
  names: Names;
  size: Size;
  proxy: boolean;
  /** Name or ARN of the snapshot that it is made from. It must stay in the options: without it, CloudFormation would replace the server. */
  snapshot: string | null;
}

/**
 * MySQL 8.4 on RDS, and the secrets with the URLs that the app and the migration connect by. It can't be deleted before its protection
 * is turned off; then a last snapshot of it stays.
 */
export class Database extends Construct {
  readonly instance: rds.DatabaseInstance | rds.DatabaseInstanceFromSnapshot;
  /** DATABASE_URL of the app: the proxy's, if there is one. */
  readonly url: secretsmanager.Secret;
  /**
   * What the migration connects by, always to the server itself, since a proxy holds long statements against it: as app, migration and
   * admin. All are there with and without a proxy: the service's stack takes them from this one, which could not remove one again.
   */
  readonly migrationUrls: { app: secretsmanager.Secret; migration: secretsmanager.Secret; admin: secretsmanager.Secret };

  constructor(scope: Construct, id: string, network: Network, secrets: AppSecrets, options: DatabaseSettings) {
    super(scope, id);
    const { names } = options;
    this.instance = this.createInstance(network, secrets, options);
    const direct = this.instance.instanceEndpoint.hostname;
    const proxy = options.proxy ? this.addProxy(network, secrets, names) : null;
    const url = (urlId: string, name: string, user: keyof typeof settings.users, host = direct, tls = TLS.instance) =>
      this.urlSecret(urlId, name, user, { host, tls, password: passwords[user] });
    const passwords = { admin: secrets.databaseAdmin, app: secrets.databaseApp, migration: secrets.databaseMigration };
    this.url = proxy ? url('Url', names.urls.app, 'app', proxy.endpoint, TLS.proxy) : url('Url', names.urls.app, 'app');
    this.migrationUrls = {
      app: url('DirectUrl', names.urls.direct, 'app'),
      migration: url('MigrationUrl', names.urls.migration, 'migration'),
      admin: url('AdminUrl', names.urls.admin, 'admin'),
    };
  }

  private createInstance(network: Network, secrets: AppSecrets, { names, size, snapshot }: DatabaseSettings) {
    const engine = rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_8 });
    const common = {
      engine,
      instanceIdentifier: names.name,
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'data' },
      securityGroups: [network.database],
      instanceType: new ec2.InstanceType(size.database.instanceClass),
      multiAz: size.database.multiAz,
      allocatedStorage: size.database.storageGb,
      maxAllocatedStorage: size.database.storageGb * 10,
      storageType: rds.StorageType.GP3,
      backupRetention: Duration.days(size.database.backupDays),
      copyTagsToSnapshot: true,
      deletionProtection: true,
      autoMinorVersionUpgrade: true,
      iamAuthentication: true,
      cloudwatchLogsExports: ['error', 'slowquery'],
      monitoringInterval: Duration.seconds(60),
      monitoringRole: this.monitoringRole(),
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', { engine, parameters: parametersOf(size) }),
    };
    const instance = snapshot
      ? new rds.DatabaseInstanceFromSnapshot(this, 'Instance', {
          ...common,
          snapshotIdentifier: snapshot,
          credentials: rds.SnapshotCredentials.fromSecret(secrets.databaseAdmin),
        })
      : new rds.DatabaseInstance(this, 'Instance', {
          ...common,
          databaseName: settings.name,
          storageEncrypted: true,
          credentials: rds.Credentials.fromSecret(secrets.databaseAdmin, settings.users.admin),
        });
    keepSnapshot(instance);
    return instance;
  }

  /** For any server of the account and region: one that is restored from a backup has another name at first. */
  private monitoringRole(): iam.Role {
    return new iam.Role(this, 'MonitoringRole', {
      description: 'RDS enhanced monitoring: writes the numbers of the operating system into a log group',
      assumedBy: serviceFor('monitoring.rds', arnOf('rds', 'db:*')),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole')],
    });
  }

  private urlSecret(
    id: string,
    secretName: string,
    user: keyof typeof settings.users,
    { host, tls, password }: { host: string; tls: string; password: secretsmanager.ISecret },
  ): secretsmanager.Secret {
    const url = Fn.join('', [
      `mysql://${settings.users[user]}:`,
      password.secretValueFromJson('password').unsafeUnwrap(),
      '@',
      host,
      `:3306/${settings.name}?${tls}`,
    ]);
    return new secretsmanager.Secret(this, id, {
      secretName,
      description: `URL of the database for its user ${settings.users[user]}, made of the password`,
      // No value in the template: CloudFormation puts the password in when it makes the secret.
      secretStringValue: SecretValue.unsafePlainText(url),
    });
  }

  private addProxy(network: Network, secrets: AppSecrets, names: Names): rds.DatabaseProxy {
    return this.instance.addProxy('Proxy', {
      dbProxyName: names.name,
      secrets: [secrets.databaseApp],
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'tasks' },
      securityGroups: [network.databaseProxy],
      requireTLS: true,
      // Each client sets the same three variables. Set here for all connections, they need not pin each client to one of its own.
      sessionPinningFilters: [rds.SessionPinningFilter.EXCLUDE_VARIABLE_SETS],
      initQuery: "SET SESSION transaction_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 3, time_zone = '+00:00'",
    });
  }
}

/** A server that would be replaced stays as it is; one that is deleted leaves a snapshot, since it would hold the VPC of its stack. */
function keepSnapshot(instance: Construct): void {
  const resource = instance.node.defaultChild as rds.CfnDBInstance;
  resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.SNAPSHOT;
  resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}

function parametersOf(size: Size): Record<string, string> {
  return {
    max_connections: String(size.database.maxConnections),
    require_secure_transport: '1',
    // Both for durability: a 202 is a promise.
    innodb_flush_log_at_trx_commit: '1',
    sync_binlog: '1',
    transaction_isolation: 'READ-COMMITTED',
    time_zone: 'UTC',
    character_set_server: 'utf8mb4',
    slow_query_log: '1',
    long_query_time: SLOW_SECONDS,
    log_output: 'FILE',
  };
}
