import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Pool } from 'undici';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { startBalancer, type Balancer } from './balancer.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Installation } from './installation.js';
import { payloadOf } from './load.js';

const EVERY_MS = 10;
const MESSAGES = 1_000;
/** The first process gets its stop signal after so many messages. */
const STOP_AT = 300;

/** Sends messages at a steady rate over kept connections, independent of the time that answers take. */
async function steadyLoad(url: string, token: string, appId: string, onSent: (n: number) => void) {
  const pool = new Pool(url, { connections: 50, headersTimeout: 30_000 });
  const accepted = new Map<string, string>();
  const failures: string[] = [];
  const send = async (n: number) => {
    const payload = payloadOf(n);
    try {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: `/api/v1/app/${appId}/msg`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: `{"eventType":"order.paid","payload":${payload}}`,
      });
      const answer = (await body.json()) as { id: string };
      if (statusCode === 202) accepted.set(answer.id, payload);
      else failures.push(`${statusCode} ${JSON.stringify(answer)}`);
    } catch (error) {
      failures.push(String(error));
    }
  };
  const startedAt = performance.now();
  const sending: Promise<void>[] = [];
  await until(
    () => {
      while (sending.length < MESSAGES && performance.now() - startedAt >= sending.length * EVERY_MS) {
        sending.push(send(sending.length));
        onSent(sending.length);
      }
      return sending.length === MESSAGES;
    },
    60_000,
    'every message to be sent',
  );
  await Promise.all(sending);
  await pool.destroy();
  return { accepted, failures };
}

describe('a process that is replaced by another under load', () => {
  let installation: Installation;
  let customer: Customer;
  let balancer: Balancer | undefined;

  beforeEach(async () => {
    customer = await startCustomer(() => ({ status: 200, delayMs: 30 }));
    // Messages reach the worker through the hand-off and through the queue.
    installation = await anInstallation({ HANDOFF: '50', DRAIN_SECONDS: '5' });
  });
  afterEach(async () => {
    await balancer?.stop();
    await installation?.remove();
    await customer?.stop();
  });

  it('fails no request, loses no message and sends none twice', async () => {
    const [leaving, staying] = await Promise.all([installation.start(), installation.start()]);
    const { id: appId } = await anApplication(staying);
    await anEndpoint(staying, appId, { url: customer.url });
    balancer = await startBalancer([leaving.url, staying.url]);
    let answeredBefore = 0;
    const onSent = (n: number) => {
      if (n !== STOP_AT) return;
      answeredBefore = balancer!.answered.get(leaving.url)!;
      void leaving.kill('SIGTERM');
    };

    const { accepted, failures } = await steadyLoad(balancer.url, staying.token, appId, onSent);

    expect([...failures, ...balancer.failed]).toEqual([]);
    expect(accepted.size).toBe(MESSAGES);
    expect(await leaving.exited).toEqual({ code: 0, signal: null });
    await customer.tookAll(accepted, 60_000);
    expect(customer.takenTwice()).toEqual([]);
    // It has answered requests after its stop signal.
    expect(balancer.answered.get(leaving.url)).toBeGreaterThan(answeredBefore);
    const open = async () => (await installation.sql('SELECT COUNT(*) AS open FROM delivery WHERE state < 2'))[0]!['open'];
    await until(async () => (await open()) === 0, 30_000, 'every delivery to be settled');
    expect(await installation.sql('SELECT COUNT(*) AS attempts FROM attempt')).toEqual([{ attempts: MESSAGES }]);
  });
});
