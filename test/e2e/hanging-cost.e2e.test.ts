import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EndpointSpeed } from '../../src/delivery/endpoint-speed.js';
import { EngineStore } from '../../src/database/engine/engine-store.js';
import { TaskProducer } from '../../src/queue/task-producer.js';
import { startApp, type Overrides, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);
const WAIT_MS = 60_000;
const MESSAGES = 400;
/** Of 32 permits, slow endpoints have eight, and one of them alone has four. */
const SETTINGS = { DELIVERY_CONCURRENCY: '32', DELIVERY_TIMEOUT_SECONDS: '2', RETRY_SCHEDULE: '' };

const open: { stop(): Promise<void> }[] = [];
// The receivers first: what hangs ends with them.
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

/** A process that sends to an endpoint that hangs until `answers` is called, and what it asked of its database and queue for that. */
async function hanging(overrides: Overrides = {}) {
  const app = await startApp({ ...SETTINGS, ...overrides });
  open.push(app);
  let hangs = true;
  const receiver = await startReceiver(() => ({ status: 200, hang: hangs }));
  open.push(receiver);
  const store = app.nest.get(EngineStore, { strict: false });
  const counts = { postponed: 0, claimed: 0, tasks: 0 };
  const postpone = store.postpone.bind(store);
  jest.spyOn(store, 'postpone').mockImplementation((refs) => ((counts.postponed += refs.length), postpone(refs)));
  const claim = store.claim.bind(store);
  jest.spyOn(store, 'claim').mockImplementation((refs, leaseMs) => ((counts.claimed += refs.length), claim(refs, leaseMs)));
  const producer = app.nest.get(TaskProducer, { strict: false });
  const send = producer.send.bind(producer);
  jest.spyOn(producer, 'send').mockImplementation((tasks) => ((counts.tasks += tasks.length), send(tasks)));
  const { id: appId } = await anApplication(app);
  await anEndpoint(app, appId, { url: receiver.url });
  return { app, appId, receiver, counts, answers: () => (hangs = false) };
}

async function flood(app: TestApp, appId: string): Promise<string[]> {
  const ids: string[] = [];
  // The endpoint is known to hang before the rest comes.
  ids.push((await aMessage(app, appId)).id);
  await until(() => app.nest.get(EndpointSpeed, { strict: false }).slow === 1, WAIT_MS, 'the endpoint to be slow');
  for (let n = 1; n < MESSAGES; n += 20)
    ids.push(
      ...(await Promise.all(Array.from({ length: Math.min(20, MESSAGES - n) }, () => aMessage(app, appId)))).map(({ id }) => id),
    );
  return ids;
}

const idsAt = ({ received }: Receiver) => new Set(received.map(({ headers }) => headers['webhook-id']));

describe('an endpoint that hangs', () => {
  it('costs hardly a task, and no postponement or claim again and again', async () => {
    const { app, appId, receiver, counts } = await hanging();
    await flood(app, appId);
    // Three generations of requests came to their time limit.
    await receiver.got(16, WAIT_MS);

    // While the event loop is late, what has a permit goes through the queue.
    expect(counts.tasks).toBeLessThan(MESSAGES / 4);
    // On a busy machine permits take less than was planned for them: some rows come due meanwhile, and are postponed once more.
    expect(counts.postponed).toBeLessThan(1.5 * MESSAGES);
    expect(counts.claimed).toBeLessThanOrEqual(receiver.received.length + 8);
  });

  it('costs one postponement a message if they come through the queue', async () => {
    const { app, appId, receiver, counts } = await hanging({ HANDOFF: '0' });
    await flood(app, appId);
    await receiver.got(16, WAIT_MS);

    expect(counts.postponed).toBeLessThan(1.5 * MESSAGES);
  });

  it('gets all that waited, once, as soon as it answers again', async () => {
    const { app, appId, receiver, answers } = await hanging();
    const ids = await flood(app, appId);
    answers();
    const answeredFrom = performance.now();
    await until(() => ids.every((id) => idsAt(receiver).has(id)), WAIT_MS, 'all messages to arrive');

    // Their rows come due within a minute; what waits in the process does not wait for that.
    expect(performance.now() - answeredFrom).toBeLessThan(20_000);
    expect(receiver.received.length).toBe(idsAt(receiver).size);
  });
});
