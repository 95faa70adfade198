import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { MINUTE_MS, minuteOf } from '../../src/domain/count-steps.js';
import { startApp, type TestApp } from '../support/app.js';
import { countingProcess, oldApplication, writeAttempts, type OldApplication, type Written } from '../support/attempts.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { turnAt } from '../support/removal.js';
import { randomOrgId } from '../support/tokens.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RANGES = { 'an hour': HOUR_MS, 'a day': DAY_MS, 'a week': 7 * DAY_MS, 'thirty days': 30 * DAY_MS };
const iso = (ms: number) => encodeURIComponent(new Date(ms).toISOString());

interface Point {
  at: string;
  delivered: number | null;
  failed: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
}

describe('attempts over time', () => {
  let app: TestApp;
  let receiver: Receiver;
  let answer: number;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '3600' });
    receiver = await startReceiver(() => answer);
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  it('show a delivery and a failure as soon as they are listed, to whoever may see them', async () => {
    const { id: appId } = await anApplication(app);
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url, uid: 'main' });
    const { id: otherId } = await anEndpoint(app, appId, { url: receiver.url, channels: ['nothing'] });
    answer = 200;
    await aMessage(app, appId);
    await receiver.got(1, WAIT_MS);
    answer = 500;
    await aMessage(app, appId);
    const stats = async (query = '', token = app.token) => (await app.as(token).get(`/app/${appId}/stats/attempt${query}`)).body;
    const shown = await until(async () => (await stats()).failed === 1 && (await stats()), WAIT_MS, 'both attempts');

    expect(shown).toMatchObject({ delivered: 1, failed: 1, stepSeconds: 1_200, countedSince: null });
    expect(shown.p95Ms).toBeGreaterThan(0);
    expect(await stats('?endpoint_id=main')).toMatchObject({ delivered: 1, failed: 1 });
    expect(await stats(`?endpoint_id=${endpointId}`, app.appTokenFor(appId))).toMatchObject({ delivered: 1, failed: 1 });
    expect(await stats(`?endpoint_id=${otherId}`)).toMatchObject({ delivered: 0, failed: 0, p50Ms: null, p95Ms: null });
    expect((await app.api.get('/stats/attempt')).body).toMatchObject({ delivered: 1, failed: 1 });
    expect((await app.as(app.operatorToken()).get(`/stats/attempt?org_id=${app.orgId}`)).body).toMatchObject({ delivered: 1 });
  });

  it('are those of the application and the organisation only', async () => {
    const { id: appId } = await anApplication(app);
    const { id: endpointId } = await anEndpoint(app, appId);
    const { id: otherId } = await anApplication(app);
    const stranger = app.tokenFor(randomOrgId());

    expect((await app.api.get(`/app/${otherId}/stats/attempt?endpoint_id=${endpointId}`)).status).toBe(404);
    expect((await app.as(stranger).get(`/app/${appId}/stats/attempt`)).status).toBe(404);
    expect((await app.as(stranger).get(`/stats/attempt?org_id=${app.orgId}`)).status).toBe(404);
    expect((await app.as(stranger).get(`/stats/endpoint?org_id=${app.orgId}`)).status).toBe(404);
    expect((await app.as(stranger).get('/stats/attempt')).body).toMatchObject({ delivered: 0, failed: 0 });
    expect((await app.as(app.appTokenFor(appId)).get('/stats/attempt')).status).toBe(403);
  });

  it.each([
    ['that is empty', '?since=2026-01-01T00:00:00Z&until=2026-01-01T00:00:00Z'],
    ['that begins in the future', `?since=${iso(Date.now() + DAY_MS)}`],
    ['that begins more than 400 days ago', `?since=${iso(Date.now() - 401 * DAY_MS)}`],
  ])('are refused for a range %s', async (_what, query) => {
    expect(await app.api.get(`/stats/attempt${query}`)).toMatchObject({ status: 400, body: { code: 'invalid_range' } });
    expect(await app.api.get(`/stats/endpoint${query}`)).toMatchObject({ status: 400, body: { code: 'invalid_range' } });
  });
});

describe('attempts that are counted', () => {
  let app: TestApp;
  let shop: OldApplication;
  let other: OldApplication;
  let now: number;
  let attempts: Written[];

  beforeAll(async () => {
    app = await startApp({ ROLES: 'api' });
    now = Date.now();
    shop = await oldApplication(app, now - 35 * DAY_MS, 3);
    other = await oldApplication(app, now - 35 * DAY_MS, 1, randomOrgId());
    // The second endpoint of the shop never fails. The more the younger: some in each minute of the last hour, and some in each part of a day a month ago.
    attempts = Array.from({ length: 3_000 }, (_, n) => {
      const { appId, endpointIds } = n % 4 === 0 ? other : shop;
      const endpoint = n % endpointIds.length;
      const at = now - Math.round((n / 3_000) ** 4 * 34 * DAY_MS);
      return { at, appId, endpointId: endpointIds[endpoint]!, failed: n % (5 + endpoint) === 0, ms: 20 * 4 ** endpoint };
    });
    await writeAttempts(app, attempts);
  });
  afterAll(() => app?.stop());

  const get = async (path: string, token = app.token) => (await app.as(token).get(path)).body;
  const scopes = (): [string, string, (one: Written) => boolean][] => [
    [`/app/${shop.appId}/stats/attempt?`, app.token, ({ appId }) => appId === shop.appId],
    [
      `/app/${shop.appId}/stats/attempt?endpoint_id=${shop.endpointIds[1]}&`,
      app.token,
      ({ endpointId }) => endpointId === shop.endpointIds[1],
    ],
    ['/stats/attempt?', app.token, ({ appId }) => appId === shop.appId],
    ['/stats/attempt?', app.operatorToken(), () => true],
  ];
  /** The points as they would be without any counts. */
  const pointsOf = ({ since, stepSeconds, points }: { since: string; stepSeconds: number; points: Point[] }, own: Written[]) => {
    const [from, step] = [Date.parse(since), stepSeconds * 1_000];
    return points.map((_, n) => {
      const inside = own.filter(({ at }) => at >= from + n * step && at < from + (n + 1) * step);
      const failed = inside.filter((one) => one.failed).length;
      return { at: new Date(from + n * step).toISOString(), delivered: inside.length - failed, failed };
    });
  };
  const counts = (points: Point[]) => points.map(({ at, delivered, failed }) => ({ at, delivered, failed }));
  const expectAll = async () => {
    for (const [path, token, isOwn] of scopes()) {
      for (const [name, length] of Object.entries(RANGES)) {
        const shown = await get(`${path}since=${iso(now - length)}`, token);
        expect([name, shown.points.length]).toEqual([name, expect.any(Number)]);
        expect(shown.points.length).toBeGreaterThanOrEqual(30);
        expect(shown.points.length).toBeLessThanOrEqual(120);
        expect(counts(shown.points)).toEqual(pointsOf(shown, attempts.filter(isOwn)));
        expect(shown.countedSince).toBeNull();
      }
    }
  };

  it('are shown even before they are counted, as long as they are few', async () => {
    expect(attempts).toHaveLength(3_000);
    await expectAll();
  });

  it('are shown alike when they are counted, in each range', async () => {
    const { counter, backfill } = countingProcess(app);
    let more = true;
    while (more) await turnAt(app, { turn: async (at) => (more = await counter.turn(at)) }, 0);
    await turnAt(app, backfill, 0);

    await expectAll();
  });

  it('are not read again: all but the last minutes come from the counts', async () => {
    const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
    const [{ progress }] = await sql("SELECT progress FROM shared_work WHERE name = 'attempt_counts'");
    const { reached } = JSON.parse(progress);
    await sql('DELETE FROM attempt');
    await writeAttempts(
      app,
      attempts.filter(({ at }) => minuteOf(at) >= reached),
    );

    await expectAll();
  });

  it('begin with the point of `since`, and end with that before `until`', async () => {
    const edge = minuteOf(now - 30 * MINUTE_MS);
    const own = attempts.filter(({ appId, at }) => appId === shop.appId && minuteOf(at) >= edge && minuteOf(at) < edge + 10);
    const range = `since=${iso(edge * MINUTE_MS)}&until=${iso((edge + 10) * MINUTE_MS)}`;
    const shown = await get(`/app/${shop.appId}/stats/attempt?${range}`);

    expect(shown).toMatchObject({ since: new Date(edge * MINUTE_MS).toISOString(), stepSeconds: 60 });
    expect(shown.points).toHaveLength(10);
    expect(shown.delivered + shown.failed).toBe(own.length);
    const longer = `since=${iso(edge * MINUTE_MS + 1)}&until=${iso((edge + 10) * MINUTE_MS + 1)}`;
    expect((await get(`/app/${shop.appId}/stats/attempt?${longer}`)).points).toHaveLength(11);
  });

  it('have latencies that lie in the slot of what was measured', async () => {
    const { p50Ms, p95Ms, points } = await get(
      `/app/${shop.appId}/stats/attempt?endpoint_id=${shop.endpointIds[2]}&since=${iso(now - DAY_MS)}`,
    );

    for (const ms of [p50Ms, p95Ms]) {
      expect(ms).toBeGreaterThan(250);
      expect(ms).toBeLessThanOrEqual(400);
    }
    expect(points.find((point: Point) => point.delivered === 0 && point.failed === 0)?.p50Ms ?? null).toBeNull();
  });

  it('make lists of the endpoints that fail most, and of the slowest', async () => {
    const since = `since=${iso(now - 30 * DAY_MS)}`;
    const failing = await get(`/stats/endpoint?${since}`);
    const within = attempts.filter(({ at }) => at >= Date.parse(failing.since) && at < Date.parse(failing.countedUntil));
    const failed = (endpointId: string) => within.filter((one) => one.endpointId === endpointId && one.failed).length;

    expect(failing.data.map(({ endpointId, failed: found }: any) => [endpointId, found])).toEqual(
      [shop.endpointIds[0]!, shop.endpointIds[2]!].map((id) => [id, failed(id)]),
    );
    expect(failing.data[0]).toMatchObject({ appId: shop.appId, appName: 'Old', url: 'http://127.0.0.1:9/hook', disabled: false });
    const slow = await get(`/stats/endpoint?${since}&order=slow&limit=2`);
    expect(slow.data.map((one: any) => one.endpointId)).toEqual([shop.endpointIds[2], shop.endpointIds[1]]);
    expect(slow.data[0].p95Ms).toBeGreaterThan(slow.data[1].p95Ms);
    const all = await get(`/stats/endpoint?${since}`, app.operatorToken());
    expect(all.data.map((one: any) => one.endpointId).toSorted()).toEqual(
      [shop.endpointIds[0], shop.endpointIds[2], other.endpointIds[0]].toSorted(),
    );
    expect((await get(`/stats/endpoint?${since}&org_id=${other.orgId}`, app.operatorToken())).data).toHaveLength(1);
  });

  it('have a gap where they are not counted yet', async () => {
    const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
    const to = minuteOf(now - 10 * DAY_MS);
    await sql("UPDATE shared_work SET progress = ? WHERE name = 'attempt_backfill'", [JSON.stringify({ from: 0, to })]);
    const shown = await get(`/app/${shop.appId}/stats/attempt?since=${iso(now - 30 * DAY_MS)}`);

    expect(shown.countedSince).toBe(new Date(to * MINUTE_MS).toISOString());
    for (const { at, delivered } of shown.points as Point[])
      expect([at, delivered === null]).toEqual([at, Date.parse(at) + shown.stepSeconds * 1_000 <= to * MINUTE_MS]);
  });

  it('are read themselves up to 10,000; of more, only those that are counted are shown', async () => {
    const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
    const [{ progress }] = await sql("SELECT progress FROM shared_work WHERE name = 'attempt_counts'");
    const { counted } = JSON.parse(progress);
    const more = { appId: shop.appId, endpointId: shop.endpointIds[0]!, failed: false, ms: 10, at: counted * MINUTE_MS };
    await writeAttempts(
      app,
      Array.from({ length: 10_001 }, () => more),
    );
    const shown = await get(`/app/${shop.appId}/stats/attempt?since=${iso(now - HOUR_MS)}`);

    expect(shown.countedUntil).toBe(new Date(counted * MINUTE_MS).toISOString());
    expect(shown.delivered).toBeLessThan(10_000);
    expect(shown.points.at(-1)).toMatchObject({ delivered: null, failed: null, p50Ms: null });
  });
});
