import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms);
const iso = (ms: number) => encodeURIComponent(ago(ms).toISOString());

let app: TestApp;
let appId: string;
let endpointId: string;
let receiver: Receiver;

beforeAll(async () => {
  app = await startApp({ RETRY_SCHEDULE: '1' });
  receiver = await startReceiver((_, index) => (index === 0 ? 500 : 200));
  appId = (await anApplication(app)).id;
  endpointId = (await anEndpoint(app, appId, { url: receiver.url, uid: 'main' })).id;
});
afterAll(async () => {
  await app?.stop();
  await receiver?.stop();
});

const NOTHING = { success: 0, pending: 0, sending: 0, fail: 0, canceled: 0 };
const stats = (query = '') => app.api.get(`/app/${appId}/endpoint/${endpointId}/stats${query}`);

describe('the statistics of an endpoint', () => {
  it('are zeros at first, and count attempts by what came of them', async () => {
    expect((await stats()).body).toEqual(NOTHING);
    await aMessage(app, appId);
    await receiver.got(2, WAIT_MS);
    const counted = async () => (await stats()).body.success === 1 && (await stats()).body;

    expect(await until(counted, WAIT_MS, 'the attempts to be counted')).toEqual({ ...NOTHING, success: 1, fail: 1 });
    expect(await app.svix().endpoint.getStats(appId, 'main')).toEqual({ ...NOTHING, success: 1, fail: 1 });
  });

  it('count only what lies in the window', async () => {
    expect((await stats(`?since=${iso(-500)}`)).body).toEqual(NOTHING);
    expect((await stats(`?until=${iso(60_000)}`)).body).toEqual(NOTHING);
    const portal = app.svix(app.appTokenFor(appId));
    const inside = await portal.endpoint.getStats(appId, endpointId, { since: ago(60_000), until: ago(0) });
    expect(inside).toMatchObject({ success: 1, fail: 1 });
  });

  it.each([
    ['longer than 28 days', `?since=${iso(29 * DAY_MS)}`],
    ['that ends in the future', `?until=${iso(-DAY_MS)}`],
    ['that ends before it begins', `?since=${iso(DAY_MS)}&until=${iso(2 * DAY_MS)}`],
  ])('are refused for a range %s', async (_, query) => {
    expect(await stats(query)).toMatchObject({ status: 400, body: { code: 'invalid_range' } });
  });

  it('may reach back 28 days', async () => {
    expect((await stats(`?since=${iso(28 * DAY_MS)}`)).status).toBe(200);
    expect((await stats(`?since=${iso(40 * DAY_MS)}&until=${iso(12 * DAY_MS)}`)).body).toEqual(NOTHING);
  });

  it('are refused for what is no time, and not found for what is no endpoint', async () => {
    expect(await stats('?since=yesterday')).toMatchObject({ status: 400, body: { code: 'generic_error' } });
    expect((await app.api.get(`/app/${appId}/endpoint/nobody/stats`)).status).toBe(404);
    const { id: otherId } = await anApplication(app);
    expect((await app.api.get(`/app/${otherId}/endpoint/${endpointId}/stats`)).status).toBe(404);
  });
});
