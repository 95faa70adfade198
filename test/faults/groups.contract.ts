import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { MAX_ID_SKEW_MS, type EngineStore } from '../../src/database/engine/engine-store.js';
import { newId } from '../../src/domain/ids.js';
import { until } from '../support/until.js';
import { DELIVERED, EngineFixture, LEASE_MS, settlement, type GroupMember, type OpenStore } from './engine-fixture.js';

const LANES = 6;
const GROUPS = 20;
const MESSAGES = 10;

/** Group commits, on every database. */
export function groupsContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let rows: EngineFixture;

  beforeAll(async () => {
    opened = await open();
  });
  beforeEach(async () => {
    rows = await new EngineFixture(opened).prepare();
  });
  afterAll(() => opened?.close());

  it('leaves out only the message whose eventId is taken, and commits the other 63', async () => {
    const taken = [{ id: newId('msg_'), eventId: 'taken' }];
    await opened.store.insertGroup(rows.group(taken, false), LEASE_MS);
    const late = { id: newId('msg_'), eventId: 'taken' };
    const good = Array.from({ length: 63 }, (_, n) => ({ id: newId('msg_'), ...(n % 2 === 0 ? { eventId: `free-${n}` } : {}) }));

    const result = await opened.store.insertGroup(rows.group(good.toSpliced(30, 0, late), true), LEASE_MS);

    expect(result).toEqual({ kind: 'committed', eventIdTaken: new Set([late.id]), keyTaken: new Map() });
    expect(await rows.count('message')).toBe(64);
    expect(await rows.count('delivery', 'state = 1')).toBe(63);
    expect(await opened.store.hasMessage(rows.appId, late.id)).toBe(false);
    expect(await opened.store.hasMessage(rows.appId, good[62]!.id)).toBe(true);
  });

  const key = (hash: string, keepMs = 60_000) => ({ hash, keepMs });
  const keyed = (hash: string, more: object = {}) => ({ id: newId('msg_'), key: key(hash), ...more });
  const insert = (messages: readonly GroupMember[], store = opened.store) =>
    store.insertGroup(rows.group(messages, true), LEASE_MS);

  it('writes one message for an idempotency key, and returns its id', async () => {
    const [first, again, other] = [keyed('k'), keyed('k'), keyed('other')];
    await insert([first]);

    expect(await insert([again, other])).toEqual({
      kind: 'committed',
      eventIdTaken: new Set(),
      keyTaken: new Map([[again.id, first.id]]),
    });
    expect([await rows.count('message'), await rows.count('delivery'), await rows.count('message_key')]).toEqual([2, 2, 2]);
  });

  it('writes one message for a key that two processes use at the same time, and that is twice in a group', async () => {
    const rounds = Array.from({ length: 20 }, (_, n) => [keyed(`k${n}`), keyed(`k${n}`), keyed(`k${n}`)] as const);
    await Promise.all(rounds.flatMap(([one, two, three]) => [insert([one, two]), insert([three], opened.other)]));

    expect([await rows.count('message'), await rows.count('message_key')]).toEqual([20, 20]);
  });

  it('gives an expired key to the next message', async () => {
    const [first, second] = [{ ...keyed('k'), key: key('k', 1) }, keyed('k')];
    await insert([first]);
    const result = await until(
      async () => {
        const found = await insert([{ ...second, id: newId('msg_') }]);
        return found.kind === 'committed' && found.keyTaken.size === 0 && found;
      },
      10_000,
      'the key to be free',
    );

    expect(result).toMatchObject({ kind: 'committed' });
    expect([await rows.count('message'), await rows.count('message_key')]).toEqual([2, 1]);
    expect(await insert([keyed('k')])).toMatchObject({ keyTaken: { size: 1 } });
  });

  it('stores no eventId for a message whose key is taken, and no key for a message whose eventId is taken', async () => {
    await insert([keyed('k', { eventId: 'e' })]);

    expect(await insert([keyed('k', { eventId: 'free' })])).toMatchObject({ keyTaken: { size: 1 }, eventIdTaken: { size: 0 } });
    expect(await insert([keyed('free', { eventId: 'e' })])).toMatchObject({ keyTaken: { size: 0 }, eventIdTaken: { size: 1 } });
    expect(await insert([keyed('free', { eventId: 'free' })])).toMatchObject({
      keyTaken: { size: 0 },
      eventIdTaken: { size: 0 },
    });
    expect(await rows.count('message')).toBe(2);
  });

  it.each([
    ['older', -MAX_ID_SKEW_MS - 2_000, {}],
    ['younger', MAX_ID_SKEW_MS + 30_000, {}],
    ['older, of a message with a key and an eventId,', -MAX_ID_SKEW_MS - 2_000, { eventId: 'e', key: key('k') }],
  ])('is refused completely for an id that is much %s than the present', async (_what, skewMs, more) => {
    const [good, bad] = [{ id: newId('msg_') }, { id: newId('msg_', Date.now() + skewMs), ...more }];

    expect(await insert([good, bad])).toMatchObject({ kind: 'mistimed', now: expect.any(Number) });
    const tables = ['message', 'delivery', 'message_event', 'message_key'] as const;
    expect(await Promise.all(tables.map((table) => rows.count(table)))).toEqual([0, 0, 0, 0]);
    expect(await insert([good])).toMatchObject({ kind: 'committed' });
  });

  it('writes one of two messages with the same eventId in the same group', async () => {
    const twins = [newId('msg_'), newId('msg_')].map((id) => ({ id, eventId: 'twins' }));

    const result = await opened.store.insertGroup(rows.group(twins, true), LEASE_MS);

    expect(result).toMatchObject({ kind: 'committed', eventIdTaken: { size: 1 } });
    expect(await rows.count('message')).toBe(1);
    expect(await rows.count('delivery')).toBe(1);
  });

  it('writes nothing if an application has changed since its endpoints were read', async () => {
    const result = await opened.store.insertGroup(rows.group([{ id: newId('msg_'), eventId: 'stale' }], true, 0), LEASE_MS);

    expect(result).toEqual({ kind: 'stale', appIds: [rows.appId] });
    const tables = ['message', 'delivery', 'message_event'] as const;
    expect(await Promise.all(tables.map((table) => rows.count(table)))).toEqual([0, 0, 0]);
    expect(await opened.store.insertGroup(rows.group(1, true), LEASE_MS)).toMatchObject({ kind: 'committed' });
  });

  it('writes nothing if a row is refused, and later groups are written', async () => {
    const [there] = await rows.written(1, false);
    const mixed = [{ id: newId('msg_'), eventId: 'refused' }, { id: there!.msgId }, { id: newId('msg_') }];

    await expect(opened.store.insertGroup(rows.group(mixed, true), LEASE_MS)).rejects.toThrow();

    expect(await rows.count('message')).toBe(1);
    expect(await rows.count('message_event')).toBe(0);
    expect(await rows.count('delivery')).toBe(1);
    expect(await opened.store.insertGroup(rows.group([mixed[0]!, mixed[2]!], true), LEASE_MS)).toMatchObject({
      kind: 'committed',
    });
  });

  it('and settles can run many at a time, without errors or lost rows', async () => {
    const lane = async (store: EngineStore, number: number) => {
      for (let round = 0; round < GROUPS; round++) {
        const messages = Array.from({ length: MESSAGES }, (_, at) => ({
          id: newId('msg_'),
          // The lanes compete for some eventIds. Each eventId is used once.
          ...(at < 2 ? { eventId: `${round}-${(at + number) % 2}` } : {}),
        }));
        const claimed = round % 2 === 0;
        const result = await store.insertGroup(rows.group(messages, claimed), LEASE_MS);
        if (result.kind !== 'committed') throw new Error('Nobody changed the application or the clock');
        const kept = messages.filter(({ id }) => !result.eventIdTaken.has(id)).map(({ id }) => rows.ref(id, claimed ? 1 : 0));
        const held = claimed ? kept : await store.claim(kept, LEASE_MS);
        expect(held).toHaveLength(kept.length);
        const next = (at: number) => (at % 3 === 0 ? ({ kind: 'failed', reason: 'retries exhausted' } as const) : DELIVERED);
        expect(await store.settle(held.map((ref, at) => settlement(ref, next(at))))).toBe(0);
      }
    };

    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number % 2 === 0 ? opened.store : opened.other, number)));

    const expected = LANES * GROUPS * (MESSAGES - 2) + GROUPS * 2;
    expect(await rows.count('message')).toBe(expected);
    expect(await rows.count('delivery', 'state >= 2 AND attempts = 1 AND due_at IS NULL')).toBe(expected);
    expect(await rows.count('attempt')).toBe(expected);
    expect(await rows.count('message_event')).toBe(GROUPS * 2);
  });
}
