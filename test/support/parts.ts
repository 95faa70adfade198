import { randomBytes } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import mysql from 'mysql2/promise';
import { loadConfig } from '../../src/config/config.js';
import { loadMigrationConfig } from '../../src/config/migration-config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { migrate } from '../../src/database/migrate.js';
import { ensureUsers } from '../../src/database/users.js';
import { createLog } from '../../src/observability/log.js';
import { roleBeside } from './beside.js';
import { patient } from './until.js';
import { EMULATOR_CREDENTIALS, ensureQueues } from '../../src/queue/embedded-queue.js';

const REGION = 'us-east-1';

/** Configuration of one test's database, queue and cache, and how to get rid of them. */
export interface Parts {
  env: Record<string, string>;
  /** The database behind `env`; null with the embedded one. */
  database: TestDatabase | null;
  remove(): Promise<void>;
}

/** A database with the two users that the command `migrate` makes. Tests run the service as the one that may only change data. */
export interface TestDatabase {
  dataUrl: string;
  migrationUrl: string;
  /** Of the server's administrator: for what a test itself does to the database. */
  adminUrl: string;
  remove(): Promise<void>;
}

/** A database and queues of their own on the servers of the services suite; nothing outside it, where the embedded parts serve. */
export async function ownParts(options: { schema?: boolean } = {}): Promise<Parts> {
  const { TEST_DATABASE_URL, TEST_REDIS_URL, TEST_SQS_ENDPOINT } = process.env;
  const name = `posthorn_test_${randomBytes(6).toString('hex')}`;
  const env: Record<string, string> = {};
  if (TEST_REDIS_URL) env['REDIS_URL'] = TEST_REDIS_URL;
  if (TEST_SQS_ENDPOINT) Object.assign(env, await ownQueues(TEST_SQS_ENDPOINT, name));
  if (!TEST_DATABASE_URL) return { env, database: null, remove: async () => {} };

  const database = await ownDatabase(TEST_DATABASE_URL, name, options);
  env['DATABASE_URL'] = database.dataUrl;
  return { env, database, remove: () => database.remove() };
}

/** A new database on this server, with its users; with the schema too, unless `schema` is false. */
export async function ownDatabase(serverUrl: string, name: string, { schema = true } = {}): Promise<TestDatabase> {
  const urlOf = (user?: string) => {
    const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` });
    if (user) Object.assign(url, { username: user, password: randomBytes(8).toString('hex') });
    return url.href;
  };
  // At most 32 characters, which is what MySQL takes.
  const id = randomBytes(6).toString('hex');
  const urls = {
    DATABASE_URL: urlOf(`data_${id}`),
    DATABASE_MIGRATION_URL: urlOf(`migration_${id}`),
    DATABASE_ADMIN_URL: urlOf(),
  };
  await statement(serverUrl, `CREATE DATABASE ${name}`);
  await ensureUsers(loadMigrationConfig(urls).users!, createLog('silent'));
  if (schema) await migrateAs(urls.DATABASE_MIGRATION_URL);
  return {
    dataUrl: urls.DATABASE_URL,
    migrationUrl: urls.DATABASE_MIGRATION_URL,
    adminUrl: urls.DATABASE_ADMIN_URL,
    async remove() {
      await statement(serverUrl, `DROP DATABASE IF EXISTS ${name}`);
      await statement(serverUrl, `DROP USER IF EXISTS 'data_${id}'@'%', 'migration_${id}'@'%'`);
    },
  };
}

async function migrateAs(url: string): Promise<void> {
  const secrets = { jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') };
  const dataSource = await createDataSource(loadConfig({ DATABASE_URL: url }, () => secrets)).initialize();
  try {
    await migrate(dataSource, createLog('silent'));
    // As on the database of an installation that the build before has worked on: it can't read what is bound.
    if (roleBeside() !== null) await dataSource.query('DELETE FROM sealing_mode');
  } finally {
    await dataSource.destroy();
  }
}

/** A queue and its dead-letter queue on an SQS emulator, as configuration. */
export async function ownQueues(endpoint: string, name: string): Promise<Record<string, string>> {
  const client = new SQSClient({ endpoint, region: REGION, credentials: EMULATOR_CREDENTIALS, useQueueUrlAsEndpoint: false });
  try {
    const { queueUrl, deadLetterUrl } = await ensureQueues(client, { queue: name, deadLetters: `${name}_dlq` });
    return {
      SQS_QUEUE_URL: queueUrl,
      SQS_DLQ_URL: deadLetterUrl,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ACCESS_KEY_ID: EMULATOR_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EMULATOR_CREDENTIALS.secretAccessKey,
    };
  } finally {
    client.destroy();
  }
}

async function statement(url: string, sql: string): Promise<void> {
  const connection = await mysql.createConnection({ uri: url, connectTimeout: patient(5_000) });
  await connection.query(sql).finally(() => connection.destroy());
}
