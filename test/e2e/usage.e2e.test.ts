import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { ended } from '../support/tasks.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const span = () => ({ since: new Date(Date.now() - HOUR_MS), until: new Date(Date.now() + HOUR_MS) });

let app: TestApp;
let receiver: Receiver;
let busy: any;
let named: any;
let idle: any;

beforeAll(async () => {
  app = await startApp({ RETRY_SCHEDULE: '1' });
  receiver = await startReceiver((_, index) => (index === 0 ? 500 : 200));
  for (const name of ['user.left', 'order.paid']) await app.api.put(`/event-type/${name}`, { description: '' });
  busy = await anApplication(app);
  named = await anApplication(app, { uid: 'named' });
  idle = await anApplication(app);
  await anEndpoint(app, busy.id, { url: receiver.url });
  await anEndpoint(app, busy.id, { url: receiver.url, eventTypes: ['order.paid'] });
  await anEndpoint(app, named.id, { url: receiver.url, eventTypes: ['user.left', 'order.paid'] });
  for (let n = 0; n < 2; n++) await aMessage(app, busy.id);
  await aMessage(app, named.id);
  // One of the five was sent twice.
  await receiver.got(6, WAIT_MS);
});
afterAll(async () => {
  await app?.stop();
  await receiver?.stop();
});

const appStats = async (options: object = {}) => {
  const { id } = await app.svix().statistics.aggregateAppStats({ ...span(), ...options });
  return (await ended(app, id)).data.appStats;
};

describe('the usage of applications', () => {
  it('counts for each of them the deliveries, retries left out', async () => {
    const expected = [
      { appId: busy.id, appUid: null, messageDestinations: 4 },
      { appId: named.id, appUid: 'named', messageDestinations: 1 },
      { appId: idle.id, appUid: null, messageDestinations: 0 },
    ];
    const matches = async () => (await appStats()).map((one: any) => one.messageDestinations).toString() === '4,1,0';
    await until(matches, WAIT_MS, 'the last attempt to be counted');

    expect(await appStats()).toEqual(expected);
  });

  it('counts only those that are named, and says which of them do not exist', async () => {
    const started = await app.svix().statistics.aggregateAppStats({ ...span(), appIds: ['named', busy.id, 'nobody'] });

    expect(started).toMatchObject({ status: 'running', task: 'application.stats', unresolvedAppIds: ['nobody'] });
    const { data } = await ended(app, started.id);
    expect(data.appStats.map(({ appId }: { appId: string }) => appId)).toEqual([busy.id, named.id]);
  });

  it('counts only messages of the window', async () => {
    const before = { since: new Date(Date.now() - 2 * HOUR_MS), until: new Date(Date.now() - HOUR_MS) };

    expect((await appStats(before)).map((one: any) => one.messageDestinations)).toEqual([0, 0, 0]);
  });

  it('is refused when none of the applications exists, or the window ends before it begins', async () => {
    const path = '/stats/usage/app';

    expect((await app.api.post(path, { ...span(), appIds: ['nobody'] })).status).toBe(422);
    expect((await app.api.post(path, { since: span().until, until: span().since })).status).toBe(422);
    expect((await app.api.post(path, { since: span().since })).status).toBe(422);
    expect((await app.as(app.appTokenFor(busy.id)).post(path, span())).status).toBe(403);
  });
});

describe('the usage of event types', () => {
  it('lists for each application what its endpoints ask for', async () => {
    const started = await app.svix().statistics.aggregateEventTypes();

    expect(started).toMatchObject({ status: 'running', task: 'event-type.aggregate' });
    expect((await ended(app, started.id)).data.event_types).toEqual([
      { appId: busy.id, explicitlySubscribedEventTypes: ['order.paid'], hasCatchAllEndpoint: true },
      { appId: named.id, explicitlySubscribedEventTypes: ['order.paid', 'user.left'], hasCatchAllEndpoint: false },
      { appId: idle.id, explicitlySubscribedEventTypes: [], hasCatchAllEndpoint: false },
    ]);
  });
});
