import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { MysqlEngineStore } from '../../src/database/engine/mysql-engine-store.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { ownParts } from '../support/parts.js';
import { claimsContract } from './claims.contract.js';
import { EngineFixture, LEASE_MS, type OpenStore } from './engine-fixture.js';
import { cachedEndpointsContract } from './endpoints.contract.js';
import { groupsContract } from './groups.contract.js';
import { messageFeaturesContract } from './message-features.contract.js';

/** Two stores with separate pools, as in two processes. */
async function open(): Promise<OpenStore> {
  const parts = await ownParts();
  const secrets = { jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') };
  const config = loadConfig(parts.env, () => secrets);
  const dataSource = await createDataSource(config).initialize();
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
  describe('claims', () => claimsContract(open));
  describe('endpoints of claims', () => cachedEndpointsContract(open));
  describe('a group', () => groupsContract(open));
  describe('features of few messages', () => messageFeaturesContract(open));

  describe('another transaction', () => {
    let opened: OpenStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    it('that locks a row delays a claim, which continues when the transaction ends', async () => {
      const rows = await new EngineFixture(opened).prepare();
      const [ref] = await rows.written(1, false);
      const stranger = opened.dataSource.createQueryRunner();
      await stranger.query('BEGIN');
      await stranger.query('SELECT fence FROM delivery WHERE msg_id = ? FOR UPDATE', [ref!.msgId]);

      const claim = opened.store.claim([ref!], LEASE_MS);
      // Longer than the lock wait timeout (3 s): the claim failed once, and was tried again.
      await new Promise((wake) => setTimeout(wake, 4_000));
      await stranger.query('COMMIT');
      await stranger.release();

      expect(await claim).toHaveLength(1);
    });
  });
});
