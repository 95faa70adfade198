import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, EMBEDDED, type Installation } from './installation.js';
import { sendMessages } from './load.js';

const ROUNDS = 3;
const BACKLOG = 8_000;
const BATCH = 500;
const ENDPOINTS = 2;

describe('a process with the embedded database and queue that is killed', () => {
  let installation: Installation;
  let customer: Customer;
  let isUp: boolean;

  beforeEach(async () => {
    isUp = false;
    customer = await startCustomer(() => (isUp ? 200 : { status: 0, hang: true }));
    // An attempt takes longer than a round. So no attempt fails, and no delivery waits for a retry.
    installation = await anInstallation({ ...EMBEDDED, DELIVERY_TIMEOUT_SECONDS: '30', HANDOFF: '100' });
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  it('loses no accepted message, at any moment of the kill', async () => {
    const accepted = new Map<string, string>();
    let appId: string | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const server = await installation.start();
      if (!appId) {
        appId = (await anApplication(server)).id as string;
        await anEndpoint(server, appId, { url: customer.url });
      }
      const killAt = 60 + round * 7;
      const onAccepted = (soFar: number) => soFar === killAt && void server.kill();
      const load = await sendMessages(server, { appId, count: 400, concurrency: 16, onAccepted });
      expect(load.unanswered).toBeGreaterThan(0);
      for (const [id, payload] of load.accepted) accepted.set(id, payload);
      await server.exited;
    }

    isUp = true;
    await installation.start();

    expect(accepted.size).toBeGreaterThanOrEqual(ROUNDS * 60);
    await customer.tookAll(accepted, 60_000);
  });

  it('sends at its next start what it was sending, without waiting for the end of the lease', async () => {
    const server = await installation.start();
    const { id: appId } = await anApplication(server);
    await anEndpoint(server, appId, { url: customer.url });
    const { accepted } = await sendMessages(server, { appId, count: 20, concurrency: 20 });
    await customer.got(20, 20_000);
    await server.kill();

    isUp = true;
    const next = await installation.start();

    // The lease is 60 s.
    await customer.tookAll(accepted, 30_000);
    const lines = await until(() => next.log.filter((line) => line.includes('"worker.claims_released"')), 5_000, 'the log line');
    expect(lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ deliveries: 20 })]);
    expect(customer.takenTwice()).toEqual([]);
  });

  it('sends at its next start what was queued, because its tasks are lost; scheduled messages keep their time', async () => {
    const server = await installation.start({ role: 'api' });
    const { id: appId } = await anApplication(server);
    await anEndpoint(server, appId, { url: customer.url });
    const deliverAt = new Date(Date.now() + 25_000).toISOString();
    const scheduled = await server.api.post(`/app/${appId}/msg`, { eventType: 'a.b', payload: {}, deliverAt });
    const { accepted } = await sendMessages(server, { appId, count: 20, concurrency: 20 });
    await server.kill();

    isUp = true;
    await installation.start();

    // GRACE_MS, the wait of a queued delivery for its task, is 30 s.
    await customer.tookAll(accepted, 15_000);
    const ids = customer.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).not.toContain(scheduled.body.id);
  });

  // The scanner kept the event loop for itself: with the embedded database a scan waits for nothing outside of the process.
  it('delivers a large backlog that came due while no process ran, and answers meanwhile', async () => {
    const server = await installation.start({ role: 'api' });
    const { id: appId } = await anApplication(server);
    for (let left = ENDPOINTS; left > 0; left--) await anEndpoint(server, appId, { url: customer.url });
    const dueAt = Date.now() + 10_000;
    const message = { eventType: 'a.b', payload: {}, deliverAt: new Date(dueAt).toISOString() };
    for (let left = BACKLOG; left > 0; left -= BATCH) {
      const messages = Array.from({ length: BATCH }, () => message);
      expect((await server.api.post(`/app/${appId}/msg/batch`, { messages })).status).toBe(202);
    }
    await server.kill();

    isUp = true;
    await until(() => Date.now() > dueAt + 500, 20_000, 'the backlog to be due');
    const next = await installation.start();
    await customer.got(BACKLOG * ENDPOINTS, 60_000);
    expect((await next.api.get(`/app/${appId}`)).status).toBe(200);
  });

  it('does not count a crash as an attempt: the first finished attempt is the first of the schedule', async () => {
    const server = await installation.start();
    const { id: appId } = await anApplication(server);
    await anEndpoint(server, appId, { url: customer.url });
    const { accepted } = await sendMessages(server, { appId, count: 1, concurrency: 1 });
    await customer.got(1, 20_000);
    await server.kill();

    isUp = true;
    const next = await installation.start();
    await customer.tookAll(accepted, 30_000);

    const [id] = accepted.keys();
    const attempts = () => next.api.get(`/app/${appId}/attempt/msg/${id}`).then(({ body }) => body.data.length > 0 && body.data);
    expect(await until(attempts, 20_000, 'the attempt to be listed')).toEqual([
      expect.objectContaining({ responseStatusCode: 200 }),
    ]);
  });
});
