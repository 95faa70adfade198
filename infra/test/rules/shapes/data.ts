import { because, rule } from '../shape.ts';
import { secret, subnets, type Unit } from '../unit.ts';
import { GOES, STAYS, type Shape, type Shapes } from './shape-of.ts';

export function dataShapes(it: Unit): Shapes {
  return { ...database(it), ...(it.environment.databaseProxy ? proxy(it) : {}), ...cache(it), ...queues(it) };
}

const FILE = 'lib/database.ts';

function database(it: Unit): Shapes {
  const { size, environment } = it;
  const fresh = environment.databaseSnapshot
    ? { DBSnapshotIdentifier: environment.databaseSnapshot }
    : {
        DBName: 'posthorn',
        MasterUsername: 'posthorn',
        StorageEncrypted: because('It can not be turned on later', true),
      };
  return {
    DatabaseInstance: {
      file: FILE,
      type: 'AWS::RDS::DBInstance',
      why: 'It holds every message: it is encrypted, private, backed up, and can not be deleted by mistake',
      when: ['Snapshot', 'Retain'],
      properties: {
        ...fresh,
        Engine: 'mysql',
        EngineVersion: because(
          '8.4 is what the app supports and has tests for',
          rule('8.4.…', (value) => /^8\.4\.\d+$/.test(value)),
        ),
        DBInstanceIdentifier: it.name,
        DBInstanceClass: `db.${size.database.instanceClass}`,
        MasterUserPassword: `{{resolve:secretsmanager:${secret(it, 'DatabaseAdmin', 'database')}:SecretString:password::}}`,
        MultiAZ: size.database.multiAz,
        AllocatedStorage: String(size.database.storageGb),
        MaxAllocatedStorage: because('A disk that is full stops every write', size.database.storageGb * 10),
        StorageType: because('It has 3000 operations a second whatever its size; gp2 has three a gigabyte', 'gp3'),
        BackupRetentionPeriod: because(
          'Zero turns backups off, and a fault may take a week to be seen',
          rule(
            `${size.database.backupDays}, and from 7 to 35`,
            (value) => value === size.database.backupDays && value >= 7 && value <= 35,
          ),
        ),
        CopyTagsToSnapshot: true,
        DeletionProtection: true,
        PubliclyAccessible: false,
        AutoMinorVersionUpgrade: because('Security fixes come so', true),
        EnableIAMDatabaseAuthentication: true,
        EnableCloudwatchLogsExports: because('The slow log is written to a file that only this export shows', [
          'error',
          'slowquery',
        ]),
        MonitoringInterval: because('Only 0, 1, 5, 10, 15, 30 and 60 exist; a minute is what the alarms look at', 60),
        MonitoringRoleArn: '${DatabaseMonitoringRole.Arn}',
        DBParameterGroupName: '${DatabaseParameters}',
        DBSubnetGroupName: '${DatabaseInstanceSubnetGroup}',
        VPCSecurityGroups: ['${NetworkDatabase.GroupId}'],
      },
    },
    DatabaseInstanceSubnetGroup: {
      file: FILE,
      type: 'AWS::RDS::DBSubnetGroup',
      why: 'The database has no way to or from the internet',
      properties: { DBSubnetGroupDescription: 'Subnet group for Instance database', SubnetIds: subnets(it, 'data') },
    },
    DatabaseParameters: parameters(it),
    SecretsDatabaseAdminAttachment: {
      file: FILE,
      type: 'AWS::SecretsManager::SecretTargetAttachment',
      why: 'It writes host and port beside the password, for people',
      properties: {
        SecretId: secret(it, 'DatabaseAdmin', 'database'),
        TargetId: '${DatabaseInstance}',
        TargetType: 'AWS::RDS::DBInstance',
      },
    },
  };
}

function parameters({ size }: Unit): Shape {
  const durable = (value: string) => because('What was acknowledged with 202 must outlive a crash of the server', value);
  return {
    file: FILE,
    type: 'AWS::RDS::DBParameterGroup',
    why: 'The app relies on these; a default group of RDS can not be changed',
    properties: {
      Description: 'Parameter group for mysql8.4',
      Family: because('The family must be that of the engine version', 'mysql8.4'),
      Parameters: {
        max_connections: because(
          'Both colours at their most, and the migration, must fit in',
          String(size.database.maxConnections),
        ),
        require_secure_transport: because('With 0 a client without TLS would send its password in clear', '1'),
        innodb_flush_log_at_trx_commit: durable('1'),
        sync_binlog: durable('1'),
        transaction_isolation: because('The claims of deliveries are written for it', 'READ-COMMITTED'),
        time_zone: because('Times are stored without a zone', 'UTC'),
        character_set_server: because('utf8 has three bytes: no emoji', 'utf8mb4'),
        slow_query_log: '1',
        long_query_time: because('Zero logs every statement', '1'),
        log_output: because('Only files are exported to CloudWatch', 'FILE'),
      },
    },
  };
}

function proxy(it: Unit): Shapes {
  return {
    DatabaseInstanceProxy: {
      file: FILE,
      type: 'AWS::RDS::DBProxy',
      why: 'Tasks connect through it as the app: over TLS, with the password of that user',
      properties: {
        DBProxyName: it.name,
        EngineFamily: 'MYSQL',
        RequireTLS: because('Without it a client may send its password in clear', true),
        Auth: [{ AuthScheme: 'SECRETS', IAMAuth: 'DISABLED', SecretArn: secret(it, 'DatabaseApp', 'database-app') }],
        RoleArn: '${DatabaseInstanceProxyIAMRole.Arn}',
        VpcSecurityGroupIds: ['${NetworkDatabaseProxy.GroupId}'],
        VpcSubnetIds: subnets(it, 'tasks'),
      },
    },
    DatabaseInstanceProxyProxyTargetGroup: {
      file: FILE,
      type: 'AWS::RDS::DBProxyTargetGroup',
      why: 'Each client sets the same variables: without filter and query it pins every client to a connection of its own',
      properties: {
        DBProxyName: '${DatabaseInstanceProxy}',
        DBInstanceIdentifiers: ['${DatabaseInstance}'],
        TargetGroupName: 'default',
        ConnectionPoolConfigurationInfo: {
          InitQuery: "SET SESSION transaction_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 3, time_zone = '+00:00'",
          SessionPinningFilters: ['EXCLUDE_VARIABLE_SETS'],
        },
      },
    },
  };
}

function cache(it: Unit): Shapes {
  const { nodes, nodeType } = it.size.cache;
  return {
    CacheGroup: {
      file: 'lib/cache.ts',
      type: 'AWS::ElastiCache::ReplicationGroup',
      why: 'It is reached with TLS and a password only; nothing in it has to last',
      properties: {
        ReplicationGroupId: it.name,
        ReplicationGroupDescription: 'Cache of Posthorn',
        Engine: 'valkey',
        EngineVersion: because('Sharded channels and the functions that the app uses need 8', '8.1'),
        CacheNodeType: nodeType,
        NumCacheClusters: nodes,
        AutomaticFailoverEnabled: because('With two nodes it promotes the other one; with one node it is refused', nodes > 1),
        MultiAZEnabled: because('It needs failover and two nodes', nodes > 1),
        CacheSubnetGroupName: '${CacheSubnets}',
        SecurityGroupIds: ['${NetworkCache.GroupId}'],
        AtRestEncryptionEnabled: true,
        TransitEncryptionEnabled: because('A password needs TLS', true),
        TransitEncryptionMode: because('"preferred" lets clients in without TLS', 'required'),
        AuthToken: `{{resolve:secretsmanager:${secret(it, 'Redis', 'redis')}:SecretString:::}}`,
        AutoMinorVersionUpgrade: true,
        SnapshotRetentionLimit: 0,
      },
    },
    CacheSubnets: {
      file: 'lib/cache.ts',
      type: 'AWS::ElastiCache::SubnetGroup',
      why: 'The cache has no way to or from the internet',
      properties: { Description: 'Cache of Posthorn', SubnetIds: subnets(it, 'data') },
    },
  };
}

function queues({ name }: Unit): Shapes {
  const file = 'lib/queues.ts';
  const common = { SqsManagedSseEnabled: true, MessageRetentionPeriod: because('14 days: the most there is', 1_209_600) };
  const policy = (id: string): Shape => ({
    file,
    type: 'AWS::SQS::QueuePolicy',
    why: 'Nobody talks to the queue without TLS',
    properties: {
      Queues: [`\${${id}}`],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'sqs:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Resource: `\${${id}.Arn}`,
          },
        ],
      },
    },
  });
  return {
    QueuesMain: {
      file,
      type: 'AWS::SQS::Queue',
      why: 'The app takes it as it is on a laptop',
      when: GOES,
      properties: {
        ...common,
        QueueName: name,
        VisibilityTimeout: because('The app extends it by this much (src: queue settings)', 30),
        RedrivePolicy: {
          deadLetterTargetArn: because(
            'A queue that is its own dead-letter queue never gets rid of anything',
            '${QueuesDeadLetter.Arn}',
          ),
          maxReceiveCount: because(
            'A wake-up is received again while its delivery waits; few would land in the dead letters',
            50,
          ),
        },
      },
    },
    QueuesDeadLetter: {
      file,
      type: 'AWS::SQS::Queue',
      why: 'A message keeps the time at which it was sent: the dead-letter queue must keep it as long at least',
      when: GOES,
      properties: { ...common, QueueName: `${name}-dlq` },
    },
    QueuesMainPolicy: policy('QueuesMain'),
    QueuesDeadLetterPolicy: policy('QueuesDeadLetter'),
  };
}

/** Secrets that Secrets Manager makes up, and those that are made of them. */
export function secretShapes(it: Unit): Shapes {
  const { name, environment } = it;
  const generated = (file: string, Name: string, Description: string, GenerateSecretString: object): Shape => ({
    file,
    type: 'AWS::SecretsManager::Secret',
    why: 'Without it the snapshots of the database can not be read: it stays when the stack goes',
    when: STAYS,
    properties: {
      Name: `${name}/${Name}`,
      Description,
      GenerateSecretString: {
        ExcludePunctuation: because('It goes into URLs and headers as it is', true),
        ...GenerateSecretString,
      },
    },
  });
  const text = (Name: string, Description: string, PasswordLength: unknown) =>
    generated('lib/app-secrets.ts', Name, Description, { PasswordLength });
  const user = (Name: string, Description: string, username: string) =>
    generated('lib/app-secrets.ts', Name, Description, {
      PasswordLength: 40,
      GenerateStringKey: because('The URLs read this key', 'password'),
      SecretStringTemplate: JSON.stringify({ username }),
    });
  const key = because('43 characters are 32 bytes in base64: another length is no key of AES-256', 43);
  const made: Shapes = {
    SecretsJwtSecret: text(
      'jwt-key',
      'JWT_SECRET: signs API tokens',
      rule('32 or more', (value) => value >= 32),
    ),
    SecretsEncryptionKey: text('encryption-key', 'ENCRYPTION_KEY: seals secrets at rest', key),
    SecretsReceiverKey: text('receiver-key', 'Signs the webhook of the release check', key),
    SecretsRedis: text(
      'redis',
      'Password of the cache',
      rule('from 16 to 128', (value) => value >= 16 && value <= 128),
    ),
    SecretsDatabaseAdmin: user('database', 'Administrator of the database', 'posthorn'),
    SecretsDatabaseApp: user('database-app', "The app's user of the database", 'posthorn_app'),
    SecretsDatabaseMigration: user('database-migration', 'The user of the database that changes tables', 'posthorn_migration'),
  };
  return { ...(environment.kept ? {} : made), ...urlSecrets(it) };
}

const INSTANCE = { host: '${DatabaseInstance.Endpoint.Address}', tls: 'ssl=Amazon%20RDS' };
const PROXY = { host: '${DatabaseInstanceProxy.Endpoint}', tls: 'ssl=%7B%22rejectUnauthorized%22%3Atrue%7D' };

function urlSecrets(it: Unit): Shapes {
  const proxied = it.environment.databaseProxy;
  const reference = (secretArn: string, jsonKey: string) => `{{resolve:secretsmanager:${secretArn}:SecretString:${jsonKey}::}}`;
  const made = (file: string, name: string, Description: string, SecretString: string): Shape => ({
    file,
    type: 'AWS::SecretsManager::Secret',
    why: 'The password is in no template: CloudFormation puts it in. It is TLS that is checked, to the one database',
    when: GOES,
    properties: { Name: `${it.name}/${name}`, Description, SecretString },
  });
  const url = (name: string, user: string, id: string, secretName: string, { host, tls } = INSTANCE) => {
    const password = reference(secret(it, id, secretName), 'password');
    const description = `URL of the database for its user ${user}, made of the password`;
    return made(FILE, name, description, `mysql://${user}:${password}@${host}:3306/posthorn?${tls}`);
  };
  const redis = reference(secret(it, 'Redis', 'redis'), '');
  return {
    DatabaseUrl: url('database-url', 'posthorn_app', 'DatabaseApp', 'database-app', proxied ? PROXY : INSTANCE),
    DatabaseDirectUrl: url('database-direct-url', 'posthorn_app', 'DatabaseApp', 'database-app'),
    DatabaseMigrationUrl: url('database-url-migration', 'posthorn_migration', 'DatabaseMigration', 'database-migration'),
    DatabaseAdminUrl: url('database-url-admin', 'posthorn', 'DatabaseAdmin', 'database'),
    CacheUrl: made(
      'lib/cache.ts',
      'redis-url',
      'REDIS_URL, made of the password',
      `rediss://:${redis}@\${CacheGroup.PrimaryEndPoint.Address}:6379`,
    ),
  };
}
