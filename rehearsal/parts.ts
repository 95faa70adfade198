import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { ownQueues } from '../test/support/parts.js';
import { startMariaDb, startRedis, startSqs, type Service } from '../test/support/services.js';
import type { Image } from './ecs/container.js';

const MIGRATION_LIMIT_MS = 120_000;

/** The database, the cache and the queue, real servers in processes of their own. */
export interface Parts {
  database: Service;
  redis: Service;
  sqs: Service;
  stop(): Promise<void>;
}

/** What one scenario has of them: a new database and new queues. */
export interface Own {
  /** With the rights that the service has on AWS: on rows, not on tables. */
  databaseUrl: string;
  /** Of a user who may change tables. */
  migrationUrl: string;
  redisUrl: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  sqsEndpoint: string;
  jwtSecret: string;
  encryptionKey: string;
}

/** @throws Error that names the package to install if a server is missing */
export async function startParts(): Promise<Parts> {
  const [database, redis, sqs] = await Promise.all([startMariaDb(), startRedis(), startSqs()]);
  const stop = async () => void (await Promise.all([database.stop(), redis.stop(), sqs.stop()]));
  return { database, redis, sqs, stop };
}

/** A new database without tables, and new queues. */
export async function ownParts({ database, redis, sqs }: Parts, name: string): Promise<Own> {
  const migrationUrl = new URL(`/${name}`, database.url).href;
  const databaseUrl = await databaseFor(migrationUrl, name);
  const queues = await ownQueues(sqs.url, name);
  return {
    databaseUrl,
    migrationUrl,
    redisUrl: redis.url,
    queueUrl: queues['SQS_QUEUE_URL']!,
    deadLetterQueueUrl: queues['SQS_DLQ_URL']!,
    sqsEndpoint: sqs.url,
    jwtSecret: randomBytes(32).toString('hex'),
    encryptionKey: randomBytes(32).toString('base64'),
  };
}

/** Brings the database to the schema of a build. */
export async function migrate({ migrationUrl }: Own, { folder }: Image): Promise<void> {
  await promisify(execFile)(process.execPath, [join(folder, 'dist/cli.js'), 'migrate'], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATABASE_URL: migrationUrl },
    timeout: MIGRATION_LIMIT_MS,
  });
}

/** Makes the database and the service's user, who may come from any address: each task has one of its own. Answers that user's URL. */
async function databaseFor(migrationUrl: string, name: string): Promise<string> {
  const url = new URL(migrationUrl);
  url.username = 'posthorn';
  url.password = randomBytes(16).toString('hex');
  const connection = await mysql.createConnection({ uri: new URL('/', migrationUrl).href });
  try {
    await connection.query(`CREATE DATABASE ${name}`);
    await connection.query(`CREATE USER posthorn IDENTIFIED BY '${url.password}'`);
    await connection.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.* TO posthorn`);
  } finally {
    connection.destroy();
  }
  return url.href;
}
