import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { ownQueues } from '../../test/support/parts.js';
import { freePort, startMariaDb, startRedis, type Service } from '../../test/support/services.js';
import { startRemote, type Remote } from '../load/remote.js';

/** The database, the cache and the queue that servers under measurement share, each a process of its own. */
export interface Stack {
  folder: string;
  database: Service;
  redis: Service;
  emulator: Remote;
  /** Environment of a service that has a new database and new queues of its own. */
  environment(name: string): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts them: MariaDB with its default durability, Redis without a disk, the SQS emulator. */
export async function startStack(): Promise<Stack> {
  const folder = scratchFolder();
  const [database, redis] = await Promise.all([startMariaDb(), startRedis()]);
  const emulator = startRemote(join(import.meta.dirname, 'sqs-emulator.ts'));
  const queuePort = await freePort();
  await emulator.call('listen', queuePort);
  return {
    folder,
    database,
    redis,
    emulator,
    async environment(name) {
      await createDatabase(database, name);
      return {
        DATABASE_URL: new URL(`/${name}`, database.url).href,
        REDIS_URL: redis.url,
        ...(await ownQueues(`http://127.0.0.1:${queuePort}`, name)),
      };
    },
    async stop() {
      emulator.stop();
      await Promise.all([database.stop(), redis.stop()]);
    },
  };
}

/** A new, empty database. */
export async function createDatabase(database: Service, name: string): Promise<void> {
  const connection = await mysql.createConnection({ uri: database.url });
  await connection.query(`CREATE DATABASE ${name}`).finally(() => connection.destroy());
}

/** A folder that goes away with this process. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
