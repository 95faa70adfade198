import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import mysql from 'mysql2/promise';
import { apiAt, type Api } from '../support/api.js';
import { ownParts, type TestDatabase } from '../support/parts.js';
import { startProcess, type ProcessOptions, type RunningProcess } from '../support/process.js';
import { claimsFor, randomOrgId, signToken } from '../support/tokens.js';

export type Env = Record<string, string>;

/** A process of an installation, with an API client of the test's organisation. */
export interface Server extends RunningProcess {
  api: Api;
  token: string;
}

/** Data, queues and secrets of one installation. Tests start, stop and kill its processes. */
export interface Installation {
  env: Env;
  /** The database behind `env`, with the URLs of its other users. Not with the embedded database. */
  database: TestDatabase;
  /** Starts a process. `overrides` are environment variables for this process only. */
  start(options?: ProcessOptions, overrides?: Env): Promise<Server>;
  /** Runs a statement on its database, as the server's administrator. Not with the embedded database. */
  sql<Row = Record<string, any>>(statement: string, values?: unknown[]): Promise<Row[]>;
  sqs: SQSClient;
  /** Kills the processes that still run, and removes the data. */
  remove(): Promise<void>;
}

/** Removes the variables of all servers, so that only the embedded database and queue are used. */
export const EMBEDDED: Env = { DATABASE_URL: '', REDIS_URL: '', SQS_QUEUE_URL: '' };

/**
 * An installation on the servers of the suite. `schema: false` leaves its database without tables; `database` is another one, which the
 * caller made and removes.
 */
export async function anInstallation(
  overrides: Env = {},
  options: { schema?: boolean; database?: TestDatabase } = {},
): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
  const parts = await ownParts(options);
  const database = options.database ?? parts.database!;
  const env: Env = {
    DATA_DIR: dataDir,
    JWT_SECRET: randomBytes(32).toString('base64url'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    ALLOWED_SUBNETS: '127.0.0.0/8',
    LOG_LEVEL: 'info',
    DRAIN_SECONDS: '0',
    METRICS_PORT: '0',
    ...parts.env,
    ...(options.database && { DATABASE_URL: options.database.dataUrl }),
    ...overrides,
  };
  const token = signToken(env['JWT_SECRET']!, claimsFor({ sub: randomOrgId() }));
  const processes: RunningProcess[] = [];
  const sqs = sqsClient(env);
  return {
    env,
    database,
    sqs,
    async start(options, more) {
      const started = await startProcess({ ...env, ...more }, options);
      processes.push(started);
      return { ...started, token, api: apiAt(`${started.url}/api/v1`, token) };
    },
    async sql(statement, values) {
      const connection = await mysql.createConnection({ uri: database.adminUrl, dateStrings: true, connectTimeout: 5_000 });
      const [rows] = await connection.query(statement, values).finally(() => connection.destroy());
      return rows as any[];
    },
    async remove() {
      await Promise.all(processes.map((running) => running.kill()));
      sqs.destroy();
      await parts.remove();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A client of the queue in this environment. */
function sqsClient(env: Env): SQSClient {
  return new SQSClient({
    endpoint: env['AWS_ENDPOINT_URL_SQS'],
    region: env['AWS_REGION'] ?? 'us-east-1',
    credentials: { accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? 'any', secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? 'any' },
    useQueueUrlAsEndpoint: false,
  });
}
