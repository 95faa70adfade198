import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { ended } from '../support/tasks.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, EMBEDDED, type Installation, type Server } from './installation.js';
import { sendMessages } from './load.js';

const MESSAGES = 1_200;
/** The numbers of requests of the recover after which the process is killed, for the first and the second time. */
const KILLED_AFTER = [1, 150];

describe('a recover with the embedded database and queue', () => {
  let installation: Installation;
  let customer: Customer;
  let isUp: boolean;
  let onRequest: () => void;

  beforeEach(async () => {
    isUp = false;
    onRequest = () => {};
    customer = await startCustomer(() => {
      onRequest();
      return isUp ? 200 : 500;
    });
    installation = await anInstallation({ ...EMBEDDED, RETRY_SCHEDULE: '', HANDOFF: '100' });
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  /** All manual attempts to the endpoint, by message. */
  const manualAttempts = async (server: Server, path: string): Promise<Map<string, any[]>> => {
    const found: any[] = [];
    for (let iterator = ''; ;) {
      const { body } = await server.api.get(`${path}?limit=250&with_content=false${iterator && `&iterator=${iterator}`}`);
      found.push(...body.data.filter(({ triggerType }: any) => triggerType === 1));
      if (body.done) return Map.groupBy(found, ({ msgId }) => msgId);
      iterator = body.iterator;
    }
  };

  it('makes one more attempt for each message, although its process is killed several times', async () => {
    let server = await installation.start();
    const { id: appId } = await anApplication(server);
    const { id: endpointId } = await anEndpoint(server, appId, { url: customer.url });
    const { accepted } = await sendMessages(server, { appId, count: MESSAGES, concurrency: 32 });
    const stats = () => server.api.get(`/app/${appId}/endpoint/${endpointId}/stats`);
    await until(async () => (await stats()).body.fail === MESSAGES, 60_000, 'every message to fail');

    isUp = true;
    const since = new Date(Date.now() - 600_000);
    const { body: task } = await server.api.post(`/app/${appId}/endpoint/${endpointId}/recover`, { since });
    for (const requests of KILLED_AFTER) {
      const running = server;
      let seen = 0;
      onRequest = () => ++seen === requests && void running.kill();
      await running.exited;
      server = await installation.start();
    }
    onRequest = () => {};

    expect(await ended(server, task.id)).toMatchObject({ status: 'finished', data: { messagesSent: MESSAGES } });
    await customer.tookAll(accepted, 60_000);
    const path = `/app/${appId}/attempt/endpoint/${endpointId}`;
    const settled = async () => (await stats()).body.success === MESSAGES && manualAttempts(server, path);
    const attempts = await until(settled, 30_000, 'every attempt to be settled');
    expect(attempts.size).toBe(MESSAGES);
    expect([...attempts.values()].filter((own) => own.length !== 1)).toEqual([]);
  });
});
