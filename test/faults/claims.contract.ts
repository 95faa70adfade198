import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Claimer } from '../../src/delivery/claimer.js';
import { Settler } from '../../src/delivery/settler.js';
import { WriteState } from '../../src/database/write-state.js';
import { loadConfig } from '../../src/config/config.js';
import { ApplicationCache } from '../../src/database/engine/application-cache.js';
import { EndpointUnsealer } from '../../src/database/engine/endpoint-unsealer.js';
import { UnreadableEndpoints } from '../../src/database/engine/unreadable-endpoints.js';
import { DataKeys } from '../../src/database/data-keys/data-keys.js';
import { EndpointSealing } from '../../src/database/endpoint-sealing.js';
import { SealingMode } from '../../src/database/sealing-mode.js';
import { EndpointEvents } from '../../src/database/endpoint-events.js';
import { Transactions } from '../../src/database/transactions.js';
import { createLog } from '../../src/observability/log.js';
import { until } from '../support/until.js';
import { DELIVERED, EngineFixture, LEASE_MS, payloadOf, settlement, type OpenStore } from './engine-fixture.js';

const CLAIMERS = 6;
const ROWS = 500;
const CONFIG = loadConfig({}, () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') }));

/** Claims, settles, postponed deliveries and the search for due ones, on every database. */
export function claimsContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let rows: EngineFixture;

  beforeAll(async () => {
    opened = await open();
  });
  beforeEach(async () => {
    rows = await new EngineFixture(opened).prepare();
  });
  afterAll(() => opened?.close());

  const RETRY = { kind: 'retry', delayMs: 60_000 } as const;

  describe('a claim', () => {
    it('succeeds for only one of several processes that compete for a row', async () => {
      const refs = (await Promise.all(Array.from({ length: ROWS / 100 }, () => rows.written(100, false)))).flat();
      const claimer = async (number: number) => {
        const store = number % 2 === 0 ? opened.store : opened.other;
        const won = [];
        const own = number < CLAIMERS / 2 ? refs : refs.toReversed();
        for (let at = 0; at < own.length; at += 50) won.push(...(await store.claim(own.slice(at, at + 50), LEASE_MS)));
        return won;
      };

      const wins = (await Promise.all(Array.from({ length: CLAIMERS }, (_, number) => claimer(number)))).flat();

      expect(wins.map(({ msgId }) => msgId).sort()).toEqual(refs.map(({ msgId }) => msgId).sort());
      expect(new Set(wins.map(({ fence }) => fence))).toEqual(new Set([1]));
      expect(wins.every(({ msgId, message }) => payloadOf(msgId).equals(message!.payload!))).toBe(true);
    });

    it('returns everything that is needed to send', async () => {
      const [ref] = await rows.written(1, false);

      expect(await opened.store.claim([ref!], LEASE_MS)).toMatchObject([
        {
          ...ref!,
          fence: 1,
          attempts: 0,
          message: { eventType: 'order.paid', channels: null, payload: payloadOf(ref!.msgId) },
          appVersion: 1,
        },
      ]);
    });

    it('whose lease ends while its process is paused can be claimed by another: the late settle changes nothing, but its attempt stays', async () => {
      const [ref] = await rows.written(1, false);
      const [first] = await opened.store.claim([ref!], 1);
      const [due] = await until(async () => (await rows.due()).length > 0 && rows.due(), 5_000, 'the lease to end');
      const [second] = await opened.other.claim([due!], LEASE_MS);
      expect(second).toMatchObject({ fence: 2, attempts: 0 });

      expect(await opened.store.settle([settlement(first!, DELIVERED)])).toBe(1);

      expect(await rows.row(ref!)).toEqual({ state: 1, attempts: 0, fence: 2, reason: null, settled: false });
      expect(await rows.attemptsOf(ref!)).toHaveLength(1);
      expect(await opened.other.settle([settlement(second!, RETRY)])).toBe(0);
      expect(await rows.row(ref!)).toEqual({ state: 0, attempts: 1, fence: 2, reason: null, settled: false });
      expect(await rows.attemptsOf(ref!)).toHaveLength(2);
    });

    it('that was lost is logged with its ids and its fence', async () => {
      const lines: any[] = [];
      const settler = new Settler(
        CONFIG,
        opened.store,
        createLog('warn', { write: (line) => lines.push(JSON.parse(line)) }),
        new WriteState(createLog('silent', { write: () => undefined })),
      );
      const [kept, lost] = await rows.written(2, true);
      const [taken] = await opened.other.claim([lost!], LEASE_MS);

      const leaseEnds = performance.now() + LEASE_MS;
      await Promise.all([kept!, lost!].map((ref) => settler.settle(settlement(ref, DELIVERED), leaseEnds)));
      await settler.settle(settlement(taken!, DELIVERED), leaseEnds);

      expect(lines).toEqual([
        expect.objectContaining({ level: 'warn', msg: 'delivery.fence_lost', lost: 1, deliveries: [{ ...lost! }] }),
      ]);
    });

    it('that was lost is logged with at most twenty deliveries, and the number of the others', async () => {
      const lines: any[] = [];
      const settler = new Settler(
        CONFIG,
        opened.store,
        createLog('warn', { write: (line) => lines.push(JSON.parse(line)) }),
        new WriteState(createLog('silent', { write: () => undefined })),
      );
      const refs = (await rows.written(26, true)).map((ref) => ({ ...ref, fence: 0 }));

      await Promise.all(refs.map((ref) => settler.settle(settlement(ref, DELIVERED), performance.now() + LEASE_MS)));

      const named = lines.flatMap(({ deliveries, notNamed = 0 }) => [deliveries.length, notNamed]);
      expect(Math.max(...lines.map(({ deliveries }) => deliveries.length))).toBe(20);
      expect(named.reduce((sum, count) => sum + count, 0)).toBe(26);
    });

    it('of a settled delivery fails', async () => {
      const [ref] = await rows.written(1, true);
      await opened.store.settle([settlement(ref!, DELIVERED)]);

      expect(await opened.store.claim([ref!], LEASE_MS)).toEqual([]);
    });

    it('can be made five times without a settle; the sixth lets the delivery wait, the seventh tries it, and the eighth gives it up', async () => {
      const log = createLog('silent');
      const settler = new Settler(CONFIG, opened.store, log, new WriteState(createLog('silent', { write: () => undefined })));
      const reports = new UnreadableEndpoints(new Transactions(opened.dataSource), new EndpointEvents(CONFIG), log);
      const dataKeys = new DataKeys(CONFIG, opened.dataSource, new Transactions(opened.dataSource), log);
      const sealing = new EndpointSealing(rows.sealer, new SealingMode(opened.dataSource), dataKeys);
      const applications = new ApplicationCache(opened.dataSource, new EndpointUnsealer(sealing, reports));
      const claims = new Claimer(CONFIG, opened.store, applications, settler, log);
      const [ref] = await rows.written(1, false);

      for (let fence = 0; fence < 5; fence++) expect(await claims.claim([{ ...ref!, fence }])).toHaveLength(1);
      expect(await claims.claim([{ ...ref!, fence: 5 }])).toEqual([]);
      const waits = async () => (await rows.row(ref!))?.state === 0;
      await until(waits, 5_000, 'the delivery to wait');
      expect(await rows.row(ref!)).toMatchObject({ state: 0, attempts: 0, fence: 6, settled: false });
      expect(await opened.store.due(10, null)).toEqual([]);

      expect(await claims.claim([{ ...ref!, fence: 6 }])).toHaveLength(1);
      expect(await claims.claim([{ ...ref!, fence: 7 }])).toEqual([]);

      const failed = async () => (await rows.row(ref!))?.settled && rows.row(ref!);
      expect(await until(failed, 5_000, 'the delivery to be settled')).toMatchObject({
        state: 3,
        attempts: 0,
        reason: 'worker lost',
      });
      expect(await rows.attemptsOf(ref!)).toEqual([]);
    });
  });

  describe('a settle', () => {
    it('writes each result, with its attempt if there was one', async () => {
      const [delivered, retried, failed, ended] = await rows.written(4, true);

      const lost = await opened.store.settle([
        settlement(delivered!, DELIVERED),
        settlement(retried!, RETRY),
        settlement(failed!, { kind: 'failed', reason: 'retries exhausted' }),
        settlement(ended!, { kind: 'failed', reason: 'endpoint gone' }, null),
      ]);

      expect(lost).toBe(0);
      expect(await rows.row(delivered!)).toEqual({ state: 2, attempts: 1, fence: 1, reason: null, settled: true });
      expect(await rows.row(retried!)).toEqual({ state: 0, attempts: 1, fence: 1, reason: null, settled: false });
      expect(await rows.row(failed!)).toEqual({ state: 3, attempts: 1, fence: 1, reason: 'retries exhausted', settled: true });
      expect(await rows.row(ended!)).toEqual({ state: 3, attempts: 0, fence: 1, reason: 'endpoint gone', settled: true });
      expect(await rows.count('attempt')).toBe(3);
    });

    it('that is repeated after a lost answer changes nothing', async () => {
      const refs = await rows.written(3, true);
      const settlements = [
        settlement(refs[0]!, DELIVERED),
        settlement(refs[1]!, RETRY),
        settlement(refs[2]!, { kind: 'failed', reason: 'retries exhausted' }),
      ];
      await opened.store.settle(settlements);
      const before = await Promise.all(refs.map((ref) => rows.row(ref)));

      expect(await opened.store.settle(settlements)).toBe(3);
      expect(await opened.store.withLostFence(settlements)).toEqual([]);

      expect(await Promise.all(refs.map((ref) => rows.row(ref)))).toEqual(before);
      expect(await rows.count('attempt')).toBe(3);
    });

    it('of a successful manual delivery ends the planned retries', async () => {
      const [automatic] = await rows.written(1, true);
      await opened.store.settle([settlement(automatic!, { kind: 'retry', delayMs: 0 })]);
      const manual = await rows.insertManual(automatic!, 7);
      const [claimed] = await opened.store.claim([manual], LEASE_MS);

      expect(await opened.store.settle([settlement(claimed!, DELIVERED)])).toBe(0);

      expect(await rows.row(automatic!)).toMatchObject({ state: 2, attempts: 1, settled: true });
      expect(await rows.due()).toEqual([]);
      expect(await opened.store.claim([automatic!], LEASE_MS)).toEqual([]);
    });

    it('of a failed manual delivery does not change the planned retries', async () => {
      const [automatic] = await rows.written(1, true);
      await opened.store.settle([settlement(automatic!, RETRY)]);
      const before = await rows.row(automatic!);
      const [claimed] = await opened.store.claim([await rows.insertManual(automatic!, 7)], LEASE_MS);

      await opened.store.settle([settlement(claimed!, { kind: 'failed', reason: 'manual attempt failed' })]);

      expect(await rows.row(automatic!)).toEqual(before);
    });
  });

  describe('due deliveries', () => {
    it('are not those that are claimed, wait for their task or wait for a retry', async () => {
      await rows.written(2, false);
      const [retried] = await rows.written(2, true);
      await opened.store.settle([settlement(retried!, RETRY)]);

      expect(await rows.due()).toEqual([]);
    });

    it('are returned oldest first, and only those within the given time', async () => {
      const refs = await rows.written(3, false);
      const ages = [5_000, 120_000, 30_000];
      await opened.store.postpone(refs.map((ref, at) => ({ ...ref, delayMs: -ages[at]!, paced: false })));

      expect((await rows.due()).map(({ msgId }) => msgId)).toEqual([refs[1]!, refs[2]!, refs[0]!].map(({ msgId }) => msgId));
      expect((await rows.due(60_000)).map(({ msgId }) => msgId)).toEqual([refs[2]!, refs[0]!].map(({ msgId }) => msgId));
    });

    it('are returned without those to excluded endpoints', async () => {
      const refs = await rows.written(3, false);
      await opened.store.postpone(refs.map((ref) => ({ ...ref, delayMs: -1_000, paced: false })));
      const [{ endpointId }] = refs as [(typeof refs)[0]];
      const without = async (...ids: string[]) =>
        (await opened.store.due(10_000, null, ids)).filter((row) => refs.some(({ msgId }) => msgId === row.msgId));

      expect(await without('ep_other', "ep_'")).toHaveLength(3);
      expect(await without('ep_other', endpointId)).toEqual([]);
    });

    it('say of a postponed delivery that its turn has come, until it is claimed', async () => {
      const [paced, waiting] = await rows.written(2, false);
      await opened.store.postpone([
        { ...paced!, delayMs: 1, paced: true },
        { ...waiting!, delayMs: 60_000, paced: true },
      ]);

      const due = await until(async () => (await rows.due()).length > 0 && rows.due(), 5_000, 'its turn');
      expect(due).toMatchObject([{ ...paced!, attempts: 0, paced: true }]);
      await opened.store.claim([paced!], 1);
      const again = await until(async () => (await rows.due()).length > 0 && rows.due(), 5_000, 'the lease to end');
      expect(again).toMatchObject([{ ...paced!, fence: 1, attempts: 0, paced: false }]);
    });

    it('are not postponed by a process that read them before another claim', async () => {
      const [ref] = await rows.written(1, false);
      await opened.store.claim([ref!], 1);

      await opened.store.postpone([{ ...ref!, delayMs: 60_000, paced: false }]);

      expect(await until(async () => (await rows.due()).length > 0 && rows.due(), 5_000, 'the lease to end')).toHaveLength(1);
    });
  });
}
