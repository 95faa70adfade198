import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APPLICATIONS } from '../../src/dev/demo/applications.js';
import { startDemo, type Demo } from '../../src/dev/demo/demo.js';
import { DemoReceiver } from '../../src/dev/demo/receiver.js';
import { EVENT_TYPES } from '../../src/dev/demo/event-types.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HARBOR = '/app/demo-harbor';

let app: TestApp;
let demo: Demo;
const said: string[] = [];

const start = () => startDemo({ server: app.url, token: app.token, calmsDown: false, say: (line) => said.push(line) });
const attemptsOf = async (endpoint: string): Promise<any[]> =>
  (await app.api.get(`${HARBOR}/attempt/endpoint/${endpoint}`)).body.data;
const answered = (endpoint: string, code: number) =>
  until(
    async () => (await attemptsOf(endpoint)).some(({ responseStatusCode }) => responseStatusCode === code),
    WAIT_MS,
    `${endpoint} to answer ${code}`,
  );

beforeAll(async () => {
  app = await startApp({ DELIVERY_TIMEOUT_SECONDS: '2' });
  demo = await start();
});
afterAll(async () => {
  await demo?.stop();
  await app?.stop();
});

describe('the demo', () => {
  it('makes applications, endpoints and event types with examples', async () => {
    const names = (await app.api.get('/app')).body.data.map(({ uid }: { uid: string }) => uid);
    expect(names.toSorted()).toEqual(APPLICATIONS.map(({ uid }) => uid).toSorted());
    const { data } = (await app.api.get(`${HARBOR}/endpoint`)).body;
    expect(data).toHaveLength(APPLICATIONS[0].endpoints.length);
    for (const { name } of EVENT_TYPES) {
      const { status } = await app.api.post(`${HARBOR}/endpoint/demo-shop/send-example`, { eventType: name });
      expect([name, status]).toEqual([name, 200]);
    }
  });

  it('links to the portal of an application, with a token of it alone', async () => {
    const { origin, pathname, hash } = new URL(demo.portal);
    expect([origin, pathname]).toEqual([app.url, '/portal']);
    const customer = app.as(hash.replace('#token=', ''));
    expect((await customer.get(HARBOR)).status).toBe(200);
    expect((await customer.get('/app')).status).toBe(403);
  });

  it.each([
    ['demo-shop', 200],
    ['demo-warehouse', 500],
    ['demo-warehouse', 200],
    ['demo-accounting', 500],
    ['demo-reports', 0],
    ['demo-old-server', 0],
    ['demo-legacy', 410],
    ['demo-partner', 200],
    ['demo-newsletter', 503],
  ])('has the endpoint %s, which answers %i', async (endpoint, code) => {
    await answered(endpoint, code);
    expect(said).toEqual([]);
  });

  it('has an endpoint that was disabled because it is gone', async () => {
    const isDisabled = async () => (await app.api.get(`${HARBOR}/endpoint/demo-legacy`)).body.disabled;
    await until(isDisabled, WAIT_MS, 'the endpoint to be disabled');
  });

  it('gives messages an event id, by which they are found', async () => {
    // The examples of the first test have none, and may be the newest.
    const sent = async () => (await app.api.get(`${HARBOR}/msg`)).body.data.find(({ eventId }: any) => eventId !== null);
    const message = await until(sent, WAIT_MS, 'a message of the demo');
    expect(message.eventId).toBe(`${message.eventType}-${message.eventId.slice(-8)}`);
    expect((await app.api.get(`${HARBOR}/msg/${message.eventId}`)).body.id).toBe(message.id);
  });

  it('has an application whose messages nobody gets', async () => {
    const messages = async () => (await app.api.get('/app/demo-nimbus/msg')).body.data.length > 0;
    await until(messages, WAIT_MS, 'a message');
  });

  it('has API keys of the team, and a task that recovers what an endpoint has missed', async () => {
    const { body: keys } = await app.api.get('/auth/api-token');
    expect(keys.data.map(({ name }: { name: string }) => name)).toEqual(['Shop backend', 'Reports of the data team']);
    const tasks = async () =>
      (await app.api.get('/background-task')).body.data.some((one: any) => one.task === 'endpoint.recover');
    await until(tasks, WAIT_MS, 'a task');
  });

  it('goes on sending', async () => {
    const newest = async () => (await app.api.get(`${HARBOR}/msg?limit=1`)).body.data[0]?.id;
    const before = await newest();
    await until(async () => (await newest()) !== before, WAIT_MS, 'another message');
  });
});

describe('a demo that runs again', () => {
  it('goes on with what is there, as somebody has changed it', async () => {
    const { body: before } = await app.api.get(HARBOR);
    await app.api.patch(`${HARBOR}/endpoint/demo-accounting`, { description: 'mended', url: 'http://127.0.0.1:9/mended' });
    await app.api.delete(`${HARBOR}/endpoint/demo-old-server`);
    await demo.stop();

    demo = await start();

    expect((await app.api.get(HARBOR)).body).toEqual(before);
    const { body: mended } = await app.api.get(`${HARBOR}/endpoint/demo-accounting`);
    expect(mended).toMatchObject({ description: 'mended', url: 'http://127.0.0.1:9/mended' });
    expect((await app.api.get(`${HARBOR}/endpoint/demo-old-server`)).status).toBe(200);
    const { data } = (await app.api.get(`${HARBOR}/endpoint`)).body;
    expect(data).toHaveLength(APPLICATIONS[0].endpoints.length);
  });
});

describe('the receiver of the demo', () => {
  let receiver: DemoReceiver;
  beforeAll(async () => {
    receiver = await DemoReceiver.start(0);
  });
  afterAll(() => receiver.stop());
  const ask = async (behaviour: 'flaky' | 'limited' | 'silent', id: string) => {
    const headers = { 'webhook-id': id };
    return (await fetch(receiver.urlOf(behaviour), { method: 'POST', headers, body: '{}' })).status;
  };

  it('fails every third message, and takes it when it comes again', async () => {
    const statuses: number[] = [];
    for (const id of ['a', 'b', 'c', 'd', 'c', 'e', 'f', 'f']) statuses.push(await ask('flaky', id));
    expect(statuses).toEqual([200, 200, 500, 200, 200, 200, 500, 200]);
  });

  it('refuses what is more than four requests in two seconds', async () => {
    const statuses: number[] = [];
    for (const id of ['a', 'b', 'c', 'd', 'e']) statuses.push(await ask('limited', id));
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
  });

  it('ends the requests that get no answer when it lets go, and answers others', async () => {
    let hasEnded = false;
    void ask('silent', 'a').catch(() => (hasEnded = true));
    const ended = () => {
      receiver.letGo();
      return hasEnded;
    };
    await until(ended, WAIT_MS, 'the silent request to end');
    expect(await ask('flaky', 'g')).toBe(200);
  });
});

describe('a demo that can not run', () => {
  it('says that no service answers', async () => {
    const nowhere = { server: 'http://127.0.0.1:9', token: 'a', calmsDown: false, say: () => {} };
    await expect(startDemo(nowhere)).rejects.toThrow(
      /^No service answers at http:\/\/127\.0\.0\.1:9 \(.*\)\. Start it with npm start\.$/,
    );
  });

  it('says that the token is of another service', async () => {
    const stranger = { server: app.url, token: 'a.b.c', calmsDown: false, say: () => {} };
    await expect(startDemo(stranger)).rejects.toThrow(/^The service does not know the token\./);
  });
});
