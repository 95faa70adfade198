import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver } from '../support/receiver.js';

const EXPIRED = { expired: true };

describe('messages', () => {
  let app: TestApp;
  let appId: string;
  let path: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
    path = `/app/${appId}/msg`;
  });
  afterAll(() => app?.stop());

  const send = (fields: object = {}) => app.api.post(path, { eventType: 'order.paid', payload: { order: 42 }, ...fields });
  const sendRaw = (body: string) => app.api.raw('post', path, { body, headers: { 'content-type': 'application/json' } });

  describe('creating', () => {
    it('is answered by 202 and the message', async () => {
      const { status, body } = await send({ eventId: 'event-1', channels: ['a', 'b', 'a'] });

      expect(status).toBe(202);
      expect(body).toEqual({
        id: expect.stringMatching(/^msg_[0-9A-Za-z]{27}$/),
        eventType: 'order.paid',
        eventId: 'event-1',
        channels: ['a', 'b'],
        payload: { order: 42 },
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
    });

    it('leaves the payload out of the answer on demand', async () => {
      const { body } = await app.api.post(`${path}?with_content=false`, { eventType: 'a', payload: { order: 42 } });

      expect(body.payload).toEqual({});
    });

    it('takes data for another name of payload', async () => {
      expect((await send({ payload: undefined, data: { a: 1 } })).body.payload).toEqual({ a: 1 });
    });

    it.each([
      [{ payload: undefined }],
      [{ payload: null }],
      [{ payload: [1] }],
      [{ payload: 'text' }],
      [{ data: {} }],
      [{ eventType: undefined }],
      [{ eventType: 'a b' }],
      [{ eventType: 'a'.repeat(257) }],
      [{ eventId: 'msg_1' }],
      [{ eventId: '' }],
      [{ channels: [] }],
      [{ channels: ['a', 'b', 'c', 'd', 'e', 'f'] }],
      [{ payloadRetentionPeriod: 4 }],
      [{ payloadRetentionPeriod: 91 }],
      [{ transformationsParams: { rawPayload: 5 } }],
    ])('refuses %j', async (fields) => {
      const { status, body } = await send(fields);

      expect(status).toBe(422);
      expect(body.detail[0]).toEqual({
        loc: expect.arrayContaining(['body']),
        msg: expect.any(String),
        type: expect.any(String),
      });
    });

    it.each(['', 'nonsense', '{"eventType":"a","payload":{}', '[]', 'null', '\u0000'])('refuses the body %j', async (body) => {
      expect((await sendRaw(body)).status).toBe(422);
    });

    it('refuses a body of 8 MB', async () => {
      expect(await send({ payload: { text: 'a'.repeat(8_000_000) } })).toMatchObject({
        status: 413,
        body: { code: 'payload_too_large' },
      });
    });

    it('takes event types that do not exist', async () => {
      expect((await send({ eventType: 'never.heard.of' })).status).toBe(202);
    });

    it('takes an eventId once', async () => {
      await send({ eventId: 'once' });

      expect(await send({ eventId: 'once' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    });

    it('takes the same eventId in two applications', async () => {
      const other = await anApplication(app);
      await send({ eventId: 'same' });

      expect((await aMessage(app, other.id, { eventId: 'same' })).eventId).toBe('same');
    });

    it('is not for the token of an application', async () => {
      const { status } = await app.as(app.appTokenFor(appId)).post(path, { eventType: 'a', payload: {} });

      expect(status).toBe(403);
    });

    it('is not for another organisation', async () => {
      const { status } = await app.as(app.tokenFor('org_other')).post(path, { eventType: 'a', payload: {} });

      expect(status).toBe(404);
    });

    it('answers a repetition under the same key with the same message', async () => {
      const headers = { 'idempotency-key': `key-${appId}` };
      const first = await app.api.post(path, { eventType: 'a', payload: { n: 1 } }, headers);
      const second = await app.api.post(path, { eventType: 'a', payload: { n: 2 } }, headers);

      expect(second).toMatchObject({ status: 202, body: first.body });
      expect((await app.api.get(path)).body.data).toHaveLength(1);
    });
  });

  describe('creating together with the application', () => {
    const message = { eventType: 'a', payload: {} };
    const into = (key: string, application?: object) => app.api.post(`/app/${key}/msg`, { ...message, application });

    it('is refused if the application neither exists nor is described', async () => {
      expect(await into('new-0')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    });

    it('makes the application', async () => {
      expect((await into('new-1', { name: 'New', uid: 'new-1' })).status).toBe(202);
      expect((await app.api.get('/app/new-1')).body).toMatchObject({ name: 'New', uid: 'new-1' });
    });

    it('leaves an application that exists as it is', async () => {
      await anApplication(app, { name: 'Old', uid: 'old-1' });

      expect((await into('old-1', { name: 'New', uid: 'old-1' })).status).toBe(202);
      expect((await app.api.get('/app/old-1')).body.name).toBe('Old');
    });

    it('makes one application of several requests at once', async () => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => into('new-2', { name: 'New', uid: 'new-2' })));

      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
      expect((await app.api.get('/app/new-2/msg')).body.data).toHaveLength(4);
    });

    it.each([
      ['application_uid_mismatch', { name: 'New', uid: 'different' }],
      ['application_uid_missing', { name: 'New' }],
    ])('is refused as %s', async (type, application) => {
      const { status, body } = await into('new-3', application);

      expect(status).toBe(422);
      expect(body.detail).toEqual([{ loc: ['body', 'application', 'uid'], msg: expect.any(String), type }]);
    });

    it('checks the key in the path', async () => {
      const { status, body } = await into('%C3%A9', { name: 'New', uid: 'a' });

      expect(status).toBe(422);
      expect(body.detail[0].loc[0]).toBe('path');
    });
  });

  describe('the delivered body', () => {
    it('is the source text of the payload', async () => {
      const receiver = await startReceiver();
      await anEndpoint(app, appId, { url: receiver.url });
      const payload = '{ "b":1.0,\n  "a" : 12345678901234567890, "e":"\\u00e9\\/", "b":2 }';
      expect((await sendRaw(`{"eventType":"a", "pay\\u006coad": ${payload} }`)).status).toBe(202);
      const [request] = await receiver.got(1);
      await receiver.stop();

      expect(request!.body.toString()).toBe(payload);
    });

    it('is the raw payload where one is given', async () => {
      const receiver = await startReceiver();
      await anEndpoint(app, appId, { url: receiver.url });
      const { body } = await send({ transformationsParams: { rawPayload: '<é/>' } });
      const [request] = await receiver.got(1);
      await receiver.stop();

      expect(request!.body.toString()).toBe('<é/>');
      expect(body.payload).toEqual({ rawPayload: '<é/>' });
      expect((await app.api.get(`${path}/${body.id}`)).body.payload).toEqual({ rawPayload: '<é/>' });
    });
  });

  describe('reading', () => {
    it('finds a message by id and by eventId', async () => {
      const { body } = await send({ eventId: 'event-1' });

      expect((await app.api.get(`${path}/${body.id}`)).body).toEqual(body);
      expect((await app.api.get(`${path}/event-1`)).body).toEqual(body);
    });

    it('leaves out the payload on demand', async () => {
      const { body } = await send();

      expect((await app.api.get(`${path}/${body.id}?with_content=false`)).body.payload).toEqual({});
      expect((await app.api.get(`${path}?with_content=false`)).body.data[0].payload).toEqual({});
    });

    it("does not find another application's message", async () => {
      const { body } = await send({ eventId: 'event-1' });
      const other = await anApplication(app);

      expect((await app.api.get(`/app/${other.id}/msg/${body.id}`)).status).toBe(404);
      expect((await app.api.get(`/app/${other.id}/msg/event-1`)).status).toBe(404);
    });

    it('is open to the token of the application', async () => {
      const { body } = await send();

      expect((await app.as(app.appTokenFor(appId)).get(`${path}/${body.id}`)).status).toBe(200);
    });
  });

  describe('expunging', () => {
    it('removes the payload for good, as often as asked', async () => {
      const { body } = await send();

      expect((await app.api.delete(`${path}/${body.id}/content`)).status).toBe(204);
      expect((await app.api.delete(`${path}/${body.id}/content`)).status).toBe(204);
      expect((await app.api.get(`${path}/${body.id}`)).body.payload).toEqual(EXPIRED);
    });

    it('makes sending again impossible', async () => {
      const { id } = await anEndpoint(app, appId, { disabled: true });
      const { body } = await send();
      await app.api.delete(`${path}/${body.id}/content`);

      expect(await app.api.post(`${path}/${body.id}/endpoint/${id}/resend`)).toMatchObject({
        status: 400,
        body: { code: 'missing_payload' },
      });
    });

    it('is not for the token of an application', async () => {
      const { body } = await send();

      expect((await app.as(app.appTokenFor(appId)).delete(`${path}/${body.id}/content`)).status).toBe(403);
    });
  });

  describe('listing', () => {
    let ids: string[];

    beforeEach(async () => {
      ids = [];
      for (let count = 0; count < 6; count++) {
        const { body } = await send({ eventType: count % 2 ? 'odd' : 'even', channels: count < 2 ? ['first', 'x'] : null });
        ids.push(body.id);
        await new Promise((wake) => setTimeout(wake, 10));
      }
    });

    const list = async (query = '') => {
      const { status, body } = await app.api.get(`${path}${query}`);
      expect(status).toBe(200);
      return { ...body, found: body.data.map((message: { id: string }) => ids.indexOf(message.id)) };
    };
    const timeOf = async (index: number) => (await app.api.get(`${path}/${ids[index]}`)).body.timestamp as string;

    it('shows the newest first', async () => {
      expect(await list()).toMatchObject({ found: [5, 4, 3, 2, 1, 0], done: true });
    });

    it('filters by channel', async () => {
      expect((await list('?channel=first')).found).toEqual([1, 0]);
      expect((await list('?channel=firs')).found).toEqual([]);
    });

    it.each([
      'event_types=odd',
      'event_types[]=odd',
      'event_types[0]=odd',
      'event_types=odd,none',
      'event_types=none&event_types=odd',
    ])('filters by %s', async (query) => {
      expect((await list(`?${query}`)).found).toEqual([5, 3, 1]);
    });

    it('goes on and back by its iterators', async () => {
      const first = await list('?limit=4');
      const second = await list(`?limit=4&iterator=${first.iterator}`);
      const back = await list(`?limit=4&iterator=${second.prevIterator}`);

      expect([first, second, back].map(({ found, done }) => ({ found, done }))).toEqual([
        { found: [5, 4, 3, 2], done: false },
        { found: [1, 0], done: true },
        { found: [5, 4, 3, 2], done: true },
      ]);
    });

    it('includes the message of `after` and excludes the one of `before`', async () => {
      const [two, four] = [await timeOf(2), await timeOf(4)];

      expect((await list(`?after=${two}&before=${four}`)).found).toEqual([3, 2]);
    });

    it('shows what is nearest to `after`', async () => {
      expect(await list(`?limit=2&after=${await timeOf(1)}`)).toMatchObject({ found: [2, 1], done: false });
    });

    it.each([
      ['iterator=ep_2YBXZIko2xmy0s5Rm9N5U7PhHgu', 422],
      ['iterator=msg_short', 422],
      ['channel=a%20b', 422],
      ['event_types=a%20b', 422],
      ['before=yesterday', 400],
      ['with_content=maybe', 400],
    ])('answers %s with %d', async (query, status) => {
      expect((await app.api.get(`${path}?${query}`)).status).toBe(status);
    });
  });

  it('are the same to the official client', async () => {
    const client = app.svix();
    const sent = await client.message.create(appId, { eventType: 'a', eventId: 'e', payload: { n: 1 } }, { withContent: true });

    expect(await client.message.get(appId, 'e', { withContent: true })).toEqual(sent);
    expect((await client.message.list(appId)).data).toHaveLength(1);
    await client.message.expungeContent(appId, sent.id);
    expect((await client.message.get(appId, sent.id, { withContent: true })).payload).toEqual(EXPIRED);
  });
});
