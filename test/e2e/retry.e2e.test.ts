import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver, type ScriptedAnswer } from '../support/receiver.js';
import { freePort } from '../support/services.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

let app: TestApp;
let appId: string;
let receiver: Receiver;
let answer: ScriptedAnswer;

beforeEach(async () => {
  answer = 500;
  receiver = await startReceiver(() => answer);
  appId = (await anApplication(app)).id;
});
afterEach(() => receiver.stop());
afterAll(() => app?.stop());

const startWith = (overrides: Parameters<typeof startApp>[0]) => async () => {
  await app?.stop();
  app = await startApp(overrides);
};
const endpoint = (url = receiver.url) => anEndpoint(app, appId, { url });
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
/** How the only message stands with its endpoint, from both sides. */
const standing = async (msgId: string, endpointId: string) => {
  const ofEndpoint = (await app.api.get(`/app/${appId}/endpoint/${endpointId}/msg`)).body.data;
  const ofMessage = (await app.api.get(`/app/${appId}/msg/${msgId}/endpoint`)).body.data;
  expect([ofEndpoint.length, ofMessage.length]).toEqual([1, 1]);
  expect(ofMessage[0].status).toBe(ofEndpoint[0].status);
  return ofEndpoint[0] as { status: number; statusText: string; nextAttempt?: string };
};
const standsAt = (status: number, msgId: string, endpointId: string) =>
  until(
    async () => {
      const now = await standing(msgId, endpointId);
      return now.status === status && now;
    },
    WAIT_MS,
    `status ${status}`,
  );

describe('with a schedule of two retries', () => {
  beforeAll(startWith({ RETRY_SCHEDULE: '1,1' }));

  it.each([403, 500])('an answer of %d is tried three times', async (status) => {
    answer = { status, body: 'no' };
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    const failed = await standsAt(2, id, endpointId);
    const attempts = await attempted(id, 3);

    expect(failed).not.toHaveProperty('nextAttempt');
    expect(attempts).toHaveLength(3);
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ endpointId, status: 2, responseStatusCode: status, response: 'no', triggerType: 0 });
    }
    expect(receiver.received).toHaveLength(3);
  });

  it('a receiver that is not there is tried three times', async () => {
    const { id: endpointId } = await endpoint(`http://127.0.0.1:${await freePort()}/hook`);
    const { id } = await aMessage(app, appId);
    await standsAt(2, id, endpointId);
    const attempts = await attempted(id, 3);

    expect(attempts.map(({ responseStatusCode, response }) => [responseStatusCode, response])).toEqual(
      Array.from({ length: 3 }, () => [0, expect.stringContaining('request error')]),
    );
  });

  it('a success ends the retries', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await receiver.got(1, WAIT_MS);
    answer = 201;
    const done = await standsAt(0, id, endpointId);
    const attempts = await attemptsOf(id);

    expect(done).not.toHaveProperty('nextAttempt');
    expect(attempts.filter(({ status }) => status === 0)).toHaveLength(1);
    expect(attempts[0]).toMatchObject({ status: 0, responseStatusCode: 201 });
  });
});

describe('without a schedule', () => {
  beforeAll(startWith({ RETRY_SCHEDULE: '' }));

  it('a failure is tried once', async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);

    expect(await standsAt(2, id, endpointId)).not.toHaveProperty('nextAttempt');
    expect(await attemptsOf(id)).toHaveLength(1);
  });

  it.each([301, 302, 307, 308])('a redirect by %d is a failure and not followed', async (status) => {
    const target = await startReceiver();
    answer = { status, headers: { location: target.url } };
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await standsAt(2, id, endpointId);
    const attempts = await attemptsOf(id);
    await target.stop();

    expect(attempts.map(({ responseStatusCode }) => responseStatusCode)).toEqual([status]);
    expect(target.received).toEqual([]);
  });
});

describe('with a long schedule', () => {
  beforeAll(startWith({ RETRY_SCHEDULE: '100,1000', DELIVERY_TIMEOUT_SECONDS: '1' }));

  /** Seconds from the first attempt to the next one that is planned. */
  const plannedWait = async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    const [attempt] = await attempted(id);
    const { status, statusText, nextAttempt } = await standing(id, endpointId);
    expect({ status, statusText }).toEqual({ status: 3, statusText: 'sending' });
    expect((await app.api.get(`/app/${appId}/msg/${id}/endpoint`)).body.data[0].nextAttempt).toBe(nextAttempt);
    return (Date.parse(nextAttempt!) - Date.parse(attempt!.timestamp)) / 1000;
  };
  /** The bounds of a wait that is spread by a fifth, and some seconds for a slow machine. */
  const expectAbout = (seconds: number, wait: number) => {
    expect(wait).toBeGreaterThanOrEqual(seconds * 0.8);
    expect(wait).toBeLessThanOrEqual(seconds * 1.2 + 10);
  };

  it('a failed delivery is listed as sending, with the time of its next attempt', async () => {
    expectAbout(100, await plannedWait());
  });

  it.each([
    ['as long as the planned wait', '1', 100],
    ['as long as it asks for', '150', 150],
    ['twice the planned wait', '100000', 200],
    ['as planned', 'soon', 100],
  ])('a failed delivery waits %s where Retry-After is %s', async (_, retryAfter, seconds) => {
    answer = { status: 429, headers: { 'retry-after': retryAfter } };

    expectAbout(seconds, await plannedWait());
  });

  it('understands a Retry-After that is a date', async () => {
    answer = { status: 503, headers: { 'retry-after': new Date(Date.now() + 160_000).toUTCString() } };
    const wait = await plannedWait();

    expect(wait).toBeGreaterThanOrEqual(150 * 0.8);
    expect(wait).toBeLessThanOrEqual(162 * 1.2 + 10);
  });

  it('an answer that does not come in time is a failure without a code', async () => {
    answer = { status: 200, hang: true };
    await endpoint();
    const { id } = await aMessage(app, appId);
    const [attempt] = await attempted(id);

    expect(attempt).toMatchObject({ status: 2, responseStatusCode: 0, response: 'timed out' });
    expect(attempt!.responseDurationMs).toBeGreaterThanOrEqual(900);
  });
});

describe('after a timeout', () => {
  beforeAll(startWith({ RETRY_SCHEDULE: '1', DELIVERY_TIMEOUT_SECONDS: '1' }));

  it('the next attempt is at least the better part of a minute away', async () => {
    answer = { status: 200, hang: true };
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    const [attempt] = await attempted(id);
    const { nextAttempt } = await standing(id, endpointId);

    expect(Date.parse(nextAttempt!) - Date.parse(attempt!.timestamp)).toBeGreaterThanOrEqual(48_000);
  });
});

describe('a pending retry', () => {
  beforeAll(startWith({ RETRY_SCHEDULE: '5,5' }));

  const failedOnce = async () => {
    const { id: endpointId } = await endpoint();
    const { id } = await aMessage(app, appId);
    await attempted(id);
    return { id, endpointId };
  };

  it('ends when the payload is expunged', async () => {
    const { id, endpointId } = await failedOnce();
    expect((await app.api.delete(`/app/${appId}/msg/${id}/content`)).status).toBe(204);

    expect(await standsAt(2, id, endpointId)).not.toHaveProperty('nextAttempt');
    expect(await attemptsOf(id)).toHaveLength(1);
  });

  it('ends when the endpoint is disabled, and does not come back with it', async () => {
    const { id, endpointId } = await failedOnce();
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });
    await standsAt(2, id, endpointId);
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: false });
    answer = 200;
    const { id: next } = await aMessage(app, appId);
    await attempted(next);

    expect(await attemptsOf(id)).toHaveLength(1);
  });

  it('ends when the endpoint is deleted', async () => {
    const { id, endpointId } = await failedOnce();
    await app.api.delete(`/app/${appId}/endpoint/${endpointId}`);
    const destination = async () => (await app.api.get(`/app/${appId}/msg/${id}/endpoint`)).body.data[0];
    await until(async () => (await destination()).status === 2, WAIT_MS, 'the delivery to end');

    expect(await attemptsOf(id)).toHaveLength(1);
  });

  it('ends when the endpoint does not want the event type any more', async () => {
    const { id, endpointId } = await failedOnce();
    await app.api.post('/event-type', { name: 'other', description: '' });
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { eventTypes: ['other'] });

    await standsAt(2, id, endpointId);
    expect(await attemptsOf(id)).toHaveLength(1);
  });
});
