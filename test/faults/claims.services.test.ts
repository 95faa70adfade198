import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { migrate } from '../../src/database/migrate.js';
import { MysqlEngineStore } from '../../src/database/engine/mysql-engine-store.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { createLog } from '../../src/observability/log.js';
import { ownParts } from '../support/parts.js';
import { keepsClaims } from './claims.contract.js';
import { EngineFixture, LEASE_MS, type OpenStore } from './engine-fixture.js';
import { keepsEndpointsInMemory } from './endpoints.contract.js';
import { keepsGroups } from './groups.contract.js';
import { keepsMessageFeatures } from './message-features.contract.js';

/** Two stores with a pool each, as two processes have them. */
async function open(): Promise<OpenStore> {
  const parts = await ownParts();
  const secrets = { jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') };
  const config = loadConfig(parts.env, () => secrets);
  const dataSource = await createDataSource(config).initialize();
  await migrate(dataSource, createLog('silent'));
  const store = new MysqlEngineStore(new MysqlEnginePool(config));
  const other = new MysqlEngineStore(new MysqlEnginePool(config));
  return {
    store,
    other,
    dataSource,
    async close() {
      await Promise.all([store.close(), other.close(), dataSource.destroy()]);
      await parts.remove();
    },
  };
}

describe('on MySQL', () => {
  describe('claims', () => keepsClaims(open));
  describe('endpoints of claims', () => keepsEndpointsInMemory(open));
  describe('a group', () => keepsGroups(open));
  describe('features of few messages', () => keepsMessageFeatures(open));

  describe('a transaction of somebody else', () => {
    let opened: OpenStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    it('that holds a row lets a claim wait for a while, and go on when it is over', async () => {
      const rows = await new EngineFixture(opened).prepare();
      const [ref] = await rows.written(1, false);
      const stranger = opened.dataSource.createQueryRunner();
      await stranger.query('BEGIN');
      await stranger.query('SELECT fence FROM delivery WHERE msg_id = ? FOR UPDATE', [ref!.msgId]);

      const claim = opened.store.claim([ref!], LEASE_MS);
      // Longer than one wait for a lock (3 s): the claim was given up once by the server, and asked for again.
      await new Promise((wake) => setTimeout(wake, 4_000));
      await stranger.query('COMMIT');
      await stranger.release();

      expect(await claim).toHaveLength(1);
    });
  });
});
