import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const PER_SECOND = 5;
const MESSAGES = 15;
/** A turn may be given by a process of its own while the shared cache is slow to answer, so that a few come early. */
const EARLY = 4;

describe.each(['0', '100'])('with %s %% handed over inside the process, a throttle rate', (handoff) => {
  let app: TestApp;
  let receiver: Receiver;

  beforeAll(async () => {
    app = await startApp({ HANDOFF: handoff, RETRY_SCHEDULE: '1,1,1' });
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const sendAll = async (appId: string, count = MESSAGES) => {
    const answers = await Promise.all(
      Array.from({ length: count }, (_, n) => app.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: { n } })),
    );
    expect(answers.every(({ status }) => status === 202)).toBe(true);
  };
  const attemptsAt = async (appId: string, endpointId: string): Promise<any[]> =>
    (await app.api.get(`/app/${appId}/attempt/endpoint/${endpointId}?limit=250`)).body.data;

  /** What arrived by then was never more than the rate allows since the beginning, however slow or fast the machine is. */
  const expectPaced = (startedAt: number) => {
    receiver.received.forEach(({ at }, position) => {
      expect(at - startedAt).toBeGreaterThanOrEqual(((position - EARLY) * 1000) / PER_SECOND);
    });
  };

  it.each([
    ['of the endpoint', {}, { throttleRate: PER_SECOND }],
    ['of the application', { throttleRate: PER_SECOND }, {}],
    ['of the endpoint, which counts before that of its application', { throttleRate: 1000 }, { rateLimit: PER_SECOND }],
  ])('%s is kept, no message is lost and no attempt wasted', async (_, ofApplication, ofEndpoint) => {
    const { id: appId } = await anApplication(app, ofApplication);
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url, ...ofEndpoint });
    const startedAt = Date.now();
    await sendAll(appId);
    await receiver.got(MESSAGES, WAIT_MS);
    const attempts = await until(
      async () => {
        const found = await attemptsAt(appId, endpointId);
        return found.length >= MESSAGES && found;
      },
      WAIT_MS,
      'the attempts',
    );

    expectPaced(startedAt);
    expect(receiver.received.map(({ body }) => JSON.parse(body.toString()).n).sort((a, b) => a - b)).toEqual(
      Array.from({ length: MESSAGES }, (_, n) => n),
    );
    expect(attempts).toHaveLength(MESSAGES);
    expect(attempts.every(({ status }) => status === 0)).toBe(true);
  });

  it('of one endpoint does not slow down another one', async () => {
    const other = await startReceiver();
    const { id: appId } = await anApplication(app);
    await anEndpoint(app, appId, { url: receiver.url, throttleRate: 1 });
    await anEndpoint(app, appId, { url: other.url });
    await sendAll(appId, 30);
    await other.got(30, 20_000).finally(() => other.stop());

    expect(receiver.received.length).toBeLessThan(30);
  });

  it('that was taken away lets the rest through', async () => {
    const { id: appId } = await anApplication(app);
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url, throttleRate: 1 });
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { throttleRate: null });
    await sendAll(appId, 30);
    await receiver.got(30, 20_000);

    expect(receiver.received).toHaveLength(30);
  });
});
