import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/domain/ids.js';
import type { OperationalEvent } from '../../src/domain/operational-event.js';
import { until } from '../support/until.js';
import { EngineFixture, LEASE_MS, settlement, type OpenStore } from './engine-fixture.js';

const RETRY = { kind: 'retry', delayMs: 60_000 } as const;

/** The engine's statements for features that few messages have, on every database. */
export function messageFeaturesContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let rows: EngineFixture;

  beforeAll(async () => {
    opened = await open();
  });
  beforeEach(async () => {
    rows = await new EngineFixture(opened).prepare();
  });
  afterAll(() => opened?.close());

  const query = (sql: string): Promise<Record<string, any>[]> => opened.dataSource.query(sql, [rows.appId]);
  const eventsTold = () => query('SELECT id, type, data FROM operational_event WHERE app_id = ? ORDER BY id');
  const event = (): OperationalEvent => ({
    id: newId('opevt_'),
    type: 'message.attempt.failing',
    appId: rows.appId,
    data: { text: 'grüße 📯' },
    always: true,
  });

  describe('the event of a settle', () => {
    it('is stored with the result, once, even if the settle is repeated', async () => {
      const [ref] = await rows.written(1, true);
      const settled = { ...settlement(ref!, RETRY), event: event() };
      await opened.store.settle([settled]);
      await opened.store.settle([settled]);

      const { id, type, data } = settled.event;
      expect(await eventsTold()).toEqual([{ id, type, data: JSON.stringify(data) }]);
    });

    it('is not stored if the fence was lost', async () => {
      const [ref] = await rows.written(1, false);
      const [first] = await opened.store.claim([ref!], 1);
      const [due] = await until(async () => (await rows.due()).length > 0 && rows.due(), 5_000, 'the claim to run out');
      await opened.other.claim([due!], LEASE_MS);

      expect(await opened.store.settle([{ ...settlement(first!, RETRY), event: event() }])).toBe(1);
      expect(await eventsTold()).toEqual([]);
    });

    it('is not stored if the tenant has no operational webhooks', async () => {
      const [ref] = await rows.written(1, true);
      await opened.store.settle([{ ...settlement(ref!, RETRY), event: { ...event(), always: false } }]);

      expect(await eventsTold()).toEqual([]);
    });

    it('is stored together with results that have no event', async () => {
      const refs = await rows.written(3, true);
      const told = { ...settlement(refs[1]!, RETRY), event: event() };
      await opened.store.settle([settlement(refs[0]!, RETRY), told, settlement(refs[2]!, RETRY)]);

      expect((await eventsTold()).map(({ id }) => id)).toEqual([told.event.id]);
    });
  });

  describe('a group', () => {
    it('makes a scheduled delivery wait for exactly its time', async () => {
      const group = rows.group(2, false);
      const deliveries = group.deliveries.map((delivery, at) => ({ ...delivery, dueAt: Date.now() + (at === 0 ? 500 : 60_000) }));
      await opened.store.insertGroup({ ...group, deliveries }, LEASE_MS);

      expect(await rows.due()).toEqual([]);
      const due = await until(async () => (await rows.due()).length > 0 && rows.due(), 10_000, 'the delivery to come due');
      expect(due.map(({ msgId }) => msgId)).toEqual([group.messages[0]!.id]);
    });

    it('stores the properties that only some of its messages have, and claims return them', async () => {
      const group = rows.group(2, false);
      const extras = { tags: ['ä', 'b'], deliverAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678), contentType: 'text/csv' };
      const [first, second] = group.messages;
      const messages = [{ ...first!, extras, expiresEarly: true }, second!];
      await opened.store.insertGroup({ ...group, messages }, LEASE_MS);
      const claimed = await opened.store.claim([rows.ref(first!.id, 0), rows.ref(second!.id, 0)], LEASE_MS);
      const types = new Map(claimed.map(({ msgId, message }) => [msgId, message!.contentType]));
      const stored = await query('SELECT id, tags FROM message WHERE app_id = ?');

      expect([types.get(first!.id), types.get(second!.id)]).toEqual(['text/csv', null]);
      expect(new Map(stored.map(({ id, tags }) => [id, tags]))).toEqual(
        new Map([
          [first!.id, '["ä","b"]'],
          [second!.id, null],
        ]),
      );
      expect(await query('SELECT msg_id FROM payload_expiry WHERE app_id = ?')).toEqual([{ msg_id: first!.id }]);
    });

    it('that is larger than a packet is written completely or not at all', async () => {
      const taken = newId('msg_');
      const wanted = Array.from({ length: 9_000 }, (_, at) => ({ id: newId('msg_'), ...(at === 0 ? { eventId: 'one' } : {}) }));
      await opened.store.insertGroup(rows.group([{ id: taken, eventId: 'one' }], false), LEASE_MS);

      const stale = await opened.store.insertGroup(rows.group(wanted, false, 2), LEASE_MS);
      expect([stale.kind, await rows.count('message')]).toEqual(['stale', 1]);
      const duplicate = [...wanted, { id: taken }];
      await expect(opened.store.insertGroup(rows.group(duplicate, false), LEASE_MS)).rejects.toThrow();
      expect([await rows.count('message'), await rows.count('delivery')]).toEqual([1, 1]);

      const result = await opened.store.insertGroup(rows.group(wanted, false), LEASE_MS);
      expect(result).toEqual({ kind: 'committed', eventIdTaken: new Set([wanted[0]!.id]), keyTaken: new Map() });
      expect([await rows.count('message'), await rows.count('delivery')]).toEqual([9_000, 9_000]);
    });
  });
}
