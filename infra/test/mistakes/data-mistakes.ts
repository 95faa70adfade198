import { change, mistake, remove, rewrite, set, type Mistake } from './mistake.ts';

const parameter = (name: string, value: string | undefined) => set('DatabaseParameters', `Parameters.${name}`, value);
const database = (property: string, value: unknown) => set('DatabaseInstance', property, value);
const cache = (property: string, value: unknown) => set('CacheGroup', property, value);

export const DATA_MISTAKES: Mistake[] = [
  mistake('the database is public', database('PubliclyAccessible', true), 'PubliclyAccessible: it is true: make it false'),
  mistake('the database is not encrypted', database('StorageEncrypted', false), 'It can not be turned on later'),
  mistake('no backups', database('BackupRetentionPeriod', 0), 'BackupRetentionPeriod: it is 0: make it 7, and from 7 to 35'),
  mistake('the database can be deleted', database('DeletionProtection', undefined), 'DeletionProtection: it is not there'),
  mistake('an engine that the app does not support', database('EngineVersion', '8.0.40'), 'make it 8.4.…'),
  mistake('another engine', database('Engine', 'mariadb'), 'Engine: it is "mariadb": make it "mysql"'),
  mistake('a family of another version', set('DatabaseParameters', 'Family', 'mysql8.0'), 'make it "mysql8.4"'),
  mistake('the default parameters', database('DBParameterGroupName', undefined), 'DBParameterGroupName: it is not there'),
  mistake('a class for another processor and size', database('DBInstanceClass', 'db.t3.micro'), 'make it "db.t4g.medium"'),
  mistake('a disk that does not grow', database('MaxAllocatedStorage', 50), 'A disk that is full stops every write'),
  mistake('an old kind of disk', database('StorageType', 'gp2'), 'make it "gp3"'),
  mistake(
    'the database in public subnets',
    rewrite('DatabaseInstanceSubnetGroup', 'VpcdataSubnet1', 'VpcpublicSubnet1'),
    'posthorn.SubnetIds[0]',
  ),
  mistake(
    'another security group',
    database('VPCSecurityGroups', [{ 'Fn::GetAtt': ['NetworkTask', 'GroupId'] }]),
    'VPCSecurityGroups[0]',
  ),
  mistake('another port', database('Port', '3307'), 'remove Port ("3307"), or add it to the rules'),
  mistake('a monitoring interval that is none', database('MonitoringInterval', 45), 'MonitoringInterval: it is 45'),
  mistake('the slow log goes nowhere', database('EnableCloudwatchLogsExports', ['error']), 'EnableCloudwatchLogsExports'),
  mistake('a password in the template', database('MasterUserPassword', 'hunter2'), 'MasterUserPassword: it is "hunter2"'),
  mistake(
    'the database goes with its stack',
    change('DatabaseInstance', (it) => (it.DeletionPolicy = 'Delete')),
    'make it "Snapshot"',
  ),
  mistake(
    'a replaced database is deleted',
    change('DatabaseInstance', (it) => (it.UpdateReplacePolicy = 'Delete')),
    'make it "Retain"',
  ),
  mistake(
    'connections without TLS',
    parameter('require_secure_transport', '0'),
    'require_secure_transport: it is "0": make it "1"',
  ),
  mistake('commits that are not flushed', parameter('innodb_flush_log_at_trx_commit', '2'), 'must outlive a crash of the server'),
  mistake('a log of changes that is not flushed', parameter('sync_binlog', '0'), 'sync_binlog: it is "0"'),
  mistake('fewer connections than pools', parameter('max_connections', '100'), 'Both colours at their most'),
  mistake('another isolation', parameter('transaction_isolation', 'REPEATABLE-READ'), 'make it "READ-COMMITTED"'),
  mistake('three bytes a character', parameter('character_set_server', 'utf8'), 'make it "utf8mb4"'),
  mistake('the log in a table', parameter('log_output', 'TABLE'), 'Only files are exported'),
  mistake('every statement is logged', parameter('long_query_time', '0'), 'Zero logs every statement'),
  mistake('a parameter that nobody looked up', parameter('innodb_buffer_pool_size', '1'), 'remove innodb_buffer_pool_size'),

  mistake('the cache without TLS', cache('TransitEncryptionEnabled', false), 'A password needs TLS'),
  mistake('the cache lets clients in without TLS', cache('TransitEncryptionMode', 'preferred'), 'make it "required"'),
  mistake('the cache without a password', cache('AuthToken', undefined), 'AuthToken: it is not there'),
  mistake('one node and a failover', cache('AutomaticFailoverEnabled', true), 'with one node it is refused'),
  mistake('two zones without failover', cache('MultiAZEnabled', true), 'It needs failover and two nodes'),
  mistake('another engine of the cache', cache('Engine', 'redis'), 'make it "valkey"'),
  mistake('an engine version that is too old', cache('EngineVersion', '7.2'), 'make it "8.1"'),
  mistake(
    'the cache in the subnets of the tasks',
    rewrite('CacheSubnets', 'data', 'tasks'),
    'CacheSubnets (AWS::ElastiCache::SubnetGroup)',
  ),
  mistake('snapshots of what need not last', cache('SnapshotRetentionLimit', 7), 'SnapshotRetentionLimit: it is 7: make it 0'),

  mistake(
    'the queue is its own dead-letter queue',
    rewrite('QueuesMain', 'QueuesDeadLetter', 'QueuesMain'),
    'never gets rid of anything',
  ),
  mistake(
    'another visibility than the app has',
    set('QueuesMain', 'VisibilityTimeout', 300),
    'VisibilityTimeout: it is 300: make it 30',
  ),
  mistake(
    'messages are given up at once',
    set('QueuesMain', 'RedrivePolicy.maxReceiveCount', 1),
    'maxReceiveCount: it is 1: make it 50',
  ),
  mistake(
    'dead letters go first',
    set('QueuesDeadLetter', 'MessageRetentionPeriod', 86_400),
    'and that of its dead-letter queue is 86400',
  ),
  mistake('a FIFO queue', set('QueuesMain', 'FifoQueue', true), 'remove FifoQueue (true)'),
  mistake(
    'a key that the app may not use',
    change('QueuesMain', ({ Properties }) => {
      delete Properties.SqsManagedSseEnabled;
      Properties.KmsMasterKeyId = 'alias/aws/sqs';
    }),
    'remove KmsMasterKeyId',
  ),
  mistake('a queue without TLS', remove('QueuesMainPolicy'), 'Nobody talks to the queue without TLS'),

  mistake(
    'a password with punctuation in a URL',
    set('SecretsDatabaseApp', 'GenerateSecretString.ExcludePunctuation', false),
    'It goes into URLs',
  ),
  mistake(
    'an encryption key of another length',
    set('SecretsEncryptionKey', 'GenerateSecretString.PasswordLength', 32),
    'no key of AES-256',
  ),
  mistake('a short secret', set('SecretsJwtSecret', 'GenerateSecretString.PasswordLength', 16), 'make it 32 or more'),
  mistake(
    'another key of the password',
    set('SecretsDatabaseAdmin', 'GenerateSecretString.GenerateStringKey', 'secret'),
    'make it "password"',
  ),
  mistake(
    'another user',
    set('SecretsDatabaseApp', 'GenerateSecretString.SecretStringTemplate', '{"username":"app"}'),
    'SecretStringTemplate',
  ),
  mistake(
    'a secret goes with its stack',
    change('SecretsEncryptionKey', (it) => (it.DeletionPolicy = 'Delete')),
    'RetainExceptOnCreate',
  ),
  mistake(
    'the app is the administrator',
    rewrite('DatabaseUrl', 'mysql://posthorn_app', 'mysql://posthorn'),
    'posthorn.SecretString',
  ),
  mistake(
    'a URL without TLS',
    rewrite('DatabaseUrl', '?ssl=Amazon%20RDS', ''),
    'DatabaseUrl (AWS::SecretsManager::Secret) of posthorn.SecretString',
  ),
  mistake(
    'the cache by a URL without TLS',
    rewrite('CacheUrl', 'rediss', 'redis'),
    'CacheUrl (AWS::SecretsManager::Secret) of posthorn',
  ),
  mistake(
    'a name that ends like an ARN',
    set('SecretsJwtSecret', 'Name', 'posthorn/jwt-secret'),
    'it is "posthorn/jwt-secret" (19 characters)',
  ),

  mistake(
    'the access log is public',
    set('LogsAccess', 'PublicAccessBlockConfiguration.BlockPublicPolicy', false),
    'Nothing here is for the public',
  ),
  mistake(
    'the access log grows for ever',
    set('LogsAccess', 'LifecycleConfiguration', undefined),
    'What nobody deletes is paid for ever',
  ),
  mistake(
    'objects that belong to others',
    set('LogsAccess', 'OwnershipControls.Rules.0.ObjectOwnership', 'ObjectWriter'),
    'BucketOwnerEnforced',
  ),
  mistake(
    'a service that writes no access logs',
    rewrite('LogsAccessPolicy', 'logdelivery.elasticloadbalancing', 'delivery.logs'),
    'LogsAccessPolicy',
  ),
  mistake(
    'another prefix of the access log',
    rewrite('LogsAccessPolicy', 'load-balancer/AWSLogs', 'AWSLogs'),
    'LogsAccessPolicy',
  ),
  mistake('tags that move', set('Images', 'ImageTagMutability', 'MUTABLE'), 'make it "IMMUTABLE"'),
  mistake('images that have a tag expire', rewrite('Images', 'untagged', 'any'), 'Only what no tag names may expire'),
  mistake(
    'images that nobody scans',
    set('Images', 'ImageScanningConfiguration.ScanOnPush', false),
    'The scan gate of the build waits for it',
  ),
  mistake(
    'images that go with the stack',
    change('Images', (it) => (it.DeletionPolicy = 'Delete')),
    'RetainExceptOnCreate',
  ),
  mistake(
    'artifacts without versions',
    set('Artifacts', 'VersioningConfiguration', undefined),
    'CodePipeline names the version of each artifact',
  ),
  mistake(
    'a bucket of another name',
    set('Artifacts', 'BucketName', 'Posthorn_artifacts'),
    'it is "Posthorn_artifacts" (18 characters): make it fit',
  ),
];
