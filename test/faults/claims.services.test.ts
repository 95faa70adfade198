import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { MysqlEngineStore } from '../../src/database/engine/mysql-engine-store.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { lockMessages } from '../../src/database/message-lock.js';
import { MessageRemoval, OPEN } from '../../src/database/removal/message-removal.js';
import { Transactions } from '../../src/database/transactions.js';
import { ownParts } from '../support/parts.js';
import { claimsContract } from './claims.contract.js';
import { DELIVERED, EngineFixture, LEASE_MS, settlement, type OpenStore } from './engine-fixture.js';
import { cachedEndpointsContract } from './endpoints.contract.js';
import { failureClockContract } from './failure-clock.contract.js';
import { groupsContract } from './groups.contract.js';
import { messageFeaturesContract } from './message-features.contract.js';
import { rowRemovalContract } from './row-removal.contract.js';

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
  describe('the clock of failures', () => failureClockContract(open));
  describe('a group', () => groupsContract(open));
  describe('features of few messages', () => messageFeaturesContract(open));
  describe('the removal of rows', () => rowRemovalContract(open));

  describe('an open transaction', () => {
    let opened: OpenStore;
    let rows: EngineFixture;
    beforeAll(async () => {
      opened = await open();
      rows = await new EngineFixture(opened).prepare();
    });
    afterAll(() => opened?.close());

    it('that resends a message makes its removal wait, and keeps it', async () => {
      const [ref] = await rows.written(1, true);
      await opened.store.settle([settlement(ref!, DELIVERED)]);
      const resend = opened.dataSource.createQueryRunner();
      await resend.startTransaction('READ COMMITTED');
      await lockMessages(resend.manager, rows.appId, [ref!.msgId]);
      await resend.query(
        'INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES (?, ?, 3, ?, 0, 0, 0, UTC_TIMESTAMP(3))',
        [ref!.msgId, ref!.endpointId, ref!.appId],
      );
      const removal = new MessageRemoval(opened.dataSource, new Transactions(opened.dataSource));
      const removing = removal.remove({ orgId: 'org_1', appId: rows.appId, msgIds: [ref!.msgId], blocking: OPEN });
      const early = await Promise.race([removing, new Promise((wake) => setTimeout(wake, 500, 'waits'))]);
      await resend.commitTransaction();
      await resend.release();

      expect(early).toBe('waits');
      expect(await removing).toMatchObject({ kept: [ref!.msgId], removed: new Map() });
      expect(await rows.count('message')).toBe(1);
    });
  });

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
