import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Received, type Receiver, type Script } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

describe.each(['0', '50', '100'])('with %s %% of the deliveries handed over inside the process, a message', (handoff) => {
  let app: TestApp;
  let appId: string;
  let receivers: Receiver[];

  beforeAll(async () => {
    app = await startApp({ HANDOFF: handoff, RETRY_SCHEDULE: '1,1,1,1,1,1' });
  });
  beforeEach(async () => {
    receivers = [];
    appId = (await anApplication(app)).id;
  });
  afterEach(() => Promise.all(receivers.map((receiver) => receiver.stop())));
  afterAll(() => app?.stop());

  const listening = async (script?: Script) => {
    const receiver = await startReceiver(script);
    receivers.push(receiver);
    return receiver;
  };
  const endpointAt = ({ url }: Receiver, fields: Record<string, unknown> = {}) => anEndpoint(app, appId, { url, ...fields });
  const attemptsOf = async (msgId: string): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/msg/${msgId}`)).body.data;
  const attempted = (msgId: string, count = 1) =>
    until(
      async () => {
        const attempts = await attemptsOf(msgId);
        return attempts.length >= count && attempts;
      },
      WAIT_MS,
      `${count} attempts of ${msgId}`,
    );
  const post = (body: unknown, headers?: Record<string, string>) => app.api.post(`/app/${appId}/msg`, body, headers);

  it('arrives once, signed for the libraries that verify it', async () => {
    const receiver = await listening();
    const { id: endpointId } = await endpointAt(receiver);
    const { key } = (await app.api.get(`/app/${appId}/endpoint/${endpointId}/secret`)).body;
    const { id } = await aMessage(app, appId, { payload: { order: 42 } });
    const [request] = await receiver.got(1, WAIT_MS);
    const attempts = await attempted(id);

    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook',
      headers: { 'webhook-id': id, 'content-type': 'application/json' },
    });
    const headers = request!.headers as Record<string, string>;
    expect(new StandardWebhook(key).verify(request!.body.toString(), headers)).toEqual({ order: 42 });
    expect(() => new SvixWebhook(key).verify(request!.body.toString(), headers)).not.toThrow();
    expect(() => new SvixWebhook(key).verify(request!.body.toString() + ' ', headers)).toThrow();
    expect(attempts).toMatchObject([{ endpointId, status: 0, responseStatusCode: 200, triggerType: 0 }]);
    expect(receiver.received).toHaveLength(1);
  });

  it('arrives with the same bytes at each endpoint, and is repeated only where it failed', async () => {
    const [first, second, failing] = [
      await listening(),
      await listening(),
      await listening((_, index) => (index === 0 ? 500 : 204)),
    ];
    for (const receiver of [first, second, failing]) await endpointAt(receiver);
    const { id } = await aMessage(app, appId, { payload: { b: 1, a: [2] } });
    const attempts = await attempted(id, 4);
    const all = [first, second, failing].flatMap(({ received }) => received);

    expect(all.map(({ body }) => body.toString())).toEqual(Array.from({ length: 4 }, () => '{"b":1,"a":[2]}'));
    expect(new Set(all.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
    expect(failing.received).toHaveLength(2);
    expect(attempts.map(({ responseStatusCode }) => responseStatusCode).sort()).toEqual([200, 200, 204, 500]);
  });

  it('reaches an endpoint that was created after the application had been looked up', async () => {
    const [before, after] = [await listening(), await listening()];
    await endpointAt(before);
    await aMessage(app, appId);
    await endpointAt(after);
    const { id } = await aMessage(app, appId);
    const [request] = await after.got(1, WAIT_MS);

    expect(request!.headers['webhook-id']).toBe(id);
    expect(await attempted(id, 2)).toHaveLength(2);
  });

  it('with a taken eventId is refused while its neighbours are delivered', async () => {
    const receiver = await listening();
    await aMessage(app, appId, { eventId: 'taken' });
    await endpointAt(receiver);
    const bodies = Array.from({ length: 64 }, (_, n) => ({
      eventType: 'order.paid',
      payload: { n },
      ...(n === 40 ? { eventId: 'taken' } : n % 2 === 0 ? { eventId: `event-${n}` } : {}),
    }));
    const answers = await Promise.all(bodies.map((body) => post(body)));
    const requests = await receiver.got(63, WAIT_MS);

    expect(answers.map(({ status }) => status)).toEqual(bodies.map((_, n) => (n === 40 ? 409 : 202)));
    expect(answers[40]!.body.code).toBe('conflict');
    expect(numbers(requests)).toEqual(bodies.map((_, n) => n).filter((n) => n !== 40));
  });

  it('of one eventId sent many times at once is taken once', async () => {
    const receiver = await listening();
    await endpointAt(receiver);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => post({ eventType: 'order.paid', payload: {}, eventId: 'only-one' })),
    );
    const accepted = answers.filter(({ status }) => status === 202);

    expect(accepted).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
    expect(await attempted(accepted[0]!.body.id)).toHaveLength(1);
    expect((await app.api.get(`/app/${appId}/msg`)).body.data).toHaveLength(1);
  });

  it('without an endpoint is accepted and not attempted', async () => {
    const { id } = await aMessage(app, appId);

    expect(await attemptsOf(id)).toEqual([]);
    expect((await app.api.get(`/app/${appId}/msg/${id}/endpoint`)).body.data).toEqual([]);
  });

  it('sent again under its idempotency key, even with another body, is the same message and delivered once', async () => {
    const receiver = await listening();
    await endpointAt(receiver);
    const headers = { 'idempotency-key': `key-${handoff}` };
    const first = await post({ eventType: 'order.paid', payload: { n: 1 } }, headers);
    const second = await post({ eventType: 'order.paid', payload: { n: 1 } }, headers);
    const other = await post({ eventType: 'order.sent', payload: { n: 2 } }, headers);
    const attempts = await attempted(first.body.id);

    expect([first, second, other].map(({ status }) => status)).toEqual([202, 202, 202]);
    expect([second.body, other.body]).toEqual([first.body, first.body]);
    expect((await app.api.get(`/app/${appId}/msg`)).body.data).toHaveLength(1);
    expect(attempts).toHaveLength(1);
    expect(numbers(receiver.received)).toEqual([1]);
  });

  it('does not reach a deleted or disabled endpoint', async () => {
    const [gone, off, alive] = [await listening(), await listening(), await listening()];
    const { id: goneId } = await endpointAt(gone);
    const { id: offId } = await endpointAt(off);
    const { id: aliveId } = await endpointAt(alive);
    await app.api.delete(`/app/${appId}/endpoint/${goneId}`);
    await app.api.patch(`/app/${appId}/endpoint/${offId}`, { disabled: true });
    const { id } = await aMessage(app, appId);

    expect((await attempted(id)).map(({ endpointId }) => endpointId)).toEqual([aliveId]);
    expect([gone.received, off.received]).toEqual([[], []]);
  });

  it('to a deleted application is not found', async () => {
    const receiver = await listening();
    await endpointAt(receiver);
    await app.api.delete(`/app/${appId}`);

    expect((await post({ eventType: 'order.paid', payload: {} })).status).toBe(404);
    expect(receiver.received).toEqual([]);
  });
});

function numbers(requests: Received[]): number[] {
  return requests.map(({ body }) => JSON.parse(body.toString()).n).sort((a, b) => a - b);
}
