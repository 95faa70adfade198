import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;

describe('the line of a request that brought a message', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;
  let requests = 0;

  beforeAll(async () => {
    app = await startApp();
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
    for (const name of ['a', 'b']) await app.api.post('/event-type', { name, description: name });
    for (const filterTypes of [['a'], ['a'], ['b']]) await anEndpoint(app, appId, { url: receiver.url, filterTypes });
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  const body = (eventType: string, more = {}) => ({ eventType, payload: {}, ...more });

  /** Posts, and answers what came back with all lines that name the request. */
  const post = async (path: string, sent: unknown, headers: Record<string, string> = {}) => {
    const requestId = `request-line-${requests++}`;
    const answer = await app.api.post(path, sent, { ...headers, 'x-request-id': requestId });
    const lines = () => app.log.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);
    await until(() => lines().length > 0, WAIT_MS, 'the line of the request');
    return { answer, lines: lines() };
  };

  it.each([
    ['a', 2],
    ['b', 1],
    ['c', 0],
  ])('names the message and counts its deliveries (event type %s: %i)', async (eventType, deliveries) => {
    const { answer, lines } = await post(`/app/${appId}/msg`, body(eventType));

    expect(lines).toEqual([
      expect.objectContaining({ msg: 'http.request', status: 202, orgId: app.orgId, msgId: answer.body.id, deliveries }),
    ]);
  });

  it('names the message of a request that is repeated under its idempotency key, without deliveries', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await post(`/app/${appId}/msg`, body('a'), key);
    const second = await post(`/app/${appId}/msg`, body('a'), key);

    expect(second.answer.body.id).toBe(first.answer.body.id);
    expect(first.lines).toEqual([expect.objectContaining({ msgId: first.answer.body.id, deliveries: 2 })]);
    expect(second.lines).toEqual([expect.objectContaining({ status: 202, msgId: first.answer.body.id, repeated: true })]);
    expect(second.lines[0]).not.toHaveProperty('deliveries');
  });

  it('names no message where none was accepted', async () => {
    await post(`/app/${appId}/msg`, body('a', { eventId: 'taken' }));
    for (const refused of [body('a', { eventId: 'taken' }), { payload: {} }]) {
      const { answer, lines } = await post(`/app/${appId}/msg`, refused);

      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toHaveProperty('msgId');
    }
  });

  it('counts the messages of a batch and their deliveries, and names the first ten', async () => {
    const messages = Array.from({ length: 12 }, (_, at) => body('a', { eventId: `batch-${at}` }));
    const { answer, lines } = await post(`/app/${appId}/msg/batch`, [messages[0], { eventType: 'a' }, ...messages]);
    const ids = answer.body.data.flatMap((item: any) => (item.status === 202 ? [item.body.id] : []));

    expect(ids).toHaveLength(12);
    expect(lines).toEqual([expect.objectContaining({ status: 202, messages: 12, deliveries: 24, msgIds: ids.slice(0, 10) })]);
  });
});
