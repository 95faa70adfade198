import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { POLLER_TIMING } from '../../src/api/poller/poller-timing.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
const COUNT = 5;
/** Two payloads fit into a page. */
const LARGE = 'x'.repeat(1_900_000);

interface Page {
  data: any[];
  iterator: string;
  done: boolean;
}

describe('a page that would be too large is shorter, and the next page follows it:', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let endpointId: string;
  let ids: string[];

  beforeAll(async () => {
    app = await startApp({}, (nest) => Object.assign(nest.get(POLLER_TIMING), { settledAfterMs: 50 }));
    appId = (await anApplication(app)).id;
    receiver = await startReceiver(() => 200);
    endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
    ids = [];
    for (let n = 0; n < COUNT; n++) ids.push((await aMessage(app, appId, { payload: { n, LARGE } })).id);
    ids.sort();
    await until(async () => (await pages(`/attempt/endpoint/${endpointId}`)).flat().length === COUNT, WAIT_MS, 'the attempts');
  });
  afterAll(async () => {
    await receiver?.stop();
    await app?.stop();
  });

  const page = async (path: string): Promise<Page> => {
    const { status, body } = await app.api.get(path.startsWith('/event-type') ? path : `/app/${appId}${path}`);
    expect(status).toBe(200);
    return body;
  };
  /** The items of all pages, page by page. */
  const pages = async (path: string): Promise<any[][]> => {
    const all: any[][] = [];
    for (let iterator = ''; ;) {
      const { data, ...next } = await page(`${path}${path.includes('?') ? '&' : '?'}limit=250${iterator}`);
      all.push(data);
      if (next.done) return all;
      iterator = `&iterator=${next.iterator}`;
    }
  };
  const sizesOf = (all: any[][]) => all.map((data) => data.length);
  const idsOf = (all: any[][]) => all.flat().map(({ id }) => id);

  it('messages', async () => {
    const all = await pages('/msg?with_content=true');

    expect(sizesOf(all)).toEqual([2, 2, 1]);
    expect(idsOf(all)).toEqual(ids.toReversed());
    expect(all.flat().every(({ payload }) => payload.LARGE === LARGE)).toBe(true);
    expect(sizesOf(await pages('/msg?with_content=false'))).toEqual([COUNT]);
  });

  it('messages, backward', async () => {
    const { data, done } = await page(`/msg?iterator=-${ids[0]}`);

    expect(data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(done).toBe(false);
  });

  it('messages of an endpoint', async () => {
    const all = await pages(`/endpoint/${endpointId}/msg?with_content=true`);

    expect(sizesOf(all)).toEqual([2, 2, 1]);
    expect(idsOf(all)).toEqual(ids.toReversed());
    expect(sizesOf(await pages(`/endpoint/${endpointId}/msg?with_content=false`))).toEqual([COUNT]);
  });

  it('attempts with their messages', async () => {
    const all = await pages(`/attempt/endpoint/${endpointId}?with_msg=true`);

    expect(sizesOf(all)).toEqual([2, 2, 1]);
    expect(all.flat().every(({ msg }) => msg.payload.LARGE === LARGE)).toBe(true);
    expect(sizesOf(await pages(`/attempt/endpoint/${endpointId}?with_msg=true&with_content=false`))).toEqual([COUNT]);
  });

  it('messages of a poller', async () => {
    await until(async () => idsOf(await pages(`/poller/${endpointId}`)).length === COUNT, WAIT_MS, 'the messages');
    const all = await pages(`/poller/${endpointId}`);

    expect(sizesOf(all)).toEqual([2, 2, 1]);
    expect(idsOf(all)).toEqual(ids);
  });

  it('event types with their schemas', async () => {
    const names = Array.from({ length: COUNT }, (_, n) => `large-${n}`);
    const schemas = { 1: { description: LARGE } };
    for (const name of names) expect((await app.api.post('/event-type', { name, description: '', schemas })).status).toBe(201);
    const all = await pages('/event-type?with_content=true');

    expect(sizesOf(all)).toEqual([2, 2, 1]);
    expect(all.flat().map(({ name }) => name)).toEqual(names);
    expect(all.flat().every((type) => type.schemas[1].description === LARGE)).toBe(true);
    expect(sizesOf(await pages('/event-type'))).toEqual([COUNT]);

    const { body } = await app.api.post('/environment/export');
    expect(body.eventTypes.map(({ name }: any) => name)).toEqual(names);
    expect(body.eventTypes.every(({ schemas: shown }: any) => shown[1].description === LARGE)).toBe(true);
  });

  it('endpoints with many event types', async () => {
    const eventTypes = Array.from({ length: 7_500 }, (_, n) => `large.${n}.${'x'.repeat(240)}`);
    for (const some of [eventTypes.slice(0, 3_750), eventTypes.slice(3_750)]) {
      const types = some.map((name) => ({ name, description: '' }));
      expect((await app.api.post('/environment/import', { eventTypes: types })).status).toBe(204);
    }
    const { id: large } = await anApplication(app);
    for (let n = 0; n < 2; n++) await anEndpoint(app, large, { eventTypes });
    const { body: first } = await app.api.get(`/app/${large}/endpoint`);
    const { body: second } = await app.api.get(`/app/${large}/endpoint?iterator=${first.iterator}`);

    // An answer has the event types twice.
    expect([first.data.length, first.done, second.data.length, second.done]).toEqual([1, false, 1, true]);
    expect(second.data[0].eventTypes).toHaveLength(eventTypes.length);
  });
});
