import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 120_000;
const MESSAGES = 1_000;
const AT_ONCE = 50;

/** How often a message fails before it gets through: a third of them at first, a ninth twice. */
const failures = (n: number) => (n % 9 === 0 ? 2 : n % 3 === 0 ? 1 : 0);
const EXPECTED = Array.from({ length: MESSAGES }, (_, n) => 1 + failures(n));
const TOTAL = EXPECTED.reduce((sum, count) => sum + count, 0);
const payloadOf = (n: number) => `{ "n": ${n}, "big": 1234567890123456789${n}, "text": "é😀" }`;

describe.each(['0', '50', '100'])('1,000 messages, 50 at a time, with %s %% handed over inside the process', (handoff) => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let seen: Map<number, number>;

  beforeAll(async () => {
    app = await startApp({ HANDOFF: handoff, RETRY_SCHEDULE: '1,1,1,1,1,1' });
  });
  beforeEach(async () => {
    seen = new Map();
    receiver = await startReceiver(({ body }) => {
      const { n } = JSON.parse(body.toString());
      const before = seen.get(n) ?? 0;
      seen.set(n, before + 1);
      return { status: before < failures(n) ? 500 : 200, body: `answer ${before + 1} to ${n}` };
    });
    appId = (await anApplication(app)).id;
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const sendAll = async () => {
    const statuses: number[] = [];
    let next = 0;
    const sender = async () => {
      for (let n = next++; n < MESSAGES; n = next++) {
        const body = `{"eventType":"order.paid","payload":${payloadOf(n)}}`;
        const { status } = await app.api.raw('post', `/app/${appId}/msg`, {
          headers: { 'content-type': 'application/json' },
          body,
        });
        statuses.push(status);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    return statuses;
  };
  const pages = async (path: string) => {
    const found: any[] = [];
    for (let iterator = '', done = false; !done;) {
      const { body } = await app.api.get(`/app/${appId}${path}${iterator}`);
      found.push(...body.data);
      done = body.done;
      iterator = `&iterator=${body.iterator}`;
    }
    return found;
  };
  const allAttempts = (endpointId: string) => pages(`/attempt/endpoint/${endpointId}?limit=250`);
  const messagesDelivered = (endpointId: string) => pages(`/endpoint/${endpointId}/msg?limit=250&status=0`);

  it('all arrive byte for byte at an endpoint that fails a third of the time, each attempt listed once', async () => {
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url });
    const statuses = await sendAll();
    const attempts = await until(
      async () => {
        const found = await allAttempts(endpointId);
        return found.length >= TOTAL && found;
      },
      WAIT_MS,
      `${TOTAL} attempts`,
    );

    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(EXPECTED.map((_, n) => seen.get(n))).toEqual(EXPECTED);
    const bodies = new Set(EXPECTED.map((_, n) => payloadOf(n)));
    expect(receiver.received.filter(({ body }) => !bodies.has(body.toString()))).toEqual([]);
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(TOTAL);
    expect(attempts.filter(({ status }) => status === 0)).toHaveLength(MESSAGES);
    expect(attempts.map(({ response }) => response).sort()).toEqual(
      EXPECTED.flatMap((count, n) => Array.from({ length: count }, (_, at) => `answer ${at + 1} to ${n}`)).sort(),
    );
    expect(await messagesDelivered(endpointId)).toHaveLength(MESSAGES);
  });
});

describe('a worker with the fewest permits that can be configured', () => {
  let app: TestApp;
  let receiver: Receiver;

  beforeAll(async () => {
    app = await startApp({ HANDOFF: '0', DELIVERY_CONCURRENCY: '10' });
    receiver = await startReceiver();
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  it('receives from the queue', async () => {
    const { id: appId } = await anApplication(app);
    await anEndpoint(app, appId, { url: receiver.url });
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => app.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: { n } })),
    );
    // Well below the grace after which the scanner would help out.
    await receiver.got(30, 20_000);

    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(30);
  });
});

describe.each(['0', '100'])('endpoints that never answer, with %s %% handed over inside the process', (handoff) => {
  let app: TestApp;
  let hanging: Receiver;
  let healthy: Receiver;

  beforeAll(async () => {
    app = await startApp({ HANDOFF: handoff, DELIVERY_CONCURRENCY: '32', DELIVERY_TIMEOUT_SECONDS: '30', RETRY_SCHEDULE: '' });
    hanging = await startReceiver(() => ({ status: 200, hang: true }));
    healthy = await startReceiver();
  });
  // The receivers first: what hangs ends with them.
  afterAll(async () => {
    await Promise.all([hanging?.stop(), healthy?.stop()]);
    await app?.stop();
  });

  it('do not hold up those that do', async () => {
    const { id: slowId } = await anApplication(app);
    for (let n = 0; n < 3; n++) await anEndpoint(app, slowId, { url: hanging.url });
    const { id: fastId } = await anApplication(app);
    await anEndpoint(app, fastId, { url: healthy.url });
    const send = (appId: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) => app.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: { n } })),
      );
    await send(slowId, 40);
    await hanging.got(6, 20_000);
    await send(fastId, 30);
    await healthy.got(30, 20_000);

    expect(hanging.received.length).toBeLessThanOrEqual(3 * 4);
  });
});
