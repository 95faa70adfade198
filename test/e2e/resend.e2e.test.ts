import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver, type Script } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

let app: TestApp;
let appId: string;
let receiver: Receiver;
let status: number;
let answer: Script;

beforeEach(async () => {
  status = 500;
  answer = () => status;
  receiver = await startReceiver((request, index) => answer(request, index));
  appId = (await anApplication(app)).id;
});
afterEach(() => receiver.stop());
afterAll(() => app?.stop());

const startWith = (overrides: Parameters<typeof startApp>[0]) => async () => {
  await app?.stop();
  app = await startApp(overrides);
};
const endpoint = (fields: Record<string, unknown> = {}) => anEndpoint(app, appId, { url: receiver.url, ...fields });
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
const resend = (msgId: string, endpointId: string) => app.api.post(`/app/${appId}/msg/${msgId}/endpoint/${endpointId}/resend`);
const triggersOf = (attempts: any[]) => attempts.map(({ triggerType }) => triggerType).reverse();
const statusOf = async (msgId: string) => (await app.api.get(`/app/${appId}/msg/${msgId}/endpoint`)).body.data[0].status;

describe('resending a message that was given up', () => {
  beforeAll(startWith({ RETRY_SCHEDULE: '' }));

  it('makes one more attempt, marked as asked for, with the same id and body', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId, { payload: { n: 1 } });
    await attempted(id);
    status = 200;
    const answer = await resend(id, endpointId);
    const attempts = await attempted(id, 2);

    expect(answer).toMatchObject({ status: 202, body: {} });
    expect(triggersOf(attempts)).toEqual([0, 1]);
    expect(attempts[0]).toMatchObject({ endpointId, status: 0, responseStatusCode: 200 });
    expect(receiver.received.map(({ headers, body }) => [headers['webhook-id'], body.toString()])).toEqual(
      Array.from({ length: 2 }, () => [id, '{"n":1}']),
    );
    expect(await statusOf(id)).toBe(0);
  });

  it('makes an attempt that is not repeated when it fails', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await attempted(id);
    await resend(id, endpointId);
    const attempts = await attempted(id, 2);

    expect(triggersOf(attempts)).toEqual([0, 1]);
    await until(async () => (await statusOf(id)) === 2, WAIT_MS, 'the message to be failed');
  });

  it('makes one attempt for each time it is asked for', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await attempted(id);
    await Promise.all([resend(id, endpointId), resend(id, endpointId), resend(id, endpointId)]);

    expect(triggersOf(await attempted(id, 4))).toEqual([0, 1, 1, 1]);
    expect(receiver.received).toHaveLength(4);
  });

  it('works with the ids that callers chose, and with the token of the application', async () => {
    await endpoint({ uid: 'main' });
    const { id } = await aMessage(app, appId, { eventId: 'event-1' });
    await attempted(id);
    const portal = app.as(app.appTokenFor(appId));

    expect((await portal.post(`/app/${appId}/msg/event-1/endpoint/main/resend`)).status).toBe(202);
    expect(triggersOf(await attempted(id, 2))).toEqual([0, 1]);
  });

  it('works through the client library', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await attempted(id);
    await app.svix().messageAttempt.resend(appId, id, endpointId);

    expect(triggersOf(await attempted(id, 2))).toEqual([0, 1]);
  });

  it('is refused when the payload was expunged', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await attempted(id);
    await app.api.delete(`/app/${appId}/msg/${id}/content`);

    expect(await resend(id, endpointId)).toMatchObject({ status: 400, body: { code: 'missing_payload' } });
    expect(await attemptsOf(id)).toHaveLength(1);
  });

  it('is not found for an unknown message, an unknown endpoint or one of another application', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    const { id: otherId } = await anApplication(app);
    const elsewhere = await anEndpoint(app, otherId, { url: receiver.url });

    expect((await resend('msg_2YBXZIko2xmy0s5Rm9N5U7PhHgu', endpointId)).status).toBe(404);
    expect((await resend(id, 'nobody')).status).toBe(404);
    expect((await resend(id, elsewhere.id)).status).toBe(404);
  });

  it('reaches an endpoint whose filters the message does not pass', async () => {
    const { id } = await aMessage(app, appId);
    const { id: endpointId } = await endpoint({ channels: ['other'] });
    status = 200;

    expect((await resend(id, endpointId)).status).toBe(202);
    expect(await attempted(id)).toMatchObject([{ endpointId, triggerType: 1, status: 0 }]);
  });

  it('to a disabled endpoint is refused with the reason, until it is enabled', async () => {
    const { id } = await aMessage(app, appId);
    const { id: endpointId } = await endpoint({ disabled: true });

    expect(await resend(id, endpointId)).toMatchObject({
      status: 409,
      body: { code: 'endpoint_disabled', detail: expect.stringContaining('disabled') },
    });
    await expect(app.svix(app.appTokenFor(appId)).messageAttempt.resend(appId, id, endpointId)).rejects.toMatchObject({
      code: 409,
      body: { code: 'endpoint_disabled' },
    });
    status = 200;
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: false });
    expect((await resend(id, endpointId)).status).toBe(202);
    expect(await attempted(id)).toMatchObject([{ endpointId, triggerType: 1, status: 0 }]);
  });
});

describe('resending a message whose retries are still to come', () => {
  beforeAll(startWith({ RETRY_SCHEDULE: '5,1' }));

  const failedOnce = async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await attempted(id);
    return { id: id as string, endpointId: endpointId as string };
  };

  it('leaves the retries alone when it fails', async () => {
    const { id, endpointId } = await failedOnce();
    await resend(id, endpointId);
    await until(async () => (await attemptsOf(id)).some(({ triggerType }) => triggerType === 1), WAIT_MS, 'the manual attempt');
    await until(async () => (await statusOf(id)) === 2, WAIT_MS, 'the retries to be exhausted');
    const attempts = await attemptsOf(id);

    expect(triggersOf(attempts).sort()).toEqual([0, 0, 0, 1]);
  });

  it('ends the retries when it succeeds', async () => {
    const { id, endpointId } = await failedOnce();
    status = 200;
    await resend(id, endpointId);
    await attempted(id, 2);
    const { data } = (await app.api.get(`/app/${appId}/endpoint/${endpointId}/msg`)).body;

    expect(data[0]).toMatchObject({ status: 0, statusText: 'success' });
    expect(data[0]).not.toHaveProperty('nextAttempt');
    // A later delivery to the same endpoint has its retry: by then the one that was called off would have come too.
    status = 500;
    const { id: later } = await aMessage(app, appId);
    await attempted(later, 2);
    expect(triggersOf(await attemptsOf(id))).toEqual([0, 1]);
  });
  it('ends the retries when it succeeds while the automatic attempt is still under way', async () => {
    answer = (_, index) => (index === 0 ? { status: 500, delayMs: 2_000 } : 200);
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await receiver.got(1, WAIT_MS);
    await resend(id, endpointId);
    await attempted(id, 2);
    answer = () => 500;
    const { id: later } = await aMessage(app, appId);
    await attempted(later, 3);

    expect((await attemptsOf(id)).map(({ responseStatusCode }) => responseStatusCode)).toEqual([200, 500]);
    expect(await statusOf(id)).toBe(0);
  });
});
