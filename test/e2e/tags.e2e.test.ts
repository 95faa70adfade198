import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;

describe('tags of a message', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;

  beforeAll(async () => {
    app = await startApp();
    receiver = await startReceiver();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
  });
  afterAll(async () => {
    await app?.stop();
    await receiver?.stop();
  });

  const ids = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id);
  const create = (tags: unknown) => app.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: {}, tags });

  it('are echoed when it is created, read and listed', async () => {
    const svix = app.svix();
    const created = await svix.message.create(appId, { eventType: 'order.paid', payload: {}, tags: ['blue', 'big'] });
    const [listed] = (await svix.message.list(appId)).data;

    expect(created.tags).toEqual(['blue', 'big']);
    expect((await svix.message.get(appId, created.id)).tags).toEqual(['blue', 'big']);
    expect(listed!.tags).toEqual(['blue', 'big']);
  });

  it('are left out of the answer where there are none', async () => {
    expect(await aMessage(app, appId)).not.toHaveProperty('tags');
  });

  it('are collapsed where one is repeated', async () => {
    expect((await create(['a', 'a'])).body.tags).toEqual(['a']);
  });

  it('narrow the list of messages', async () => {
    const { id } = await aMessage(app, appId, { tags: ['project 1337', 'ümlaut'] });
    await aMessage(app, appId, { tags: ['project 13'] });
    await aMessage(app, appId);

    expect(ids((await app.api.get(`/app/${appId}/msg?tag=project%201337`)).body)).toEqual([id]);
    expect((await app.svix().message.list(appId, { tag: 'ümlaut' })).data.map((message) => message.id)).toEqual([id]);
    expect(ids((await app.api.get(`/app/${appId}/msg?tag=project`)).body)).toEqual([]);
  });

  it("narrow the lists of attempts and of an endpoint's messages", async () => {
    const svix = app.svix();
    const endpoint = await anEndpoint(app, appId, { url: receiver.url });
    const tagged = await aMessage(app, appId, { tags: ['wanted'] });
    const other = await aMessage(app, appId, { tags: ['other'] });
    const attempts = async (options: object) => (await svix.messageAttempt.listByEndpoint(appId, endpoint.id, options)).data;
    await until(async () => (await attempts({})).length === 2, WAIT_MS, 'both attempts');

    expect((await attempts({ tag: 'wanted' })).map(({ msgId }) => msgId)).toEqual([tagged.id]);
    expect((await svix.messageAttempt.listByMsg(appId, other.id, { tag: 'wanted' })).data).toEqual([]);
    const sent = await svix.messageAttempt.listAttemptedMessages(appId, endpoint.id, { tag: 'wanted' });
    expect(sent.data.map(({ id }) => id)).toEqual([tagged.id]);
  });

  it.each([
    ['a text', 'blue'],
    ['numbers', [1]],
    ['an empty tag', ['']],
    ['a quote', ['a"b']],
    ['a comma', ['a,b']],
  ])('are refused as %s', async (_what, tags) => {
    const { status, body } = await create(tags);

    expect(status).toBe(422);
    expect(body.detail[0].loc.slice(0, 2)).toEqual(['body', 'tags']);
  });

  it('are refused in a query that none could match', async () => {
    expect((await app.api.get(`/app/${appId}/msg?tag=a%22b`)).status).toBe(422);
  });

  it('come with an attempt whose message was asked for', async () => {
    const svix = app.svix();
    const endpoint = await anEndpoint(app, appId, { url: receiver.url });
    const { id } = await aMessage(app, appId, { tags: ['wanted'], payload: { order: 7 } });
    const [attempt] = await until(
      async () => {
        const { data } = await svix.messageAttempt.listByEndpoint(appId, endpoint.id, { withMsg: true, withContent: true });
        return data.length === 1 && data;
      },
      WAIT_MS,
      'the attempt',
    );

    expect(attempt!.msg).toMatchObject({ id, tags: ['wanted'], payload: { order: 7 } });
  });
});
