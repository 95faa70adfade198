import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { DeletedRemoval } from '../../src/database/removal/deleted-removal.js';
import { AttemptCountRepository, type EndpointCount } from '../../src/database/repositories/attempt-count.repository.js';
import { Transactions } from '../../src/database/transactions.js';
import { noAttempts } from '../../src/domain/attempt-counts.js';
import { floorTo, MINUTE_MS, minuteOf } from '../../src/domain/count-steps.js';
import { startApp, type TestApp } from '../support/app.js';
import { countingProcess, oldApplication, writeAttempts, type OldApplication, type Written } from '../support/attempts.js';
import { turnAt } from '../support/removal.js';
import { randomOrgId } from '../support/tokens.js';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NEVER_OVER = { isOver: false, rest: () => Promise.resolve() };
/** Less than an outage is taken for, in minutes. */
const PAUSE = 4;
/** Attempts are final after this, in minutes. */
const FINAL = 4;

let app: TestApp;
let shop: OldApplication;
let begin: number;

beforeAll(async () => {
  // Without the worker's role nothing counts but the test.
  app = await startApp({ ROLES: 'api', RETENTION_DAYS: '90' });
});
beforeEach(async () => {
  for (const table of ['attempt', 'attempt_count', 'attempt_total', 'endpoint', 'application']) await sql(`DELETE FROM ${table}`);
  await sql('UPDATE shared_work SET progress = NULL');
  shop = await oldApplication(app, Date.now() - 18 * DAY_MS, 3);
  begin = minuteOf(Date.now() - 5 * HOUR_MS);
});
afterAll(() => app?.stop());

const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
const attempt = (minute: number, changes: Partial<Written> = {}): Written => ({
  at: minute * MINUTE_MS + 30_000,
  appId: shop.appId,
  endpointId: shop.endpointIds[0]!,
  failed: false,
  ms: 30,
  ...changes,
});
const turn = (work: { turn(now: number): Promise<boolean> }, minute: number) =>
  turnAt(app, { turn: () => work.turn(minute * MINUTE_MS + 6_000) }, 0);
/** Turns as they are, some minutes apart, and at once while there is more to do. */
async function turnsUntil(counter: { turn(now: number): Promise<boolean> }, from: number, to: number): Promise<void> {
  for (let minute = from; minute <= to; minute += minute + PAUSE > to ? Math.max(to - minute, 1) : PAUSE) {
    let more = true;
    while (more) await turn({ turn: async (now) => (more = await counter.turn(now)) }, minute);
  }
}
/** How many attempts are counted in buckets of this length. */
async function counted(step: number, table = 'attempt_count', where = '1 = 1'): Promise<{ delivered: number; failed: number }> {
  const [row] = await sql(
    `SELECT COALESCE(SUM(delivered), 0) AS delivered, COALESCE(SUM(failed), 0) AS failed FROM ${table} WHERE step = ? AND ${where}`,
    [step],
  );
  return { delivered: Number(row.delivered), failed: Number(row.failed) };
}
const totals = (step: number, orgId: string) => counted(step, 'attempt_total', `org_id = '${orgId}'`);

describe('the counting of attempts', () => {
  it('counts each minute soon after its end, by endpoint, organisation and all, delivered and failed', async () => {
    const other = await oldApplication(app, Date.now() - DAY_MS, 1, randomOrgId());
    const { counter } = countingProcess(app);
    await turnsUntil(counter, begin, begin + 1);
    await writeAttempts(app, [
      attempt(begin + 1, { ms: 4 }),
      attempt(begin + 1, { failed: true, ms: 900 }),
      attempt(begin + 1, { endpointId: shop.endpointIds[1]!, ms: 20_000 }),
      attempt(begin + 1, { appId: other.appId, endpointId: other.endpointIds[0]! }),
      attempt(begin + 2),
    ]);
    await turnsUntil(counter, begin + 2, begin + 2);

    const rows = await sql('SELECT * FROM attempt_count ORDER BY org_id, endpoint_id');
    expect(rows).toHaveLength(3);
    expect(rows.find((row: any) => row.endpoint_id === shop.endpointIds[0])).toMatchObject({
      org_id: app.orgId,
      app_id: shop.appId,
      step: 1,
      begins: begin + 1,
      delivered: 1,
      failed: 1,
      ms_5: 1,
      ms_1000: 1,
      ms_10: 0,
      ms_more: 0,
    });
    expect(rows.find((row: any) => row.endpoint_id === shop.endpointIds[1])).toMatchObject({
      delivered: 1,
      failed: 0,
      ms_more: 1,
    });
    expect(await totals(1, app.orgId)).toEqual({ delivered: 2, failed: 1 });
    expect(await totals(1, other.orgId)).toEqual({ delivered: 1, failed: 0 });
    expect(await totals(1, '')).toEqual({ delivered: 3, failed: 1 });
  });

  it('counts a latency where there was an answer, or a long wait for one', async () => {
    const { counter } = countingProcess(app);
    await turnsUntil(counter, begin, begin + 1);
    const unanswered = { failed: true, statusCode: 0 };
    await writeAttempts(app, [attempt(begin + 1, { ...unanswered, ms: 3 }), attempt(begin + 1, { ...unanswered, ms: 15_000 })]);
    await turnsUntil(counter, begin + 2, begin + 2);

    expect(await sql('SELECT failed, ms_5, ms_16000 FROM attempt_count')).toEqual([{ failed: 2, ms_5: 0, ms_16000: 1 }]);
  });

  it('counts what is written late, until a minute is final', async () => {
    const { counter } = countingProcess(app);
    await turnsUntil(counter, begin, begin + 1);
    for (let late = 0; late < FINAL - 1; late++) {
      await writeAttempts(app, [attempt(begin + 1)]);
      await turnsUntil(counter, begin + 2 + late, begin + 2 + late);
      expect(await counted(1)).toEqual({ delivered: late + 1, failed: 0 });
    }
    await turnsUntil(counter, begin + 1 + FINAL, begin + 20);
    await writeAttempts(app, [attempt(begin + 1)]);
    await turnsUntil(counter, begin + 21, begin + 21);

    expect(await counted(1)).toEqual({ delivered: FINAL - 1, failed: 0 });
  });

  it('makes longer buckets of shorter ones, each attempt once', async () => {
    const { counter } = countingProcess(app);
    const from = floorTo(begin, 120);
    await writeAttempts(
      app,
      Array.from({ length: 150 }, (_, n) => attempt(from + n, { failed: n % 5 === 0, endpointId: shop.endpointIds[n % 3]! })),
    );
    await turnsUntil(counter, from + FINAL, from + 150);

    expect(await counted(1)).toEqual({ delivered: 120, failed: 30 });
    expect(await counted(20)).toEqual({ delivered: 112, failed: 28 });
    expect(await counted(120)).toEqual({ delivered: 96, failed: 24 });
    expect(await totals(120, app.orgId)).toEqual({ delivered: 96, failed: 24 });
    expect(await totals(120, '')).toEqual({ delivered: 96, failed: 24 });
    expect(await sql('SELECT SUM(ms_40) AS found FROM attempt_count WHERE step = 120').then(([row]) => Number(row.found))).toBe(
      120,
    );
  });

  it('catches up after days in which no process counted', async () => {
    const { counter } = countingProcess(app);
    const now = minuteOf(Date.now());
    await turnsUntil(counter, now - 4 * 1_440, now - 4 * 1_440);
    const minutes = Array.from({ length: 400 }, (_, n) => now - 4 * 1_440 + n * 14);
    await writeAttempts(
      app,
      minutes.map((minute) => attempt(minute)),
    );
    await turnsUntil(counter, now, now + 1);

    const kept = (step: number, age: number) =>
      `begins >= ${floorTo(now - age, step)} AND begins + ${step} <= ${floorTo(now - FINAL, step)}`;
    const made = (step: number, age: number) =>
      minutes.filter((minute) => minute >= floorTo(now - age, step) && minute < floorTo(now - FINAL, step)).length;
    for (const [step, age] of [
      [1, 180],
      [20, 3_000],
      [120, 5_000],
    ] as const)
      expect([step, (await counted(step, 'attempt_count', kept(step, age))).delivered]).toEqual([step, made(step, age)]);
    expect((await counted(120, 'attempt_total', `org_id = '' AND ${kept(120, 5_000)}`)).delivered).toBe(made(120, 5_000));
  });
});

describe('two processes that count', () => {
  const minutes = 40;
  let attempts: Written[];
  beforeEach(async () => {
    attempts = Array.from({ length: minutes * 10 }, (_, n) =>
      attempt(begin + (n % minutes), { endpointId: shop.endpointIds[n % 3]! }),
    );
  });

  it('do one turn between them', async () => {
    const [first, second] = [countingProcess(app), countingProcess(app)];
    await turnsUntil(first.counter, begin + FINAL, begin + FINAL);
    await writeAttempts(app, attempts);
    await sql("UPDATE shared_work SET owner = '', due_at = '2020-01-01 00:00:00.000'");
    const now = (begin + 2 * FINAL) * MINUTE_MS + 6_000;
    await Promise.all([first.counter.turn(now), second.counter.turn(now)]);

    const [{ owners }] = await sql("SELECT COUNT(*) AS owners FROM shared_work WHERE name = 'attempt_counts' AND owner = ''");
    expect(Number(owners)).toBe(1);
    expect((await counted(1)).delivered).toBeGreaterThan(0);
  });

  it('count nothing twice when one takes the work of the other too early', async () => {
    await writeAttempts(app, attempts);
    const piece = { from: begin, to: begin + minutes, grain: 1, rollUps: [{ step: 20, begins: floorTo(begin, 20) + 20 }] };
    const [first, second] = [countingProcess(app), countingProcess(app)];
    await Promise.all([
      first.sweep.run(piece, NEVER_OVER),
      second.sweep.run(piece, NEVER_OVER),
      first.sweep.run(piece, NEVER_OVER),
    ]);

    expect((await counted(1)).delivered).toBe(attempts.length);
    expect((await totals(1, app.orgId)).delivered).toBe(attempts.length);
    expect((await totals(1, '')).delivered).toBe(attempts.length);
    expect((await counted(20)).delivered).toBe(200);
  });

  it('keep the later count when the one that was slow writes last', async () => {
    await writeAttempts(app, attempts);
    const counts = app.nest.get(AttemptCountRepository);
    const [first, second] = [countingProcess(app), countingProcess(app)];
    const held = Promise.withResolvers<void>();
    const piece = { from: begin, to: begin + minutes, grain: 1, rollUps: [] };
    const slow = countingProcess(app, {
      endpoints: (...args: Parameters<AttemptCountRepository['endpoints']>) => counts.endpoints(...args),
      count: (...args: Parameters<AttemptCountRepository['count']>) => counts.count(...args),
      write: (rows: EndpointCount[]) => held.promise.then(() => counts.write(rows)),
      writeTotals: (rows: never) => counts.writeTotals(rows),
      rollUpTotals: (buckets: never) => counts.rollUpTotals(buckets),
    } as never).sweep.run(piece, NEVER_OVER);
    await first.sweep.run(piece, NEVER_OVER);
    await writeAttempts(app, attempts);
    await second.sweep.run(piece, NEVER_OVER);
    held.resolve();
    await slow;

    expect((await counted(1)).delivered).toBe(2 * attempts.length);
    expect((await totals(1, app.orgId)).delivered).toBe(2 * attempts.length);
  });

  it.each(['write', 'rollUp', 'writeTotals', 'rollUpTotals'] as const)(
    'count everything once when one dies before the end of %s',
    async (step) => {
      const from = floorTo(begin, 20);
      attempts = Array.from({ length: 200 }, (_, n) => attempt(from + (n % 20), { endpointId: shop.endpointIds[n % 3]! }));
      const counts = app.nest.get(AttemptCountRepository);
      const dying = new Proxy(counts, {
        get: (target, name) => {
          const own: unknown = Reflect.get(target, name);
          if (name !== step) return typeof own === 'function' ? own.bind(target) : own;
          return async (...args: unknown[]) => {
            await (own as (...all: unknown[]) => Promise<void>).apply(target, args);
            throw new Error('The process dies here');
          };
        },
      });
      await writeAttempts(app, attempts);
      await turnsUntil(countingProcess(app).counter, from + FINAL, from + 20);
      const isTried = turn(countingProcess(app, dying).counter, from + 20 + FINAL);
      await expect(isTried).rejects.toThrow('dies here');
      await turnsUntil(countingProcess(app).counter, from + 21 + FINAL, from + 22 + FINAL);

      for (const length of [1, 20]) {
        expect((await counted(length)).delivered).toBe(200);
        expect((await totals(length, app.orgId)).delivered).toBe(200);
        expect((await totals(length, '')).delivered).toBe(200);
      }
    },
  );
});

describe('the backfill', () => {
  it('counts what is older than the counting, in buckets that are still kept, each attempt once', async () => {
    const now = minuteOf(Date.now());
    const minutes = Array.from({ length: 600 }, (_, n) => now - Math.round(n ** 2 / 15));
    await writeAttempts(
      app,
      minutes.map((minute, n) => attempt(minute, { endpointId: shop.endpointIds[n % 3]! })),
    );
    const { counter, backfill } = countingProcess(app);
    await turnsUntil(counter, now, now);
    await turn(backfill, now);

    for (const [step, age] of [
      [1, 180],
      [20, 3_000],
      [120, 21_600],
      [720, 17 * 1_440],
    ] as const) {
      const [from, to] = [floorTo(now - age, step) + step, floorTo(now - FINAL - 20, step)];
      const made = minutes.filter((minute) => minute >= from && minute < to).length;
      const where = `begins >= ${from} AND begins < ${to}`;
      expect([step, (await counted(step, 'attempt_count', where)).delivered]).toEqual([step, made]);
      expect([step, (await counted(step, 'attempt_total', `org_id = '' AND ${where}`)).delivered]).toEqual([step, made]);
    }
  });

  it('goes on where another process stopped, and is done once', async () => {
    const now = minuteOf(Date.now());
    await writeAttempts(
      app,
      Array.from({ length: 17 }, (_, n) => attempt(now - 1_440 * n - 100)),
    );
    const { counter } = countingProcess(app);
    await turnsUntil(counter, now, now);
    let pieces = 0;
    const counts = app.nest.get(AttemptCountRepository);
    const dying = new Proxy(counts, {
      get: (target, name) => {
        const own: unknown = Reflect.get(target, name);
        const bound = typeof own === 'function' ? own.bind(target) : own;
        if (name !== 'writeTotals') return bound;
        return (rows: never) => (++pieces > 20 ? Promise.reject(new Error('The process dies here')) : bound(rows));
      },
    });
    await expect(turn(countingProcess(app, dying).backfill, now)).rejects.toThrow('dies here');
    const [half] = await sql("SELECT progress FROM shared_work WHERE name = 'attempt_backfill'");
    await turn(countingProcess(app).backfill, now);
    const [whole] = await sql("SELECT progress FROM shared_work WHERE name = 'attempt_backfill'");

    expect(JSON.parse(half.progress).to).toBeGreaterThan(JSON.parse(half.progress).from);
    expect(JSON.parse(whole.progress).to).toBeLessThanOrEqual(JSON.parse(whole.progress).from);
    expect((await counted(720, 'attempt_count', `begins + 720 <= ${floorTo(now - 1_440, 720)}`)).delivered).toBeGreaterThan(12);
    const before = await sql('SELECT COUNT(*) AS found FROM attempt_count');
    await turn(countingProcess(app).backfill, now);
    expect(await sql('SELECT COUNT(*) AS found FROM attempt_count')).toEqual(before);
  });

  it('has nothing to do where nothing is older', async () => {
    await sql('DELETE FROM endpoint');
    await sql('DELETE FROM application');
    const now = minuteOf(Date.now());
    const { counter, backfill } = countingProcess(app);
    await turnsUntil(counter, now, now);
    await turn(backfill, now);
    const [{ progress }] = await sql("SELECT progress FROM shared_work WHERE name = 'attempt_backfill'");

    expect(JSON.parse(progress).to).toBe(JSON.parse(progress).from);
  });
});

describe('counts', () => {
  const someCounts = (minute: number, endpointId = shop.endpointIds[0]!): EndpointCount => ({
    ...shop,
    endpointId,
    step: 1,
    begins: minute,
    counts: { ...noAttempts(), delivered: 5 },
  });

  it('of an endpoint go with it, and none can be written afterwards', async () => {
    const counts = app.nest.get(AttemptCountRepository);
    const removal = new DeletedRemoval(app.nest.get(DataSource), app.nest.get(Transactions));
    const [gone, stays] = shop.endpointIds as [string, string];
    await counts.write([someCounts(begin, gone), someCounts(begin, stays)]);
    const removing = async () => {
      while (!(await removal.stepOfEndpoint({ appId: shop.appId, endpointId: gone })).done);
    };
    const writing = Array.from({ length: 20 }, (_, n) => counts.write([someCounts(begin + n, gone)]));
    await Promise.all([removing(), ...writing]);
    await counts.write([someCounts(begin + 30, gone), someCounts(begin + 30, stays)]);

    expect(await counted(1, 'attempt_count', `endpoint_id = '${gone}'`)).toEqual({ delivered: 0, failed: 0 });
    expect(await counted(1, 'attempt_count', `endpoint_id = '${stays}'`)).toEqual({ delivered: 10, failed: 0 });
  });

  it('of an application go with it; those of the organisation stay', async () => {
    const { counter } = countingProcess(app);
    await turnsUntil(counter, begin, begin + 1);
    await writeAttempts(
      app,
      shop.endpointIds.map((endpointId) => attempt(begin + 1, { endpointId })),
    );
    await turnsUntil(counter, begin + 2, begin + 2);
    const removal = new DeletedRemoval(app.nest.get(DataSource), app.nest.get(Transactions));
    while (!(await removal.stepOfApplication(shop)).done);
    await turnsUntil(counter, begin + 3, begin + 4);

    expect(await sql('SELECT * FROM attempt_count')).toEqual([]);
    expect(await totals(1, app.orgId)).toEqual({ delivered: 3, failed: 0 });
  });

  it.each([
    [1, 4],
    [20, 51],
    [120, 15 * 24 + 1],
    [720, 90 * 24 + 1],
  ])('in buckets of %s minutes are removed after %s hours, and not before', async (step, hours) => {
    const counts = app.nest.get(AttemptCountRepository);
    const at = floorTo(begin, step);
    await counts.write([{ ...someCounts(at), step }]);
    await counts.writeTotals([{ orgId: app.orgId, step, begins: at, counts: noAttempts() }]);
    const found = async () => [
      (await sql('SELECT 1 AS one FROM attempt_count')).length,
      (await sql('SELECT 1 AS one FROM attempt_total')).length,
    ];
    const { retention } = countingProcess(app);
    await turn(retention, at + hours * 60);
    expect(await found()).toEqual([1, 1]);
    await turn(retention, at + hours * 60 + 1);

    expect(await found()).toEqual([0, 0]);
  });
});
