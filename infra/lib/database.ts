import { Duration, Fn, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Network } from './network.ts';
import { MIGRATION_URL_SECRET, NAME, secrets, type Size } from './settings.ts';

/** The certificates of RDS are in the driver under this name; a proxy has one that Node trusts anyway. */
const TLS = { instance: 'ssl=Amazon%20RDS', proxy: 'ssl=%7B%22rejectUnauthorized%22%3Atrue%7D' };
const SLOW_SECONDS = '1';

/** MySQL 8.4 on RDS, kept when the stack goes; and the secrets with the URLs that the app and the migration connect by. */
export class Database extends Construct {
  readonly instance: rds.DatabaseInstance;
  /** DATABASE_URL of the app: the proxy's, if there is one. */
  readonly url: secretsmanager.Secret;
  /** DATABASE_URL of the migration: always the server itself, since a proxy holds long statements against it. */
  readonly migrationUrl: secretsmanager.Secret;

  constructor(scope: Construct, id: string, network: Network, size: Size, withProxy: boolean) {
    super(scope, id);
    const password = new secretsmanager.Secret(this, 'Password', {
      secretName: `${NAME}/database`,
      description: 'User and password of the database',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: NAME }),
        generateStringKey: 'password',
        // It goes into a URL.
        excludePunctuation: true,
        passwordLength: 40,
      },
    });
    this.instance = this.createInstance(network, size, password);
    const direct = this.instance.instanceEndpoint.hostname;
    const proxy = withProxy ? this.addProxy(network, password) : null;
    this.url = proxy
      ? this.urlSecret('Url', secrets.DATABASE_URL.name, proxy.endpoint, TLS.proxy, password)
      : this.urlSecret('Url', secrets.DATABASE_URL.name, direct, TLS.instance, password);
    this.migrationUrl = this.urlSecret('DirectUrl', MIGRATION_URL_SECRET, direct, TLS.instance, password);
  }

  private createInstance(network: Network, size: Size, password: secretsmanager.Secret): rds.DatabaseInstance {
    const engine = rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_8 });
    return new rds.DatabaseInstance(this, 'Instance', {
      engine,
      instanceIdentifier: NAME,
      databaseName: NAME,
      credentials: rds.Credentials.fromSecret(password),
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'data' },
      securityGroups: [network.database],
      instanceType: new ec2.InstanceType(size.database.instanceClass),
      multiAz: size.database.multiAz,
      allocatedStorage: size.database.storageGb,
      maxAllocatedStorage: size.database.storageGb * 10,
      storageType: rds.StorageType.GP3,
      storageEncrypted: true,
      backupRetention: Duration.days(size.database.backupDays),
      copyTagsToSnapshot: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      autoMinorVersionUpgrade: true,
      iamAuthentication: true,
      cloudwatchLogsExports: ['error', 'slowquery'],
      monitoringInterval: Duration.seconds(60),
      parameterGroup: new rds.ParameterGroup(this, 'Parameters', { engine, parameters: parametersOf(size) }),
    });
  }

  private urlSecret(id: string, secretName: string, host: string, tls: string, password: secretsmanager.Secret) {
    const url = Fn.join('', [
      `mysql://${NAME}:`,
      password.secretValueFromJson('password').unsafeUnwrap(),
      '@',
      host,
      `:3306/${NAME}?${tls}`,
    ]);
    return new secretsmanager.Secret(this, id, {
      secretName,
      description: 'DATABASE_URL, made of the password',
      // No value in the template: CloudFormation puts the password in when it makes the secret.
      secretStringValue: SecretValue.unsafePlainText(url),
    });
  }

  private addProxy(network: Network, password: secretsmanager.Secret): rds.DatabaseProxy {
    return this.instance.addProxy('Proxy', {
      dbProxyName: NAME,
      secrets: [password],
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
