import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver, type ScriptedAnswer } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 10_000;
const UNKNOWN_ATTEMPT = 'atmpt_2YBXZIko2xmy0s5Rm9N5U7PhHgu';

interface Attempt {
  id: string;
  msgId: string;
  endpointId: string;
  timestamp: string;
}

const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

describe('attempts that are not repeated', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let answer: ScriptedAnswer;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '' });
  });
  beforeEach(async () => {
    answer = 200;
    receiver = await startReceiver(() => answer);
    appId = (await anApplication(app)).id;
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const get = async (path: string) => {
    const { status, body } = await app.api.get(`/app/${appId}${path}`);
    expect(status).toBe(200);
    return body;
  };
  const idsOf = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);
  const ofEndpoint = (id: string, query = '') => get(`/attempt/endpoint/${id}${query}`);
  const ofMessage = (id: string, query = '') => get(`/attempt/msg/${id}${query}`);
  const endpoint = (fields: Record<string, unknown> = {}) => anEndpoint(app, appId, { url: receiver.url, ...fields });

  /** The attempts of a message once there are `count` of them. */
  const attempted = (msgId: string, count = 1): Promise<Attempt[]> =>
    until(
      async () => {
        const { data } = await ofMessage(msgId);
        return data.length >= count && data;
      },
      WAIT_MS,
      `${count} attempts of ${msgId}`,
    );
  const delivered = async (fields: Record<string, unknown> = {}, count = 1) => {
    const message = await aMessage(app, appId, fields);
    await attempted(message.id, count);
    return message;
  };

  describe('one of them', () => {
    it('shows what was sent where and what came back', async () => {
      answer = { status: 201, body: 'thank you' };
      const { id: endpointId } = await endpoint();
      const { id: msgId } = await delivered();
      const [attempt] = await attempted(msgId);

      expect(attempt).toEqual({
        id: expect.stringMatching(/^atmpt_[0-9A-Za-z]{27}$/),
        msgId,
        endpointId,
        url: receiver.url,
        status: 0,
        statusText: 'success',
        triggerType: 0,
        response: 'thank you',
        responseStatusCode: 201,
        responseDurationMs: expect.any(Number),
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
      expect(await get(`/msg/${msgId}/attempt/${attempt!.id}`)).toEqual(attempt);
    });

    it('is found by the eventId of its message too', async () => {
      await endpoint();
      const { id } = await delivered({ eventId: 'event-1' });
      const [attempt] = await attempted(id);

      expect(await get(`/msg/event-1/attempt/${attempt!.id}`)).toEqual(attempt);
    });

    it('is not found under another message', async () => {
      await endpoint();
      const [attempt] = await attempted((await delivered()).id);
      const other = await delivered();

      expect((await app.api.get(`/app/${appId}/msg/${other.id}/attempt/${attempt!.id}`)).status).toBe(404);
    });

    it.each([UNKNOWN_ATTEMPT, 'nonsense', '%F0%9F%98%80', '%00'])('is not found as %s', async (key) => {
      const { id } = await aMessage(app, appId);

      expect((await app.api.get(`/app/${appId}/msg/${id}/attempt/${key}`)).status).toBe(404);
    });

    it('is not found in another application', async () => {
      await endpoint();
      const { id } = await delivered();
      const [attempt] = await attempted(id);
      const other = (await anApplication(app)).id;

      expect((await app.api.get(`/app/${other}/msg/${id}/attempt/${attempt!.id}`)).status).toBe(404);
    });

    it('can lose its answer for good', async () => {
      answer = { status: 200, body: 'personal data' };
      await endpoint();
      const { id } = await delivered();
      const [attempt] = await attempted(id);
      const path = `/app/${appId}/msg/${id}/attempt/${attempt!.id}`;

      expect((await app.api.delete(`${path}/content`)).status).toBe(204);
      expect((await app.api.get(path)).body).toEqual({ ...attempt, response: 'EXPUNGED' });
    });

    it.each([
      ['Message', `nobody/attempt/${UNKNOWN_ATTEMPT}`],
      ['Attempt', `known/attempt/${UNKNOWN_ATTEMPT}`],
    ])('names what is missing: the %s', async (missing, path) => {
      await aMessage(app, appId, { eventId: 'known' });

      expect(await app.api.delete(`/app/${appId}/msg/${path}/content`)).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining(missing) },
      });
    });
  });

  describe('listed by endpoint', () => {
    it('are those of that endpoint only, newest first', async () => {
      const { id } = await endpoint({ uid: 'named' });
      await endpoint();
      const messages = [await delivered({}, 2), await delivered({}, 2)];
      const { data } = await ofEndpoint(id);

      expect(data.map((attempt: Attempt) => attempt.msgId)).toEqual([messages[1].id, messages[0].id]);
      expect((await ofEndpoint('named')).data).toEqual(data);
    });

    it('are filtered by channel', async () => {
      const { id } = await endpoint();
      const message = await delivered({ channels: ['news', 'b'] });
      await delivered();

      expect((await ofEndpoint(id, '?channel=news')).data).toMatchObject([{ msgId: message.id }]);
      expect((await ofEndpoint(id, '?channel=new')).data).toEqual([]);
    });

    it.each(['event_types=a', 'event_types[]=a', 'event_types[0]=a&event_types[1]=none', 'event_types=none,a'])(
      'are filtered by %s',
      async (query) => {
        const { id } = await endpoint();
        const message = await delivered({ eventType: 'a' });
        await delivered({ eventType: 'b' });

        expect((await ofEndpoint(id, `?${query}`)).data).toMatchObject([{ msgId: message.id }]);
      },
    );

    it('are filtered by status and by class of the HTTP status', async () => {
      const { id } = await endpoint();
      const good = await delivered();
      answer = 503;
      const bad = await delivered();

      for (const query of ['status=0', 'status_code_class=200']) {
        expect((await ofEndpoint(id, `?${query}`)).data).toMatchObject([{ msgId: good.id }]);
      }
      for (const query of ['status=2', 'status_code_class=500']) {
        expect((await ofEndpoint(id, `?${query}`)).data).toMatchObject([{ msgId: bad.id, status: 2, statusText: 'fail' }]);
      }
      for (const query of ['status=1', 'status=3', 'status=4', 'status_code_class=400']) {
        expect((await ofEndpoint(id, `?${query}`)).data).toEqual([]);
      }
    });

    it('come without their answers on demand', async () => {
      answer = { status: 200, body: 'thank you' };
      const { id } = await endpoint();
      await delivered();

      expect((await ofEndpoint(id, '?with_content=false')).data).toMatchObject([{ response: '{}' }]);
    });

    it.each([
      ['status=9', 400],
      ['status_code_class=250', 400],
      ['after=never', 400],
      ['iterator=msg_2YBXZIko2xmy0s5Rm9N5U7PhHgu', 422],
    ])('are refused for %s with %d', async (query, status) => {
      const { id } = await endpoint();

      expect((await app.api.get(`/app/${appId}/attempt/endpoint/${id}?${query}`)).status).toBe(status);
    });

    it('are not found where the endpoint is unknown', async () => {
      expect((await app.api.get(`/app/${appId}/attempt/endpoint/nobody`)).status).toBe(404);
    });
  });

  describe('listed by message', () => {
    it('may be narrowed to one endpoint', async () => {
      const { id } = await endpoint({ uid: 'named' });
      await endpoint();
      const message = await delivered({}, 2);

      expect((await ofMessage(message.id)).data).toHaveLength(2);
      expect((await ofMessage(message.id, `?endpoint_id=${id}`)).data).toMatchObject([{ endpointId: id }]);
      expect((await ofMessage(message.id, '?endpoint_id=named')).data).toMatchObject([{ endpointId: id }]);
    });

    it('are not found where message or endpoint is unknown', async () => {
      const { id } = await aMessage(app, appId);

      expect((await app.api.get(`/app/${appId}/attempt/msg/nobody`)).status).toBe(404);
      expect((await app.api.get(`/app/${appId}/attempt/msg/${id}?endpoint_id=nobody`)).status).toBe(404);
    });

    it('are the same under the old paths', async () => {
      const { id } = await endpoint();
      await endpoint();
      const message = await delivered({ channels: ['a'] }, 2);
      const all = await ofMessage(message.id);
      const one = await ofMessage(message.id, `?endpoint_id=${id}`);

      expect(await get(`/msg/${message.id}/attempt`)).toEqual(all);
      expect(await get(`/msg/${message.id}/attempt?endpoint_id=${id}&channel=a`)).toEqual(one);
      expect(await get(`/msg/${message.id}/endpoint/${id}/attempt?event_types=order.paid`)).toEqual(one);
    });
  });

  describe('in pages', () => {
    let lists: { name: string; path: string; attempts: Attempt[] }[];

    beforeEach(async () => {
      const { id } = await endpoint();
      const message = await delivered();
      for (let count = 2; count <= 9; count++) {
        await pause(10);
        await app.api.post(`/app/${appId}/msg/${message.id}/endpoint/${id}/resend`);
        await attempted(message.id, count);
      }
      const attempts = (await ofMessage(message.id)).data;
      lists = [
        { name: 'by endpoint', path: `/attempt/endpoint/${id}`, attempts },
        { name: 'by message', path: `/attempt/msg/${message.id}`, attempts },
      ];
    });

    it('go on to the end and back to the start', async () => {
      for (const { path, attempts } of lists) {
        const ids = idsOf({ data: attempts });
        const first = await get(`${path}?limit=4`);
        const second = await get(`${path}?limit=4&iterator=${first.iterator}`);
        const third = await get(`${path}?limit=4&iterator=${second.iterator}`);
        const back = await get(`${path}?limit=4&iterator=${third.prevIterator}`);
        const start = await get(`${path}?limit=4&iterator=${back.prevIterator}`);

        expect([first, second, third].flatMap(idsOf)).toEqual(ids);
        expect([first, second, third].map(({ done }) => done)).toEqual([false, false, true]);
        expect([idsOf(back), idsOf(start)]).toEqual([idsOf(second), idsOf(first)]);
        expect([back, start].map(({ done }) => done)).toEqual([false, true]);
      }
    });

    it('include the one of `after` and exclude the one of `before`', async () => {
      for (const { path, attempts } of lists) {
        const ids = idsOf({ data: attempts });
        const window = `after=${attempts[6]!.timestamp}&before=${attempts[3]!.timestamp}`;
        const page = await get(`${path}?${window}`);

        expect(idsOf(page)).toEqual(ids.slice(4, 7));
        expect(page.done).toBe(true);
      }
    });

    it('go on beyond a window of time by its iterators', async () => {
      for (const { path, attempts } of lists) {
        const ids = idsOf({ data: attempts });
        const page = await get(`${path}?after=${attempts[5]!.timestamp}&before=${attempts[2]!.timestamp}`);

        expect(idsOf(await get(`${path}?iterator=${page.iterator}`))).toEqual(ids.slice(6));
        expect(idsOf(await get(`${path}?iterator=${page.prevIterator}`))).toEqual(ids.slice(0, 3));
      }
    });

    it('show what is nearest to `after`', async () => {
      for (const { path, attempts } of lists) {
        const page = await get(`${path}?limit=3&after=${attempts[6]!.timestamp}`);

        expect(idsOf(page)).toEqual(idsOf({ data: attempts.slice(4, 7) }));
        expect(page.done).toBe(false);
      }
    });
  });

  describe('as messages of an endpoint', () => {
    const messagesOf = (id: string, query = '') => get(`/endpoint/${id}/msg${query}`);

    it('show the message and how it stands', async () => {
      const { id } = await endpoint({ uid: 'named' });
      const message = await delivered({ eventId: 'e', channels: ['a'] });

      expect((await messagesOf(id)).data).toEqual([{ ...message, status: 0, statusText: 'success' }]);
      expect((await messagesOf('named')).data).toHaveLength(1);
    });

    it('come without their payloads on demand', async () => {
      const { id } = await endpoint();
      await delivered();

      expect((await messagesOf(id, '?with_content=false')).data).toMatchObject([{ payload: {} }]);
    });

    it('are filtered by channel and event types', async () => {
      const { id } = await endpoint();
      const first = await delivered({ eventType: 'a', channels: ['x'] });
      const second = await delivered({ eventType: 'b' });

      expect(idsOf(await messagesOf(id, '?channel=x'))).toEqual([first.id]);
      expect(idsOf(await messagesOf(id, '?event_types=b'))).toEqual([second.id]);
      expect(idsOf(await messagesOf(id, '?event_types=a,b'))).toEqual([second.id, first.id]);
    });

    it('are filtered by status', async () => {
      const { id } = await endpoint();
      const good = await delivered();
      answer = 500;
      const bad = await delivered();

      expect(idsOf(await messagesOf(id, '?status=0'))).toEqual([good.id]);
      expect(idsOf(await messagesOf(id, '?status=2'))).toEqual([bad.id]);
      expect(await messagesOf(id, '?status=1')).toEqual({ data: [], iterator: null, done: true });
      expect(await messagesOf(id, '?status=4')).toEqual({ data: [], iterator: null, done: true });
      expect((await messagesOf(id, '?status=3')).data).toEqual([]);
    });

    it('are listed once, however often they were sent', async () => {
      answer = 500;
      const { id } = await endpoint();
      const { id: msgId } = await delivered();
      answer = 200;
      await app.api.post(`/app/${appId}/msg/${msgId}/endpoint/${id}/resend`);
      await attempted(msgId, 2);

      expect((await messagesOf(id)).data).toMatchObject([{ id: msgId, status: 0 }]);
      expect((await messagesOf(id, '?status=2')).data).toEqual([]);
    });

    it('go on and back by their iterators', async () => {
      const { id } = await endpoint();
      const ids: string[] = [];
      for (let count = 0; count < 5; count++) ids.unshift((await delivered()).id);
      const first = await messagesOf(id, '?limit=3');
      const second = await messagesOf(id, `?limit=3&iterator=${first.iterator}`);
      const back = await messagesOf(id, `?limit=3&iterator=${second.prevIterator}`);

      expect([first, second, back].map(idsOf)).toEqual([ids.slice(0, 3), ids.slice(3), ids.slice(0, 3)]);
      expect([first, second, back].map(({ done }) => done)).toEqual([false, true, true]);
    });

    it('are none while nothing was attempted', async () => {
      const { id } = await endpoint({ disabled: true });
      await aMessage(app, appId);

      expect((await messagesOf(id)).data).toEqual([]);
    });

    it('are not found where the endpoint is unknown', async () => {
      expect((await app.api.get(`/app/${appId}/endpoint/nobody/msg`)).status).toBe(404);
    });
  });

  describe('as destinations of a message', () => {
    let endpoints: any[];
    let msgId: string;

    beforeEach(async () => {
      endpoints = [];
      for (let count = 0; count < 3; count++) {
        endpoints.push(await endpoint());
        await pause(5);
      }
      await endpoint({ disabled: true });
      msgId = (await delivered({}, 3)).id;
    });

    const destinations = (query = '') => get(`/msg/${msgId}/endpoint${query}`);

    it('are the endpoints it was sent to, oldest first', async () => {
      const { data, done } = await destinations();
      const expected = endpoints.map((shown) => ({
        ...shown,
        metadata: undefined,
        status: 0,
        statusText: 'success',
        nextAttempt: null,
      }));

      expect(data).toEqual(expected);
      expect(done).toBe(true);
    });

    it('include deleted endpoints', async () => {
      await app.api.delete(`/app/${appId}/endpoint/${endpoints[1].id}`);

      expect(idsOf(await destinations())).toEqual(idsOf({ data: endpoints }));
    });

    it('go on and back by their iterators', async () => {
      const ids = idsOf({ data: endpoints });
      const first = await destinations('?limit=2');
      const second = await destinations(`?limit=2&iterator=${first.iterator}`);
      const back = await destinations(`?limit=2&iterator=${second.prevIterator}`);
      const before = await destinations(`?limit=1&iterator=-${ids[2]}`);

      expect([first, second, back, before].map(idsOf)).toEqual([ids.slice(0, 2), ids.slice(2), ids.slice(0, 2), [ids[1]]]);
      expect([first, second, back, before].map(({ done }) => done)).toEqual([false, true, true, false]);
    });

    it('are not found where the message is unknown', async () => {
      expect((await app.api.get(`/app/${appId}/msg/nobody/endpoint`)).status).toBe(404);
    });
  });

  describe('asked for by hand', () => {
    it('are sent once more and marked as such', async () => {
      const { id } = await endpoint({ uid: 'named' });
      const message = await delivered({ eventId: 'event-1' });

      expect(await app.api.post(`/app/${appId}/msg/event-1/endpoint/named/resend`)).toMatchObject({ status: 202, body: {} });
      const [newest] = await attempted(message.id, 2);
      expect(newest).toMatchObject({ endpointId: id, triggerType: 1 });
      expect(receiver.received[1]!.body).toEqual(receiver.received[0]!.body);
    });

    it('reach an endpoint that the filters left out', async () => {
      const { id } = await endpoint({ channels: ['other'] });
      const message = await aMessage(app, appId);
      await app.api.post(`/app/${appId}/msg/${message.id}/endpoint/${id}/resend`);

      expect(await attempted(message.id)).toMatchObject([{ endpointId: id, triggerType: 1 }]);
    });

    it('are not found where message or endpoint is unknown', async () => {
      const { id } = await endpoint();
      const message = await delivered();

      expect((await app.api.post(`/app/${appId}/msg/nobody/endpoint/${id}/resend`)).status).toBe(404);
      expect((await app.api.post(`/app/${appId}/msg/${message.id}/endpoint/nobody/resend`)).status).toBe(404);
    });
  });

  it('are the same to the official client', async () => {
    const client = app.svix();
    const { id } = await endpoint();
    const message = await delivered();
    const [byEndpoint] = (await client.messageAttempt.listByEndpoint(appId, id)).data;
    const [byMessage] = (await client.messageAttempt.listByMsg(appId, message.id)).data;

    expect(byMessage).toEqual(byEndpoint);
    expect((await client.messageAttempt.listAttemptedMessages(appId, id)).data).toMatchObject([{ id: message.id }]);
    expect((await client.messageAttempt.listAttemptedDestinations(appId, message.id)).data).toMatchObject([{ id }]);
    await client.messageAttempt.resend(appId, message.id, id);
  });
});

describe('messages between two attempts', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '6' });
  });
  afterAll(() => app?.stop());

  it('count as being sent until one succeeds', async () => {
    const receiver = await startReceiver((_, index) => (index === 0 ? 500 : 200));
    const { id: appId } = await anApplication(app);
    const { id } = await anEndpoint(app, appId, { url: receiver.url });
    const message = await aMessage(app, appId);
    const list = async (query: string) => (await app.api.get(`/app/${appId}/endpoint/${id}/msg?${query}`)).body.data;

    const [waiting] = await until(
      async () => (await list('status=3')).length > 0 && list('status=3'),
      WAIT_MS,
      'the message in the list',
    );
    expect(waiting).toEqual({ ...message, status: 3, statusText: 'sending', nextAttempt: expect.stringMatching(/Z$/) });
    const nextInMs = Date.parse(waiting.nextAttempt) - Date.now();
    expect(nextInMs).toBeGreaterThan(-5_000);
    expect(nextInMs).toBeLessThan(7_500);
    expect(await list('status=0')).toEqual([]);
    expect(await list('status=2')).toEqual([]);
    const destinations = await app.api.get(`/app/${appId}/msg/${message.id}/endpoint`);
    expect(destinations.body.data).toMatchObject([{ status: 3, statusText: 'sending', nextAttempt: waiting.nextAttempt }]);

    await until(async () => (await list('status=0')).length > 0, WAIT_MS, 'the message to be delivered');
    await receiver.stop();
    expect(await list('status=3')).toEqual([]);
    expect((await list(''))[0]).toEqual({ ...message, status: 0, statusText: 'success' });
  });
});
