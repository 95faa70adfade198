import { readdirSync, readlinkSync } from 'node:fs';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import type { Program } from '../parts/program.js';
import type { Stack } from '../parts/stack.js';
import { usageOf } from '../parts/usage.js';
import type { Sample, Tolerance } from './judge.js';

const MB = 1024 * 1024;
/** What waits to be delivered, of all rows. */
const OPEN = 'open deliveries';
const LIVE = 'applications that are not deleted';
const PER_MESSAGE = ', rows per message';

/** Of the process that is never restarted. A heap grows a little for long, because code is compiled when it has run often. */
const OF_PROCESS: Record<string, Tolerance> = {
  'resident memory, MB': { share: 0.15, amount: 25 },
  'heap after GC, MB': { share: 0.08, amount: 4 },
  'external memory, MB': { share: 0.2, amount: 8 },
  'file descriptors': { share: 0.25, amount: 25 },
  sockets: { share: 0.25, amount: 25 },
  timers: { share: 0.25, amount: 25 },
  'event-loop delay p99, ms': { share: 0.5, amount: 50 },
};
const OF_PARTS: Record<string, Tolerance> = {
  [OPEN]: { share: 0.25, amount: 100 },
  [LIVE]: { share: 0, amount: 2 },
  'Redis keys': { share: 0.1, amount: 30 },
  'Redis memory, MB': { share: 0.15, amount: 2 },
};
/** Rows stay until their retention ends: a table may grow with the messages, and not faster. */
const OF_TABLE: Tolerance = { share: 0.1, amount: 0.02 };

/** Measures what must not grow. */
export class Sampler {
  private readonly database: mysql.Pool;
  private readonly redis: Redis;
  private tables: string[] = [];

  constructor(stack: Stack, databaseUrl: string) {
    this.database = mysql.createPool({ uri: databaseUrl, connectionLimit: 1 });
    this.redis = new Redis(stack.redis.url);
    // The end of the server is the end of the soak.
    this.redis.on('error', () => undefined);
  }

  /** How much each value may grow. After the first sample. */
  get tolerances(): Record<string, Tolerance> {
    return {
      ...OF_PROCESS,
      ...OF_PARTS,
      ...Object.fromEntries(this.tables.map((table) => [table + PER_MESSAGE, OF_TABLE])),
    };
  }

  /** @param messages how many were accepted so far */
  async take(program: Program, metricsUrl: string, messages: number): Promise<Sample> {
    const values = { ...(await ofProcess(program, metricsUrl)), ...(await this.ofParts(messages)) };
    return { atMs: performance.now(), values };
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.database.end();
  }

  private async ofParts(messages: number): Promise<Record<string, number>> {
    if (this.tables.length === 0) this.tables = await this.allTables();
    const values: Record<string, number> = {
      [OPEN]: await this.count('delivery WHERE due_at IS NOT NULL'),
      [LIVE]: await this.count('application WHERE deleted = 0'),
      'Redis keys': await this.redis.dbsize(),
      'Redis memory, MB': Number(/^used_memory:(\d+)/m.exec(await this.redis.info('memory'))?.[1]) / MB,
    };
    for (const table of this.tables) values[table + PER_MESSAGE] = (await this.count(table)) / Math.max(1, messages);
    return values;
  }

  private async count(what: string): Promise<number> {
    const [rows] = await this.database.query<mysql.RowDataPacket[]>(`SELECT COUNT(*) AS count FROM ${what}`);
    return Number(rows[0]!.count);
  }

  private async allTables(): Promise<string[]> {
    const [rows] = await this.database.query<mysql.RowDataPacket[]>('SHOW TABLES');
    return rows.map((row) => String(Object.values(row)[0])).toSorted();
  }
}

async function ofProcess(program: Program, metricsUrl: string): Promise<Record<string, number>> {
  const { heapBytes, externalBytes, timers } = await program.memory();
  const descriptors = readdirSync(`/proc/${program.pid}/fd`);
  const answer = await fetch(metricsUrl, { headers: { connection: 'close' } });
  const delay = /^posthorn_event_loop_delay_p99_seconds (\S+)/m.exec(await answer.text())?.[1];
  return {
    'resident memory, MB': usageOf(program.pid).memoryMb,
    'heap after GC, MB': heapBytes / MB,
    'external memory, MB': externalBytes / MB,
    'file descriptors': descriptors.length,
    sockets: descriptors.filter((descriptor) => isSocket(`/proc/${program.pid}/fd/${descriptor}`)).length,
    timers,
    'event-loop delay p99, ms': Number(delay) * 1_000,
  };
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith('socket:');
  } catch {
    return false;
  }
}
