import { randomBytes } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import mysql from 'mysql2/promise';
import { EMULATOR_CREDENTIALS, ensureQueues } from '../../src/queue/embedded-queue.js';

const REGION = 'us-east-1';

/** Configuration of one test's database, queue and cache, and how to get rid of them. */
export interface Parts {
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** A database and queues of their own on the servers of the services suite; nothing outside it, where the embedded parts serve. */
export async function ownParts(): Promise<Parts> {
  const { TEST_DATABASE_URL, TEST_REDIS_URL, TEST_SQS_ENDPOINT } = process.env;
  const name = `posthorn_test_${randomBytes(6).toString('hex')}`;
  const env: Record<string, string> = {};
  if (TEST_REDIS_URL) env['REDIS_URL'] = TEST_REDIS_URL;
  if (TEST_SQS_ENDPOINT) Object.assign(env, await ownQueues(TEST_SQS_ENDPOINT, name));
  if (!TEST_DATABASE_URL) return { env, remove: async () => {} };

  await statement(TEST_DATABASE_URL, `CREATE DATABASE ${name}`);
  env['DATABASE_URL'] = Object.assign(new URL(TEST_DATABASE_URL), { pathname: `/${name}` }).href;
  env['MIGRATE_ON_START'] = 'true';
  return { env, remove: () => statement(TEST_DATABASE_URL, `DROP DATABASE IF EXISTS ${name}`) };
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
  const connection = await mysql.createConnection({ uri: url, connectTimeout: 5_000 });
  await connection.query(sql).finally(() => connection.destroy());
}
