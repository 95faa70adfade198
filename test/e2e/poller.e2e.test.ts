import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { POLLER_TIMING, defaultPollerTiming } from '../../src/api/poller/poller-timing.js';
import { timeOf } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
/** Instead of ten seconds: nothing here is late. */
const SETTLED_AFTER_MS = 50;

describe('polling', () => {
  let app: TestApp;
  let svix: Svix;
  let appId: string;
  let sinkId: string;
  let poller: Svix['message']['poller'];

  beforeAll(async () => {
    app = await startApp({}, (nest) => Object.assign(nest.get(POLLER_TIMING), { settledAfterMs: SETTLED_AFTER_MS }));
    svix = app.svix();
    poller = svix.message.poller;
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
    sinkId = (await anEndpoint(app, appId, { disabled: true })).id;
  });
  afterAll(() => app?.stop());

  const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
  const messages = async (count: number, fields: object = {}) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push((await aMessage(app, appId, { payload: { n }, ...fields })).id);
    return ids.sort();
  };
  /** The first page that has as many messages, once they are old enough to be handed out. */
  const page = (count: number, options: object = {}) =>
    until(
      async () => {
        const found = await poller.poll(appId, sinkId, options);
        return found.data.length === count && found;
      },
      WAIT_MS,
      `${count} messages`,
    );

  it('hands out messages in the order in which they came, page by page', async () => {
    const ids = await messages(5);
    await page(5);
    const first = await poller.poll(appId, sinkId, { limit: 2 });
    const second = await poller.poll(appId, sinkId, { limit: 2, iterator: first.iterator });
    const third = await poller.poll(appId, sinkId, { limit: 2, iterator: second.iterator });
    const fourth = await poller.poll(appId, sinkId, { limit: 2, iterator: third.iterator });

    expect([first, second, third, fourth].map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4), []]);
    expect([first, second, third, fourth].map(({ done }) => done)).toEqual([false, false, true, true]);
    expect(first.data[0]).toMatchObject({ eventType: 'order.paid', payload: { n: expect.any(Number) } });
  });

  it('goes on with what came after an empty page', async () => {
    const { iterator, data } = await poller.poll(appId, sinkId);
    const ids = await messages(1);

    expect(data).toEqual([]);
    expect(idsOf(await page(1, { iterator }))).toEqual(ids);
  });

  it("hands out only what the endpoint's filters let through, and the poll's own", async () => {
    await app.api.post('/event-type', { name: 'order.paid', description: '' });
    await app.api.post('/event-type', { name: 'order.sent', description: '' });
    const fields = { disabled: true, eventTypes: ['order.paid', 'order.sent'], channels: ['a', 'b'] };
    sinkId = (await anEndpoint(app, appId, fields)).id;
    const paid = await messages(1, { eventType: 'order.paid', channels: ['a'] });
    const sent = await messages(1, { eventType: 'order.sent', channels: ['b', 'c'] });
    await messages(1, { eventType: 'order.paid' });
    await messages(1, { eventType: 'order.lost', channels: ['a'] });
    await messages(1, { eventType: 'order.paid', channels: ['c'] });

    expect(idsOf(await page(2))).toEqual([...paid, ...sent].sort());
    expect(idsOf(await poller.poll(appId, sinkId, { eventType: 'order.sent' }))).toEqual(sent);
    expect(idsOf(await poller.poll(appId, sinkId, { channel: 'a' }))).toEqual(paid);
    expect(idsOf(await poller.poll(appId, sinkId, { channel: 'c' }))).toEqual([]);
    expect(idsOf(await poller.poll(appId, sinkId, { eventType: 'order.lost' }))).toEqual([]);
  });

  it('begins where it is told to, even before the endpoint was made', async () => {
    const [before] = await messages(1);
    // Within the same 4 ms nobody could say which of the two was first.
    await until(() => Date.now() - timeOf(before!) > 8, 1_000, 'the next slot of ids');
    sinkId = (await anEndpoint(app, appId, { disabled: true })).id;
    const [after] = await messages(1);
    await page(1);
    const { timestamp } = await svix.message.get(appId, before!);

    expect(idsOf(await poller.poll(appId, sinkId))).toEqual([after]);
    expect(idsOf(await poller.poll(appId, sinkId, { after: timestamp }))).toEqual([before, after]);
    expect(idsOf(await poller.poll(appId, sinkId, { after: new Date(Date.now() + 1_000) }))).toEqual([]);
  });

  it('moves a consumer on when it comes back with the iterator', async () => {
    const ids = await messages(3);
    await page(3);
    const next = (consumer: string, iterator?: string) =>
      poller.consumerPoll(appId, sinkId, consumer, { limit: 2, ...(iterator && { iterator }) });
    const first = await next('one');
    const second = await next('one', first.iterator);
    const third = await next('one', second.iterator);

    expect([first, second, third].map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2), []]);
    expect(idsOf(await next('two'))).toEqual(ids.slice(0, 2));
  });

  it('gives a page again until the consumer has confirmed it', async () => {
    const ids = await messages(3);
    await page(3);
    const poll = (iterator?: string) => poller.consumerPoll(appId, sinkId, 'one', { limit: 2, ...(iterator && { iterator }) });
    const [first, lost] = [await poll(), await poll()];
    const [next, lostToo, again] = [await poll(first.iterator), await poll(first.iterator), await poll()];

    expect([first, lost].map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(0, 2)]);
    expect([next, lostToo, again].map(idsOf)).toEqual([ids.slice(2), ids.slice(2), ids.slice(2)]);
  });

  it('gives two polls of one consumer at the same time the same page', async () => {
    const ids = await messages(2);
    await page(2);
    const { iterator } = await poller.consumerPoll(appId, sinkId, 'one', { limit: 1 });
    const both = await Promise.all([1, 2].map(() => poller.consumerPoll(appId, sinkId, 'one', { iterator })));

    expect(both.map(idsOf)).toEqual([ids.slice(1), ids.slice(1)]);
  });

  it('lets a consumer go back', async () => {
    const ids = await messages(2);
    await page(2);
    const first = await poller.consumerPoll(appId, sinkId, 'one', { limit: 1 });
    const second = await poller.consumerPoll(appId, sinkId, 'one', { iterator: first.iterator });
    await poller.consumerPoll(appId, sinkId, 'one', { iterator: second.iterator });
    const again = await poller.consumerPoll(appId, sinkId, 'one', { iterator: first.iterator });
    const { timestamp } = await svix.message.get(appId, ids[0]!);
    const { iterator } = await poller.consumerSeek(appId, sinkId, 'one', { after: timestamp });

    expect(idsOf(again)).toEqual(ids.slice(1));
    expect(iterator).toMatch(/^msg_/);
    expect(idsOf(await poller.consumerPoll(appId, sinkId, 'one'))).toEqual(ids);
  });

  it("is for the application's own token, and for no other", async () => {
    const [id] = await messages(1);
    await page(1);
    const own = app.as(app.appTokenFor(appId));
    const path = `/app/${appId}/poller/${sinkId}`;
    const strange = app.as(app.tokenFor(`${app.orgId}x`));

    expect(idsOf((await own.get(path)).body)).toEqual([id]);
    expect((await own.post(`${path}/consumer/one/seek`, { after: '2026-01-02T03:04:05Z' })).status).toBe(200);
    expect((await strange.get(path)).status).toBe(404);
    expect((await strange.get(`${path}/consumer/one`)).status).toBe(404);
    expect((await strange.post(`${path}/consumer/one/seek`, { after: '2026-01-02T03:04:05Z' })).status).toBe(404);
  });

  it.each([
    ['an endpoint that does not exist', 404, () => `/app/${appId}/poller/ep_none`],
    ['an iterator that is none', 400, () => `/app/${appId}/poller/${sinkId}?iterator=abc`],
    ['an iterator of a page before', 400, () => `/app/${appId}/poller/${sinkId}?iterator=-msg_2YBXZIko2xmy0s5Rm9N5U7PhHgu`],
    ['too large a page', 422, () => `/app/${appId}/poller/${sinkId}?limit=251`],
    ['a consumer with an odd name', 422, () => `/app/${appId}/poller/${sinkId}/consumer/a%20b`],
  ])('is refused with %s', async (_what, status, path) => {
    expect((await app.api.get(path())).status).toBe(status);
  });

  it('hands out no message that others could still come before', async () => {
    Object.assign(app.nest.get(POLLER_TIMING), defaultPollerTiming());
    await messages(1);

    expect((await poller.poll(appId, sinkId)).data).toEqual([]);
  });
});
