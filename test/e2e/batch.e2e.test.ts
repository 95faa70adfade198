import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

const WAIT_MS = 60_000;

describe('a batch of messages', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;
  let path: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
    path = `/app/${appId}/msg/batch`;
    await anEndpoint(app, appId, { url: receiver.url });
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const message = (fields: object = {}) => ({ eventType: 'order.paid', payload: { order: 42 }, ...fields });
  const listed = async () => (await app.api.get(`/app/${appId}/msg?limit=250`)).body.data as any[];
  const raw = (body: string) => app.api.raw('post', path, { body, headers: { 'content-type': 'application/json' } });

  it('is answered message by message, in its order', async () => {
    const taken = await aMessage(app, appId, { eventId: 'taken' });
    const messages = [
      message({ tags: ['a'] }),
      message({ eventId: 'taken' }),
      message({ eventType: 'a b' }),
      message({ eventId: 'new' }),
      5,
    ];
    const { status, body } = await app.api.post(path, { messages });

    expect(status).toBe(202);
    expect(body.data.map(({ index, status: own }: any) => [index, own])).toEqual([
      [0, 202],
      [1, 409],
      [2, 422],
      [3, 202],
      [4, 422],
    ]);
    expect(body.data[0].body).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      eventType: 'order.paid',
      payload: {},
      tags: ['a'],
    });
    expect(body.data[1].body).toMatchObject({ code: 'conflict' });
    expect(body.data[2].body.detail[0].loc).toEqual(['body', 'eventType']);
    expect((await listed()).map(({ id }) => id)).toEqual([body.data[3].body.id, body.data[0].body.id, taken.id]);
  });

  it('may be a bare list', async () => {
    const { status, body } = await app.api.post(path, [message(), message()]);

    expect(status).toBe(202);
    expect(body.data).toHaveLength(2);
  });

  it('is delivered, each payload byte for byte', async () => {
    const sources = ['{"b" : 1.0, "a":12345678901234567890}', '{ "text":"]},{\\"[" ,"data":[ {} ]}', '{}'];
    const { status } = await raw(
      ` { "x": [{"payload":{}}], "messages" :[ ${sources.map((source) => `{"eventType":"a","payload":${source} }`).join(' , ')} ] } `,
    );
    const received = await receiver.got(3, WAIT_MS);

    expect(status).toBe(202);
    expect(received.map(({ body }) => body.toString()).sort()).toEqual(sources.toSorted());
  });

  it('keeps the first of two messages with one eventId', async () => {
    const { body } = await app.api.post(path, [message({ eventId: 'one', tags: ['first'] }), message({ eventId: 'one' })]);

    expect(body.data.map(({ status }: any) => status)).toEqual([202, 409]);
    expect(await listed()).toEqual([expect.objectContaining({ id: body.data[0].body.id, tags: ['first'] })]);
  });

  it('has a thousand messages at most', async () => {
    const { status, body } = await app.api.post(
      path,
      Array.from({ length: 1_000 }, (_, n) => message({ payload: { n } })),
    );
    const received = await receiver.got(1_000, WAIT_MS);
    const more = await app.api.post(
      path,
      Array.from({ length: 1_001 }, () => message()),
    );

    expect(status).toBe(202);
    expect(new Set(body.data.map((one: any) => one.body.id)).size).toBe(1_000);
    expect(new Set(received.map((one) => JSON.parse(one.body.toString()).n)).size).toBe(1_000);
    expect(more).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  it('is listed in the order in which it came', async () => {
    const { body } = await app.api.post(
      path,
      Array.from({ length: 20 }, () => message()),
    );

    expect((await listed()).map(({ id }) => id).reverse()).toEqual(body.data.map((one: any) => one.body.id));
  });

  it('may be larger than a single message, up to 16 MiB', async () => {
    const text = 'x'.repeat(1024 * 1024);
    const list = (count: number) => Array.from({ length: count }, () => message({ payload: { text } }));
    const large = await app.api.post(path, list(9));
    const tooLarge = await app.api.post(path, list(17));

    expect(large.status).toBe(202);
    expect((await receiver.got(9, WAIT_MS))[8]!.body.length).toBeGreaterThan(text.length);
    expect(tooLarge).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  it('makes 20,000 deliveries at most, and then none', async () => {
    const { id } = await anApplication(app);
    for (let n = 0; n < 21; n++) await anEndpoint(app, id);
    const batch = (count: number, channels: string[] | null) =>
      app.api.post(
        `/app/${id}/msg/batch`,
        Array.from({ length: count }, () => message({ channels })),
      );

    expect((await batch(1_000, null)).status).toBe(413);
    expect((await app.api.get(`/app/${id}/msg`)).body.data).toEqual([]);
  });

  it('may be scheduled in part', async () => {
    const deliverAt = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await app.api.post(path, [message({ deliverAt }), message()]);
    const [received] = await receiver.got(1, WAIT_MS);

    expect(body.data[0].body.deliverAt).toBe(deliverAt);
    expect(received!.headers['webhook-id']).toBe(body.data[1].body.id);
  });

  it('creates the application that a message describes', async () => {
    const uid = `shop-${appId}`;
    const { status } = await app.api.post(`/app/${uid}/msg/batch`, [message(), message({ application: { name: 'Shop', uid } })]);

    expect(status).toBe(202);
    expect((await app.api.get(`/app/${uid}/msg`)).body.data).toHaveLength(2);
  });

  it('is not taken by an application that does not exist', async () => {
    expect((await app.api.post('/app/nobody/msg/batch', [message()])).status).toBe(404);
    expect((await app.as(app.tokenFor('org_other')).post(path, [message()])).status).toBe(404);
  });

  it('is not taken from the application itself', async () => {
    expect((await app.as(app.appTokenFor(appId)).post(path, [message()])).status).toBe(403);
  });

  it.each([
    ['empty', '[]'],
    ['an object without messages', '{}'],
    ['a text', '"a"'],
    ['no JSON', '[{]'],
  ])('is refused as a whole if it is %s', async (_what, body) => {
    expect((await raw(body)).status).toBe(422);
  });

  it('is taken once under one idempotency key', async () => {
    const headers = { 'idempotency-key': 'batch-1' };
    const first = await app.api.post(path, [message()], headers);
    const second = await app.api.post(path, [message()], headers);

    expect(second.body).toEqual(first.body);
    expect(await listed()).toHaveLength(1);
  });
});
