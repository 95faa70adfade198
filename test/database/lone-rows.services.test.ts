import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { MysqlEngineStore } from '../../src/database/engine/mysql-engine-store.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { EngineFixture, LEASE_MS, settlement } from '../faults/engine-fixture.js';
import { startOwnServer, type OwnServer } from './own-server.js';

const ROWS = 20_000;

/** Has its own server, so that no other test changes its counters. */
describe('a batch of one delivery in a large table', () => {
  let server: OwnServer;
  let status: mysql.Connection;
  let rows: EngineFixture;
  let store: MysqlEngineStore;

  beforeAll(async () => {
    server = await startOwnServer();
    const { config, dataSource } = server;
    status = server.status;
    store = new MysqlEngineStore(new MysqlEnginePool(config));
    rows = await new EngineFixture({ store, other: store, dataSource, close: async () => {} }).prepare();
    await status.query(
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence)
       SELECT CONCAT('msg_', seq), 'ep_1', 0, 'app_1', 2, 1, 1 FROM seq_1_to_${ROWS}`,
    );
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  /** How many rows the server read for this. */
  const rowsRead = async (work: () => Promise<unknown>): Promise<number> => {
    const count = async () => {
      const [found] = await status.query<mysql.RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Handler_read%next'");
      return found.reduce((sum, row) => sum + Number(row['Value']), 0);
    };
    const before = await count();
    await work();
    return (await count()) - before;
  };

  it('is claimed without reading the other rows', async () => {
    const [ref] = await rows.written(1, false);
    expect(await rowsRead(() => store.claim([ref!], LEASE_MS))).toBeLessThan(ROWS / 10);
  });

  it('is settled without reading the other rows', async () => {
    const [ref] = await rows.written(1, true);
    expect(await rowsRead(() => store.settle([settlement(ref!, { kind: 'delivered' })]))).toBeLessThan(ROWS / 10);
  });

  it('is postponed without reading the other rows', async () => {
    const [ref] = await rows.written(1, false);
    expect(await rowsRead(() => store.postpone([{ ...ref!, delayMs: 1_000, paced: false }]))).toBeLessThan(ROWS / 10);
  });
});
