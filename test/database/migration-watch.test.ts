import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import type { ProbeResult } from '../../src/database/database-watch.js';
import { classOf, isTransient } from '../../src/database/errors.js';
import { MigrationWatch } from '../../src/database/migration-watch.js';
import { createLog } from '../../src/observability/log.js';
import { until } from '../support/until.js';

const LOOK_EVERY_MS = 20;
const WAIT_MS = 20_000;

let lines: { msg: string; level: string; databaseAnswers: boolean; waitsFor: string; statement: string }[];
let answer: ProbeResult;
let watch: MigrationWatch;
/** Takes connections and never says a word, as a frozen server does. */
let frozen: Server;
const taken: Socket[] = [];

beforeEach(async () => {
  lines = [];
  const log = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
  watch = new MigrationWatch(async () => answer, log, LOOK_EVERY_MS);
  frozen = createServer((socket) => taken.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await new Promise((listening) => frozen.once('listening', listening));
});
afterEach(() => {
  for (const socket of taken.splice(0)) socket.destroy();
  frozen.close();
});

const source = () => {
  const { port } = frozen.address() as { port: number };
  const secrets = { jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') };
  return watch.dataSource(loadConfig({ DATABASE_URL: `mysql://a:b@127.0.0.1:${port}/c` }, () => secrets));
};

it('says again and again what a migration waits for, as long as the database answers', async () => {
  answer = 'answered';
  const { logger } = source();
  let end!: (result: string) => void;
  const done = watch.during(() => new Promise<string>((resolve) => (end = resolve)));

  logger.logQuery('SELECT GET_LOCK(1, 1) AS got');
  await until(() => lines.length >= 2, WAIT_MS, 'two lines');
  logger.logQuery('ALTER TABLE a\n  ADD b INT');
  await until(() => lines.some(({ statement }) => statement.includes('ALTER')), WAIT_MS, 'the next statement');
  await until(() => lines.length >= 6, WAIT_MS, 'more lines');
  end('done');

  expect(await done).toBe('done');
  expect(lines[0]).toMatchObject({ msg: 'migration.running', level: 'info', waitsFor: 'another process that is migrating' });
  expect(lines.at(-1)).toMatchObject({ level: 'info', waitsFor: 'the database', statement: 'ALTER TABLE a ADD b INT' });
});

it.each(['silent', 'failed'] as const)(
  'ends a migration whose database is %s, with an error after which it is tried again',
  async (state) => {
    answer = state;
    const dataSource = source();

    const error = await watch.during(() => dataSource.initialize()).catch((reason: unknown) => reason);

    expect([classOf(error), isTransient(error)]).toEqual(['lost', true]);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines[0]).toMatchObject({ level: 'warn', databaseAnswers: false });
  },
);
