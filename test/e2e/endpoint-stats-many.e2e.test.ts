import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { minuteOf } from '../../src/domain/count-steps.js';
import { startApp, type TestApp } from '../support/app.js';
import { countingProcess, oldApplication, writeAttempts, type OldApplication, type Written } from '../support/attempts.js';
import { turnAt } from '../support/removal.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More than are counted one by one. */
const MANY = 22_000;

let app: TestApp;
let shop: OldApplication;
let now: number;
let attempts: Written[];

beforeAll(async () => {
  app = await startApp({ ROLES: 'api', RETENTION_DAYS: '27' });
  now = Date.now();
  shop = await oldApplication(app, now - 35 * DAY_MS);
  attempts = Array.from({ length: MANY }, (_, n) => ({
    at: now - Math.round((n / MANY) * 27 * DAY_MS),
    appId: shop.appId,
    endpointId: shop.endpointIds[0]!,
    failed: n % 50 === 0,
    ms: 20,
  }));
  await writeAttempts(app, attempts);
});
afterAll(() => app?.stop());

const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
const iso = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
const ranges = () => [
  ['four weeks', now - 28 * DAY_MS, now],
  ['some days, hours and seconds', now - 26 * DAY_MS - 5 * HOUR_MS - 7_000, now - 1_000],
  ['the time before the last days', now - 27 * DAY_MS, now - 2 * DAY_MS - 3 * HOUR_MS],
  ['less than has many', now - 3 * DAY_MS, now],
];

async function expectAll(): Promise<void> {
  for (const [name, since, until] of ranges() as [string, number, number][]) {
    const query = `since=${iso(since)}&until=${iso(until)}`;
    const { body } = await app.api.get(`/app/${shop.appId}/endpoint/${shop.endpointIds[0]}/stats?${query}`);
    const inside = attempts.filter(({ at }) => at >= since && at <= until);
    const fail = inside.filter(({ failed }) => failed).length;
    expect([name, body]).toEqual([name, { success: inside.length - fail, fail, pending: 0, sending: 0, canceled: 0 }]);
  }
}

describe('the statistics of an endpoint with many attempts', () => {
  it('are right before anything is counted', () => expectAll());

  it('are right while older attempts are not counted yet', async () => {
    const { counter } = countingProcess(app);
    let more = true;
    while (more) await turnAt(app, { turn: async (at) => (more = await counter.turn(at)) }, 0);

    await expectAll();
  });

  it('are right when all are counted', async () => {
    await turnAt(app, countingProcess(app).backfill, 0);

    await expectAll();
  });

  it('do not read again what is counted', async () => {
    // Ids begin with the time: these are the attempts of three weeks in the middle.
    const [first, last] = [now - 23 * DAY_MS, now - 4 * DAY_MS];
    await sql('DELETE FROM attempt');
    await writeAttempts(
      app,
      [...attempts, ...repeated(attempts[0]!, MANY)].filter(({ at }) => at < first || at > last),
    );
    const { body } = await app.api.get(`/app/${shop.appId}/endpoint/${shop.endpointIds[0]}/stats`);

    expect(body.success + body.fail).toBe(MANY + MANY);
  });

  it('leave out what retention has removed', async () => {
    await sql('DELETE FROM attempt');
    await writeAttempts(app, [...attempts, ...repeated(attempts[0]!, MANY)]);
    // The counts of half a day that ends where the attempts begin.
    await sql('UPDATE attempt_count SET begins = begins - 720, delivered = delivered + 5 WHERE step = 720 AND begins <= ?', [
      minuteOf(now - 27 * DAY_MS),
    ]);
    const { body } = await app.api.get(`/app/${shop.appId}/endpoint/${shop.endpointIds[0]}/stats`);

    expect(body.success + body.fail).toBe(MANY + MANY);
  });
});

it('the statistics of a range whose counts are not kept any more are right', async () => {
  const own = await startApp({ ROLES: 'api', RETENTION_DAYS: '0' });
  try {
    const time = Date.now();
    const { appId, endpointIds } = await oldApplication(own, time - 430 * DAY_MS);
    const [endpointId] = endpointIds as [string];
    const old = Array.from({ length: MANY }, (_, n) => ({
      at: time - 403 * DAY_MS - Math.round((n / MANY) * 24 * DAY_MS),
      appId,
      endpointId,
      failed: false,
      ms: 20,
    }));
    await writeAttempts(own, old);
    const { counter, backfill } = countingProcess(own);
    let more = true;
    while (more) await turnAt(own, { turn: async (at) => (more = await counter.turn(at)) }, 0);
    await turnAt(own, backfill, 0);
    const query = `since=${iso(time - 428 * DAY_MS)}&until=${iso(time - 401 * DAY_MS)}`;

    expect((await own.api.get(`/app/${appId}/endpoint/${endpointId}/stats?${query}`)).body).toMatchObject({
      success: MANY,
      fail: 0,
    });
  } finally {
    await own.stop();
  }
});

/** So many attempts that are not counted yet. */
function repeated(attempt: Written, count: number): Written[] {
  return Array.from({ length: count }, () => ({ ...attempt, failed: false }));
}
