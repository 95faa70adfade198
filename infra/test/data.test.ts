import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sizes, type SizeName } from '../lib/sizes.ts';
import {
  EVERYTHING,
  INFRA,
  only,
  resourcesOf,
  templateOf,
  templatesOf,
  textOf,
  type Context,
  type Resource,
} from './support/synth.ts';

const NAMES = Object.keys(sizes) as SizeName[];
const secretNamed = (name: string, context = {}) =>
  only(templateOf(context), 'AWS::SecretsManager::Secret', ({ Name }) => Name === name);

describe('database', () => {
  it.each(NAMES)('%s: is MySQL 8.4, encrypted, backed up and protected', (size) => {
    const { database } = sizes[size];
    const found = only(templateOf({ size }), 'AWS::RDS::DBInstance');
    expect(found.Properties).toMatchObject({
      Engine: 'mysql',
      EngineVersion: expect.stringMatching(/^8\.4\./),
      DBInstanceClass: `db.${database.instanceClass}`,
      MultiAZ: database.multiAz,
      StorageEncrypted: true,
      DeletionProtection: true,
      BackupRetentionPeriod: database.backupDays,
    });
    expect(found.Properties.PubliclyAccessible).not.toBe(true);
    expect([found.DeletionPolicy, found.UpdateReplacePolicy]).toEqual(['Snapshot', 'Retain']);
  });

  it.each(NAMES)('%s: takes the connections of all tasks, blue and green', (size) => {
    const { database, poolSize, tasks } = sizes[size];
    const { Parameters } = only(templateOf({ size }), 'AWS::RDS::DBParameterGroup').Properties;
    expect(Parameters).toMatchObject({ max_connections: String(database.maxConnections), require_secure_transport: '1' });
    expect(poolSize * tasks.max * 2).toBeLessThan(database.maxConnections);
  });

  it('is connected to over TLS, by a URL whose password is in no template', () => {
    for (const [name, user] of [
      ['posthorn/database-url', 'posthorn_app'],
      ['posthorn/database-direct-url', 'posthorn_app'],
      ['posthorn/database-url-migration', 'posthorn_migration'],
      ['posthorn/database-url-admin', 'posthorn'],
    ] as const) {
      const text = textOf(secretNamed(name).Properties.SecretString);
      expect(text).toContain(`mysql://${user}:{{resolve:secretsmanager:`);
      expect(text).toContain(':3306/posthorn?ssl=Amazon%20RDS');
    }
  });

  it('requires TLS, which the app uses on all its connections', () => {
    const source = readFileSync(join(INFRA, '..', 'src', 'database', 'data-source.ts'), 'utf8');
    // TypeORM does not read `ssl` from the URL: the data source has to hand it over.
    expect(source).toMatch(/\bssl\b/);
  });

  it('has a proxy if it was asked for, which migrations go past', () => {
    expect(Object.keys(resourcesOf(templateOf(), 'AWS::RDS::DBProxy'))).toEqual([]);
    expect(only(templateOf(EVERYTHING), 'AWS::RDS::DBProxy').Properties).toMatchObject({ RequireTLS: true });
    expect(textOf(secretNamed('posthorn/database-url', EVERYTHING).Properties.SecretString)).toContain('DatabaseInstanceProxy');
    expect(textOf(secretNamed('posthorn/database-direct-url', EVERYTHING).Properties.SecretString)).not.toContain('Proxy');
  });
});

describe('what the service takes from the data', () => {
  it.each([
    ['a proxy', { databaseProxy: 'true' }],
    ['another size', { size: 'large' }],
    ['a domain', { domainName: 'hooks.example.com', hostedZoneId: 'Z1' }],
  ])('is the same with %s, since no export that is in use can be removed', (_what, context) => {
    const exported = (of: Context) =>
      Object.values(templatesOf(of)['posthorn-data']!.findOutputs('*'))
        .filter(({ Export }) => Export)
        .map(({ Export }) => Export.Name)
        .sort();
    expect(exported(context)).toEqual(exported({}));
  });
});

describe('cache', () => {
  it.each(NAMES)('%s: is Valkey with TLS and a password', (size) => {
    const { nodeType, nodes } = sizes[size].cache;
    expect(only(templateOf({ size }), 'AWS::ElastiCache::ReplicationGroup').Properties).toMatchObject({
      Engine: 'valkey',
      CacheNodeType: nodeType,
      NumCacheClusters: nodes,
      AutomaticFailoverEnabled: nodes > 1,
      MultiAZEnabled: nodes > 1,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
    });
    expect(textOf(secretNamed('posthorn/redis-url').Properties.SecretString)).toContain('rediss://:{{resolve:secretsmanager:');
  });
});

describe('queues', () => {
  it('are as the app expects them', () => {
    const queue = only(templateOf(), 'AWS::SQS::Queue', ({ QueueName }) => QueueName === 'posthorn');
    expect(queue.Properties).toMatchObject({
      VisibilityTimeout: 30,
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
    });
    expect(queue.Properties.RedrivePolicy).toMatchObject({ maxReceiveCount: 50 });
    expect(textOf(queue.Properties.RedrivePolicy)).toContain('DeadLetter');
    const dead = only(templateOf(), 'AWS::SQS::Queue', ({ QueueName }) => QueueName === 'posthorn-dlq');
    expect(dead.Properties.MessageRetentionPeriod).toBe(1_209_600);
  });
});

describe('secrets', () => {
  it('are made up by Secrets Manager, the encryption key as base64 of 32 bytes', () => {
    const { PasswordLength, ExcludePunctuation } = secretNamed('posthorn/encryption-key').Properties.GenerateSecretString;
    expect(ExcludePunctuation).toBe(true);
    expect(Buffer.from('Zz9'.repeat(PasswordLength).slice(0, PasswordLength), 'base64')).toHaveLength(32);
    expect(secretNamed('posthorn/jwt-key').Properties.GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(32);
  });

  it('have names that Secrets Manager finds by an ARN without its suffix', () => {
    for (const { Properties } of Object.values(resourcesOf(templateOf(EVERYTHING), 'AWS::SecretsManager::Secret')))
      expect(Properties.Name).not.toMatch(/-\w{6}$/);
  });

  it('that nothing can be read without are kept when the stack goes', () => {
    const generated = Object.values(resourcesOf(templateOf(), 'AWS::SecretsManager::Secret')).filter(
      ({ Properties }) => Properties.GenerateSecretString,
    );
    expect(generated).toHaveLength(7);
    for (const { DeletionPolicy } of generated) expect(DeletionPolicy).toBe('RetainExceptOnCreate');
  });
});

describe('an installation over what another one left', () => {
  const KEPT = { kept: 'true', databaseSnapshot: 'posthorn-final' };

  it('makes nothing whose name is taken by what stayed', () => {
    const stay = Object.values((templateOf().toJSON() as { Resources: Record<string, Resource> }).Resources).filter(
      ({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'),
    );
    const nameOf = ({ Type, Properties: { Name, LogGroupName, RepositoryName } = {} as any }: Resource) => {
      const name = Name ?? LogGroupName ?? RepositoryName;
      return name && `${Type} ${name}`;
    };
    const taken = stay.map(nameOf).filter((name) => name !== undefined);
    expect(taken).toHaveLength(10);
    const made = Object.values((templateOf(KEPT).toJSON() as { Resources: Record<string, Resource> }).Resources).map(nameOf);
    expect(taken.filter((name) => made.includes(name))).toEqual([]);
  });

  it('makes the database from its last snapshot, with the password that was kept', () => {
    const { DBSnapshotIdentifier, DBName, MasterUserPassword } = only(templateOf(KEPT), 'AWS::RDS::DBInstance').Properties;
    expect([DBSnapshotIdentifier, DBName]).toEqual(['posthorn-final', undefined]);
    expect(textOf(MasterUserPassword)).toContain(':secret:posthorn/database:SecretString:password');
  });
});

describe('images', () => {
  it('expire only when no tag names them, and tags can not be moved', () => {
    const { Properties } = only(templateOf(), 'AWS::ECR::Repository', ({ RepositoryName }) => RepositoryName === 'posthorn');
    expect(Properties.ImageTagMutability).toBe('IMMUTABLE');
    const { rules } = JSON.parse(Properties.LifecyclePolicy.LifecyclePolicyText);
    expect(rules.map((rule: any) => rule.selection.tagStatus)).toEqual(['untagged']);
  });
});

describe('security groups', () => {
  const groups = () => resourcesOf(templateOf(), 'AWS::EC2::SecurityGroup');
  const ingress = () =>
    Object.values(resourcesOf(templateOf(), 'AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties);
  const idOf = (start: string) =>
    Object.entries(groups()).find(([, { Properties }]) => Properties.GroupDescription.startsWith(start))![0];

  it.each([
    ['Tasks', 'Load balancer', 3000],
    ['Database:', 'Tasks', 3306],
    ['Cache', 'Tasks', 6379],
  ])('%s are reached only from: %s, port %i', (to, from, port) => {
    const rules = ingress().filter(({ GroupId }) => textOf(GroupId).includes(idOf(to)));
    const named = rules.filter(({ SourceSecurityGroupId }) => textOf(SourceSecurityGroupId).includes(idOf(from)));
    expect(named.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([[port, port]]);
    for (const rule of rules) expect(rule.CidrIp).toBeUndefined();
    expect(groups()[idOf(to)]!.Properties.SecurityGroupIngress).toBeUndefined();
  });
});
