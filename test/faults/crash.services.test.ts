import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Installation, type Server } from './installation.js';
import { sendMessages } from './load.js';

const ROUNDS = 3;
/** Longer than every lease (1 s and 30 s) and GRACE_MS (30 s), with time for the work itself on a busy machine. */
const LEASES_ARE_OVER_MS = 90_000;

describe('a process on MySQL, Redis and SQS that is killed', () => {
  let installation: Installation;
  let customer: Customer;
  let isUp: boolean;
  let accepted: Map<string, string>;

  beforeEach(async () => {
    isUp = false;
    accepted = new Map();
    // It holds requests for a while and then refuses them, so that many are open when the process is killed.
    customer = await startCustomer(() => (isUp ? 200 : { status: 503, delayMs: 400 }));
    installation = await anInstallation({
      DELIVERY_TIMEOUT_SECONDS: '1',
      RETRY_SCHEDULE: Array(50).fill('1').join(','),
      // Messages reach the worker through the hand-off and through the queue.
      HANDOFF: '50',
    });
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  const anAppWithEndpoint = async (server: Server) => {
    const { id } = await anApplication(server);
    await anEndpoint(server, id, { url: customer.url });
    return id as string;
  };

  const killUnderLoad = async (server: Server, appId: string, killAt: number) => {
    const onAccepted = (soFar: number) => soFar === killAt && void server.kill();
    const load = await sendMessages(server, { appId, count: 600, concurrency: 16, onAccepted });
    expect(load.unanswered).toBeGreaterThan(0);
    for (const [id, payload] of load.accepted) accepted.set(id, payload);
    await server.exited;
  };

  it('loses no accepted message, at any moment of the kill', async () => {
    let appId: string | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const server = await installation.start();
      appId ??= await anAppWithEndpoint(server);
      await killUnderLoad(server, appId, 60 + round * 13);
    }

    isUp = true;
    await installation.start();

    expect(accepted.size).toBeGreaterThanOrEqual(ROUNDS * 60);
    await customer.tookAll(accepted, LEASES_ARE_OVER_MS);
  });

  it('leaves its work to the process that still runs', async () => {
    const [mortal, survivor] = await Promise.all([installation.start(), installation.start()]);
    await killUnderLoad(mortal, await anAppWithEndpoint(survivor), 100);

    isUp = true;

    await customer.tookAll(accepted, LEASES_ARE_OVER_MS);
    const open = () => installation.sql('SELECT COUNT(*) AS deliveries FROM delivery WHERE state < 2');
    await until(async () => (await open())[0]!['deliveries'] === 0, 30_000, 'nothing to be left open');
  });
});
