import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Env, type Installation } from './installation.js';
import { sendMessages } from './load.js';

const MESSAGES = 300;

describe('two processes', () => {
  let installation: Installation;
  let customer: Customer;

  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  const install = async (env: Env = {}) => {
    installation = await anInstallation({ LOG_LEVEL: 'warn', ...env });
  };

  it('that run as API and worker deliver everything, byte for byte, to an endpoint that fails a third of the time', async () => {
    customer = await startCustomer((_request, index) => (index % 3 === 0 ? 500 : 200));
    await install({ RETRY_SCHEDULE: Array(20).fill('1').join(',') });
    const [api] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'worker' })]);
    const { id: appId } = await anApplication(api);
    await anEndpoint(api, appId, { url: customer.url });

    const { accepted } = await sendMessages(api, { appId, count: MESSAGES, concurrency: 50 });

    expect(accepted.size).toBe(MESSAGES);
    await customer.tookAll(accepted, 90_000);
    expect(customer.takenTwice()).toEqual([]);
  });

  it('deliver to an endpoint that the other process has just created, without a message between them', async () => {
    customer = await startCustomer();
    // Each process has its own cache, so it can learn about the endpoint only from the database.
    await install({ REDIS_URL: '' });
    const [a, b] = await Promise.all([installation.start(), installation.start()]);
    const { id: appId } = await anApplication(a);
    await anEndpoint(a, appId, { url: customer.url, channels: ['other'] });
    await aMessage(b, appId);

    const met: string[] = [];
    for (let round = 0; round < 20; round++) {
      await anEndpoint(a, appId, { url: `${customer.url}/${round}`, channels: [`round-${round}`] });
      const { id } = await aMessage(b, appId, { channels: [`round-${round}`] });
      met.push(`${id} /hook/${round}`);
    }

    const arrived = () => new Set(customer.received.map(({ headers, path }) => `${headers['webhook-id']} ${path}`));
    await until(() => met.every((pair) => arrived().has(pair)), 60_000, `each of ${met.join(', ')}`);
    expect(customer.received).toHaveLength(20);
  });

  it('that hand messages to their own workers deliver each message once', async () => {
    customer = await startCustomer();
    await install({ HANDOFF: '100' });
    const both = await Promise.all([installation.start(), installation.start()]);
    const { id: appId } = await anApplication(both[0]!);
    await anEndpoint(both[0]!, appId, { url: customer.url });

    const loads = await Promise.all(both.map((server) => sendMessages(server, { appId, count: MESSAGES, concurrency: 25 })));

    const accepted = new Map(loads.flatMap((load) => [...load.accepted]));
    expect(accepted.size).toBe(2 * MESSAGES);
    await customer.tookAll(accepted, 90_000);
    const open = async () => (await installation.sql('SELECT COUNT(*) AS open FROM delivery WHERE state < 2'))[0]!['open'];
    await until(async () => (await open()) === 0, 30_000, 'every delivery to be settled');
    expect(customer.takenTwice()).toEqual([]);
    expect(await installation.sql('SELECT COUNT(*) AS attempts FROM attempt')).toEqual([{ attempts: 2 * MESSAGES }]);
  });
});

describe('the queue between two processes', () => {
  let installation: Installation;
  let customer: Customer;

  beforeEach(async () => {
    customer = await startCustomer();
    installation = await anInstallation({ LOG_LEVEL: 'warn', HANDOFF: '0' });
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  it('brings the messages of one process to any free worker, once', async () => {
    const both = await Promise.all([installation.start(), installation.start()]);
    const { id: appId } = await anApplication(both[0]!);
    await anEndpoint(both[0]!, appId, { url: customer.url });

    const { accepted } = await sendMessages(both[0]!, { appId, count: MESSAGES, concurrency: 25 });

    await customer.tookAll(accepted, 90_000);
    expect(customer.takenTwice()).toEqual([]);
  });
});
