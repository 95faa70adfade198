import { Agent, request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { isReady } from '../support/process.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, EMBEDDED, type Installation, type Server } from './installation.js';

describe('a process behind a load balancer that gets a stop signal', () => {
  let installation: Installation;
  let customer: Customer;
  let server: Server;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  beforeEach(async () => {
    customer = await startCustomer(() => ({ status: 200, delayMs: 2_000 }));
    installation = await anInstallation({ ...EMBEDDED, HANDOFF: '100', DRAIN_SECONDS: '4' });
    server = await installation.start();
  });
  afterEach(async () => {
    agent.destroy();
    await installation?.remove();
    await customer?.stop();
  });

  const get = (path: string) =>
    new Promise<IncomingMessage>((done, failed) => {
      const asking = request(`${server.url}${path}`, { agent }, (answer) => answer.resume().on('end', () => done(answer)));
      asking.on('error', failed).end();
    });
  const draining = () => until(async () => !(await isReady(server.url)), 3_000, 'it not to be ready');

  it('keeps connections longer than the load balancer, and closes each with an answer after the stop signal', async () => {
    expect((await get('/health/live')).headers).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=75' });

    await server.kill('SIGTERM');
    await draining();

    const { statusCode, headers } = await get('/health/live');
    expect({ statusCode, connection: headers.connection }).toEqual({ statusCode: 200, connection: 'close' });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('finishes its requests, and leaves messages that it accepts meanwhile to the next process', async () => {
    const { id: appId } = await anApplication(server);
    await anEndpoint(server, appId, { url: customer.url });
    const early = await aMessage(server, appId);
    await customer.got(1);

    await server.kill('SIGTERM');
    await draining();
    const late = await aMessage(server, appId);

    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(customer.received.map(({ headers }) => headers['webhook-id'])).toEqual([early.id]);
    const next = await installation.start();
    await until(async () => customer.taken.has(late.id), 60_000, 'what was accepted while it stopped to arrive');
    const attempts = async (id: string) => (await next.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data;
    expect(await attempts(early.id)).toEqual([expect.objectContaining({ responseStatusCode: 200 })]);
    expect(customer.takenTwice()).toEqual([]);
  });
});
