import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { AttemptRepository, type AttemptFilter } from '../../src/database/repositories/attempt.repository.js';
import { DeliveryRepository, type DeliveryStatus } from '../../src/database/repositories/delivery.repository.js';
import { AttemptsByStatusCode1766275400000 } from '../../src/database/migrations/1766275400000-attempts-by-status-code.js';
import { ReplayRepository } from '../../src/database/repositories/replay.repository.js';
import { Transactions } from '../../src/database/transactions.js';
import type { IdWindow } from '../../src/domain/time-window.js';
import { startOwnServer, type OwnServer } from './own-server.js';

const ROWS = 40_000;
const PAGE = 50;
const COUNTERS = ['key', 'next', 'prev', 'rnd_next'].map((one) => `'Handler_read_${one}'`).join(', ');
const ANY = { status: null, statusCodeClass: null, eventTypes: null, channel: null, tag: null, response: true };

/** Ids in the order of the numbers. Each message went to one endpoint, and its id begins with the number of the endpoint. */
const MILLION = 1_000_000;
const atmpt = (number: number) => `atmpt_${String(number).padStart(27, '0')}`;
const msg = (endpointId: string, number: number) =>
  `msg_${String(Number(endpointId.slice(3)) * MILLION + number).padStart(27, '0')}`;
const numberOf = (id: string) => Number(id.slice(-27)) % MILLION;
/** A page of numbers that begins at `first`. */
const from = (first: number, step: number) => Array.from({ length: PAGE }, (_, n) => first + n * step);
type Window = [above: number, below: number, order: IdWindow['order']];
const ALL: Window = [0, ROWS + 1, 'newest-first'];
const OLDER: Window = [0, ROWS / 2 + 1, 'newest-first'];
const NEWER: Window = [ROWS / 2, ROWS + 1, 'oldest-first'];
const BETWEEN: Window = [500, 601, 'newest-first'];

/** Has its own server, so that no other test changes its counters. At `ep_1` no message failed, at `ep_2` every second one, with its own type. */
describe('a page of an endpoint with many attempts', () => {
  let server: OwnServer;
  let status: mysql.Connection;
  let dataSource: DataSource;

  beforeAll(async () => {
    server = await startOwnServer();
    ({ dataSource, status } = server);
    for (const statement of rows()) await status.query(statement);
  });
  afterAll(() => server?.stop());

  /** The numbers of the rows that were found. Expects that the server read few other rows. */
  const found = async (work: () => Promise<{ id?: string; msgId: string }[]>): Promise<number[]> => {
    const count = async () => {
      const [read] = await status.query<mysql.RowDataPacket[]>(`SHOW GLOBAL STATUS WHERE Variable_name IN (${COUNTERS})`);
      return read.reduce((sum, row) => sum + Number(row['Value']), 0);
    };
    const before = await count();
    const page = await work();
    expect((await count()) - before).toBeLessThan(ROWS / 10);
    return page.map(({ id, msgId }) => numberOf(id ?? msgId));
  };
  const attempts = (endpointId: string, [above, below, order]: Window, filter: Partial<AttemptFilter> = {}) => {
    const repository = new AttemptRepository(dataSource, new Transactions(dataSource));
    const window = { above: atmpt(above), below: atmpt(below), order };
    return found(() => repository.ofEndpoint('app_1', endpointId, window, PAGE, { ...ANY, ...filter }));
  };
  const messages = (endpointId: string, [above, below, order]: Window, status: DeliveryStatus | null = null) => {
    const repository = new DeliveryRepository(dataSource);
    const window = { above: msg(endpointId, above), below: msg(endpointId, below), order };
    return found(async () => (await repository.messagesOf('app_1', endpointId, window, PAGE, { ...ANY, status })).rows);
  };

  it.each([
    ['the newest rows', ALL, from(ROWS, -1)],
    ['rows before an id', OLDER, from(ROWS / 2, -1)],
    ['rows after an id', NEWER, from(ROWS / 2 + 1, 1)],
    ['rows of a period', BETWEEN, from(600, -1)],
  ])('reads no other rows: %s', async (_, window, expected) => {
    for (const endpointId of ['ep_1', 'ep_2']) {
      expect(await attempts(endpointId, window)).toEqual(expected);
      expect(await messages(endpointId, window)).toEqual(expected);
    }
  });

  it.each([
    ['that succeeded', { status: 0 }, from(ROWS - 1, -2)],
    ['that failed', { status: 2 }, from(ROWS, -2)],
    ['with 2xx', { statusCodeClass: 200 }, from(ROWS - 1, -2)],
    ['with 5xx', { statusCodeClass: 500 }, from(ROWS, -2)],
    ['of a type that only fails', { eventTypes: ['order.refunded'] }, from(ROWS, -2)],
    ['that failed with 2xx', { status: 2, statusCodeClass: 200 }, []],
  ])('reads no other rows: attempts %s', async (_, filter, expected) => {
    expect(await attempts('ep_2', ALL, filter)).toEqual(expected);
  });

  it('reads no other rows if both statuses and a type are mixed, page by page in both directions', async () => {
    const types = { eventTypes: ['order.paid', 'order.rare', 'order.refunded'] };
    expect(await attempts('ep_2', OLDER, types)).toEqual(from(ROWS / 2, -1));
    expect(await attempts('ep_2', NEWER, types)).toEqual(from(ROWS / 2 + 1, 1));
    const rare = { eventTypes: ['order.rare'] };
    expect(await attempts('ep_2', ALL, rare)).toEqual(from(ROWS - 7, -8));
    expect(await attempts('ep_2', [0, ROWS, 'oldest-first'], rare)).toEqual(from(1, 8));
    expect(await attempts('ep_2', [0, 101, 'newest-first'], rare)).toEqual(from(97, -8).filter((number) => number > 0));
  });

  it('finds that nothing failed without reading the successful attempts', async () => {
    for (const window of [ALL, OLDER, NEWER, BETWEEN]) {
      expect(await attempts('ep_1', window, { status: 2 })).toEqual([]);
      expect(await attempts('ep_1', window, { statusCodeClass: 500 })).toEqual([]);
      expect(await messages('ep_1', window, 'failed')).toEqual([]);
      expect(await messages('ep_1', window, 'open')).toEqual([]);
    }
    const replays = new ReplayRepository(dataSource);
    const window = { above: atmpt(0), below: atmpt(ROWS) };
    expect(await found(() => replays.failures('app_1', 'ep_1', window, PAGE))).toEqual([]);
  });

  it('reads no rows of attempts with other codes: the index has the code', async () => {
    const pages = async () => {
      const [[read]] = await status.query<mysql.RowDataPacket[]>(`SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_read_requests'`);
      return Number(read!['Value']);
    };
    const repository = new AttemptRepository(dataSource, new Transactions(dataSource));
    const window = { above: null, below: null, order: 'newest-first' } as const;
    const before = await pages();
    expect(await repository.ofEndpoint('app_1', 'ep_2', window, PAGE, { ...ANY, statusCodeClass: 300 })).toEqual([]);
    // Half of the rows failed, and each would be at least one page.
    expect((await pages()) - before).toBeLessThan(ROWS / 10);
  });

  it('is as fast after a migration that was interrupted, or reverted, and ran again', async () => {
    const runner = dataSource.createQueryRunner();
    const migration = new AttemptsByStatusCode1766275400000();
    for (const step of ['up', 'down', 'down', 'up'] as const) await migration[step](runner);
    await runner.release();
    expect(await attempts('ep_2', ALL, { status: 2 })).toEqual(from(ROWS, -2));
    expect(await attempts('ep_1', ALL, { status: 2 })).toEqual([]);
  });
});

function rows(): string[] {
  const sent = `FROM (SELECT CONCAT('ep_', ep) AS ep, CONCAT('msg_', LPAD(ep * ${MILLION} + seq, 27, '0')) AS msg,
      CONCAT('atmpt_', LPAD(seq, 27, '0')) AS atmpt, ep = 2 AND seq % 2 = 0 AS failed, seq AS number
    FROM (SELECT 1 AS ep UNION SELECT 2) endpoints, seq_1_to_${ROWS}) sent`;
  return [
    `INSERT INTO endpoint (id, app_id, url, description, api_version, disabled, metadata, secrets, deleted, updated_at)
     SELECT DISTINCT ep, 'app_1', '', '', 1, 0, '{}', '[]', 0, UTC_TIMESTAMP(3) ${sent}`,
    `INSERT INTO message (app_id, id, event_type, payload_until)
     SELECT 'app_1', msg, IF(failed, 'order.refunded', IF(number % 8 = 1, 'order.rare', 'order.paid')), UTC_TIMESTAMP(3) ${sent}`,
    `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence)
     SELECT msg, ep, 0, 'app_1', IF(failed, 3, 2), 1, 1 ${sent}`,
    `INSERT INTO attempt (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response)
     SELECT msg, atmpt, 'app_1', ep, '', IF(failed, 2, 0), 0, IF(failed, 500, 200), 1, '' ${sent}`,
  ];
}
