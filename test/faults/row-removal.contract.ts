import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { MessageRemoval, OPEN } from '../../src/database/removal/message-removal.js';
import { DeadLetterRepository } from '../../src/database/repositories/dead-letter.repository.js';
import { ManualDeliveryRepository } from '../../src/database/repositories/manual-delivery.repository.js';
import { runTaskWrites } from '../../src/database/task-writes.js';
import { Transactions } from '../../src/database/transactions.js';
import { DELIVERED, EngineFixture, settlement, type OpenStore } from './engine-fixture.js';

const MESSAGES = 100;

/** The removal of messages beside everything that opens one of their deliveries again, on every database. */
export function rowRemovalContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let rows: EngineFixture;
  let transactions: Transactions;
  let removal: MessageRemoval;

  beforeAll(async () => {
    opened = await open();
    transactions = new Transactions(opened.dataSource);
    removal = new MessageRemoval(opened.dataSource, transactions);
  });
  beforeEach(async () => {
    rows = await new EngineFixture(opened).prepare();
  });
  afterAll(() => opened?.close());

  const remove = (msgIds: readonly string[]) => removal.remove({ orgId: 'org_1', appId: rows.appId, msgIds, blocking: OPEN });
  const idsOf = async (table: 'message' | 'delivery', where = '1 = 1') => {
    const id = table === 'message' ? 'id' : 'msg_id';
    const found = await opened.dataSource.query(`SELECT ${id} AS id FROM ${table} WHERE app_id = ? AND ${where}`, [rows.appId]);
    return new Set<string>(found.map((row: { id: string }) => row.id));
  };
  const ended = async (reason: string | null) => {
    const refs = await rows.written(MESSAGES, true);
    await opened.store.settle(refs.map((ref) => settlement(ref, DELIVERED)));
    if (reason !== null)
      await opened.dataSource.query('UPDATE delivery SET state = 3, attempts = 0, reason = ? WHERE app_id = ?', [
        reason,
        rows.appId,
      ]);
    return refs.map(({ msgId }) => msgId);
  };

  const manual = (msgId: string) =>
    new ManualDeliveryRepository(opened.dataSource, transactions, new DatabaseClock()).insert({ ...rows.ref(msgId, 0), run: 7 });
  const task = (writes: 'fresh' | 'reopened') => (msgId: string) =>
    transactions.write(async (manager) => {
      const none = { appId: rows.appId, endpointId: rows.endpointId, fresh: [], reopened: [] };
      const deliveries = writes === 'fresh' ? { ...none, fresh: [{ msgId, run: 8 }] } : { ...none, reopened: [msgId] };
      await runTaskWrites(manager, { deliveries });
    });
  const redrive = async (msgId: string) => {
    await opened.dataSource.query(
      `INSERT INTO dead_letter (org_id, id, app_id, msg_id, endpoint_id, reason, since) VALUES ('org_1', ?, ?, ?, ?, 'worker lost', '2026-01-01 00:00:00.000')`,
      [`${msgId}:${rows.endpointId}:0`, rows.appId, msgId, rows.endpointId],
    );
    await new DeadLetterRepository(opened.dataSource, transactions).redrive('org_1', `${msgId}:${rows.endpointId}:0`);
  };

  describe.each([
    ['a resend', manual, null],
    ['a step of recover', task('fresh'), null],
    ['a step of replay that opens ended deliveries again', task('reopened'), 'endpoint disabled'],
    ['a redrive', redrive, 'worker lost'],
  ] as const)('%s', (_what, openAgain, reason) => {
    it('at the same time leaves the message and its open delivery, or neither', async () => {
      const ids = await ended(reason);
      const removing = [0, 1, 2, 3].map(async (part) => {
        for (let at = 0; at < MESSAGES; at += 5) if ((at / 5) % 4 === part) await remove(ids.slice(at, at + 5));
      });
      const opening = ids.map((id) => openAgain(id));
      await Promise.all([...removing, ...opening]);

      const messages = await idsOf('message');
      expect([...(await idsOf('delivery', OPEN))].filter((id) => !messages.has(id))).toEqual([]);
      expect(await idsOf('delivery', OPEN)).toEqual(messages);
      expect([...(await idsOf('delivery'))].filter((id) => !messages.has(id))).toEqual([]);
    });
  });

  it('of the same messages by two processes removes each once', async () => {
    const ids = await ended(null);
    const [one, two] = await Promise.all([remove(ids), remove(ids)]);

    expect((one.removed.get('message') ?? 0) + (two.removed.get('message') ?? 0)).toBe(MESSAGES);
    expect(await idsOf('message')).toEqual(new Set());
  });
}
