import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import type { Program } from './program.js';
import type { Stack } from './stack.js';

const KINDS = ['select', 'insert', 'update', 'delete', 'begin', 'commit'];
const STATUS = `SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Innodb_data_fsyncs', ${KINDS.map((kind) => `'Com_${kind}'`).join(', ')})`;

/** What database, cache and queue were asked since they were started, by all of their clients together. */
export class Counters {
  private readonly database: mysql.Pool;
  private readonly redis: Redis;
  private readonly stack: Stack;

  constructor(stack: Stack) {
    this.stack = stack;
    this.database = mysql.createPool({ uri: stack.database.url, connectionLimit: 1 });
    this.redis = new Redis(stack.redis.url);
  }

  /** Round trips are those of these programs; where one does not count, there are none. */
  async read(programs: readonly Program[]): Promise<Record<string, number>> {
    const { database, redis } = this.stack;
    const writesTo = async (port: number) => sum(await Promise.all(programs.map((program) => program.writesTo(port))));
    const [[rows], info, calls] = await Promise.all([
      this.database.query<mysql.RowDataPacket[]>(STATUS),
      this.redis.info('stats'),
      this.stack.emulator.call<Record<string, number>>('calls'),
    ]);
    const status = Object.fromEntries(rows.map((row) => [String(row.Variable_name), Number(row.Value)]));
    return {
      'sql statements': status.Questions!,
      'sql round trips': await writesTo(database.port),
      ...Object.fromEntries(KINDS.map((kind) => [`sql ${kind}`, status[`Com_${kind}`]!])),
      'sql fsyncs': status.Innodb_data_fsyncs!,
      'redis commands': Number(/^total_commands_processed:(\d+)/m.exec(info)?.[1]),
      'redis round trips': await writesTo(redis.port),
      'queue calls': sum(Object.values(calls)),
      'queue sends': (calls.SendMessage ?? 0) + (calls.SendMessageBatch ?? 0),
      'queue receives': calls.ReceiveMessage ?? 0,
      'queue deletes': (calls.DeleteMessage ?? 0) + (calls.DeleteMessageBatch ?? 0),
    };
  }

  /** Which database it is. */
  async databaseVersion(): Promise<string> {
    const [rows] = await this.database.query<mysql.RowDataPacket[]>('SELECT VERSION() AS version');
    return String(rows[0]!.version);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.database.end();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
