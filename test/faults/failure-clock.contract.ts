import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { loadConfig } from '../../src/config/config.js';
import { EndpointEvents } from '../../src/database/endpoint-events.js';
import { EndpointFailureRepository } from '../../src/database/repositories/endpoint-failure.repository.js';
import { Transactions } from '../../src/database/transactions.js';
import { newId } from '../../src/domain/ids.js';
import { DELIVERED, EngineFixture, LEASE_MS, settlement, type OpenStore } from './engine-fixture.js';

const LIMIT_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** An attempt of one of two processes. Its outcome reaches the clock late, by `lag` events, or never. */
interface Event {
  ok: boolean;
  process: 0 | 1;
  durationMs: number;
  gapMs: number;
  lag: number;
  /** A success whose process does not know that the endpoint fails says nothing to the clock; so does a process that dies. */
  silent: boolean;
}

/** The clock of failures, whatever the order is in which processes settle and report outcomes, on every database. */
export function failureClockContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let processes: EndpointFailureRepository[];

  beforeAll(async () => {
    opened = await open();
    const config = loadConfig({}, () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') }));
    // The embedded database has one process and one mutex for its writes.
    const transactions = new Transactions(opened.dataSource);
    processes = [0, 1].map(() => new EndpointFailureRepository(transactions, new EndpointEvents(config)));
  });
  afterAll(() => opened?.close());

  const settle = async (rows: EngineFixture, { ok, from, to }: { ok: boolean; from: number; to: number }) => {
    const [app] = await opened.dataSource.query(`SELECT version FROM application WHERE id = '${rows.appId}'`);
    const group = rows.group(1, true, Number(app.version));
    await opened.store.insertGroup(group, LEASE_MS);
    const ref = rows.ref(group.messages[0]!.id, 1);
    const attempt = {
      id: newId('atmpt_', from),
      url: 'http://127.0.0.1:9/',
      statusCode: 200,
      durationMs: to - from,
      response: '',
    };
    await opened.store.settle([settlement(ref, ok ? DELIVERED : { kind: 'failed', reason: 'x' }, attempt)]);
  };
  const isDisabled = async ({ endpointId }: EngineFixture) => {
    const [row] = await opened.dataSource.query(`SELECT disabled FROM endpoint WHERE id = '${endpointId}'`);
    return Boolean(row.disabled);
  };
  const report = (rows: EngineFixture, process: 0 | 1, ok: boolean, at: number) => {
    const clock = processes[process]!;
    return ok ? clock.succeeded(rows.appId, rows.endpointId) : clock.failed(rows.appId, rows.endpointId, LIMIT_MS, at);
  };

  it('counts a success that began before the failure and ended after it', async () => {
    const rows = await new EngineFixture(opened).prepare();
    const at = Date.now() - 2 * LIMIT_MS;
    await settle(rows, { ok: false, from: at - 10, to: at });
    await report(rows, 0, false, at);
    await settle(rows, { ok: true, from: at - 10_000, to: at + 10_000 });
    const later = at + 1.5 * LIMIT_MS;
    await settle(rows, { ok: false, from: later - 10, to: later });

    expect(await report(rows, 1, false, later)).toBe('started');
    expect(await isDisabled(rows)).toBe(false);
  });

  it('does not begin at a failure that is reported after a later success was settled', async () => {
    const rows = await new EngineFixture(opened).prepare();
    const at = Date.now() - 2 * LIMIT_MS;
    await settle(rows, { ok: false, from: at - 10, to: at });
    await settle(rows, { ok: true, from: at + 10, to: at + 20 });

    expect(await report(rows, 0, false, at)).toBe('running');
    const later = at + 1.5 * LIMIT_MS;
    expect(await report(rows, 1, false, later)).toBe('started');
  });

  it('still disables an endpoint whose last success ended well before its first failure', async () => {
    const rows = await new EngineFixture(opened).prepare();
    const at = Date.now() - 2 * LIMIT_MS;
    await settle(rows, { ok: true, from: at - MINUTE_MS, to: at - MINUTE_MS + 10 });
    await report(rows, 0, false, at);

    expect(await report(rows, 1, false, at + 1.5 * LIMIT_MS)).toBe('disabled');
  });

  it('makes a new version of the application only with a change, because messages that are being committed start again then', async () => {
    const rows = await new EngineFixture(opened).prepare();
    const version = async () => {
      const [row] = await opened.dataSource.query(`SELECT version FROM application WHERE id = '${rows.appId}'`);
      return Number(row.version);
    };
    const first = await version();
    const at = Date.now();
    expect(await report(rows, 0, false, at)).toBe('started');
    for (const later of [1, 2, 3]) expect(await report(rows, 1, false, at + later)).toBe('running');
    expect(await version()).toBe(first + 1);
    expect(await report(rows, 0, true, at)).toBe(true);
    expect(await report(rows, 1, true, at)).toBe(false);
    expect(await version()).toBe(first + 2);
    for (const isNew of [true, false]) expect(await processes[0]!.disable(rows.appId, rows.endpointId, at)).toBe(isNew);
    expect(await version()).toBe(first + 3);
  });

  it('never disables an endpoint that had a success within the limit, in any order of reports', async () => {
    const event: fc.Arbitrary<Event> = fc.record({
      ok: fc.boolean(),
      process: fc.constantFrom(0 as const, 1 as const),
      durationMs: fc.integer({ min: 1, max: MINUTE_MS }),
      gapMs: fc.integer({ min: 0, max: LIMIT_MS / 2 }),
      lag: fc.integer({ min: 0, max: 3 }),
      silent: fc.boolean(),
    });
    let tooEarly = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 2, maxLength: 8 }), async (events) => {
        const rows = await new EngineFixture(opened).prepare();
        let at = Date.now() - 24 * LIMIT_MS;
        let lastSuccess = -Infinity;
        const late: { due: number; process: 0 | 1; ok: boolean; at: number }[] = [];
        for (const [n, { ok, process, durationMs, gapMs, lag, silent }] of events.entries()) {
          at += gapMs;
          // The last success ends when this event does; it may have begun before the previous one.
          await settle(rows, { ok, from: at - durationMs, to: at });
          if (ok) lastSuccess = at;
          if (!(ok && silent)) late.push({ due: n + lag, process, ok, at });
          for (const one of late.filter(({ due }) => due === n)) await report(rows, one.process, one.ok, one.at);
          if (at - lastSuccess <= LIMIT_MS && (await isDisabled(rows))) tooEarly++;
        }
      }),
      { numRuns: 25, seed: 20_261_128 },
    );

    expect(tooEarly).toBe(0);
  });
}
