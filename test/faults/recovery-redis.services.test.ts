import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis, type Service } from '../support/services.js';
import { startCustomer, type Customer } from './customer.js';
import { faultProxy, type FaultProxy } from './fault-proxy.js';
import { anInstallation, type Installation, type Server } from './installation.js';
import { aServer, GREEN_WITHIN_MS, healthOf, isUp, post, RED_WITHIN_MS, within } from './recovery.js';

/** No request waits for Redis longer than this, at the worst for the first one that notices. */
const ANSWER_WITHIN_MS = 2_000;

describe('Redis', () => {
  let service: Service;
  let proxy: FaultProxy;
  let installation: Installation;
  let customer: Customer;

  beforeAll(async () => {
    service = await startRedis();
  });
  afterAll(() => service?.stop());
  beforeEach(async () => {
    proxy = await faultProxy(service.port);
    customer = await startCustomer();
    installation = await anInstallation({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  });
  afterEach(async () => {
    service.thaw();
    await installation?.remove();
    await proxy?.stop();
    await customer?.stop();
  });

  const password = async (from: string, to: string) => {
    const client = new Redis(service.url, from ? { password: from } : {});
    await client.config('SET', 'requirepass', to);
    client.disconnect();
    proxy.cut();
  };
  /** A repeated request of an operation other than messages is recognised only by Redis. */
  const recognises = async (server: Server) => {
    const create = () => server.api.post('/app', { name: 'Once' }, { 'idempotency-key': key });
    const key = randomUUID();
    return (await create()).body.id === (await create()).body.id;
  };

  it.each([
    ['killed and started again', () => service.kill(), () => service.restart()],
    ['frozen and thawed', () => service.freeze(), () => service.thaw()],
    ['behind a network that drops everything', () => proxy.stall(), () => proxy.flow()],
    ['refusing the login', () => password('', 'secret'), () => password('secret', '')],
  ])('that was %s is red, then green again, in time; messages are accepted all the while', async (_, begin, end) => {
    const { server, appId } = await aServer(installation, 'cache', customer);
    await begin();
    const during = [await post(server, appId, { 'idempotency-key': randomUUID() })];
    await within(RED_WITHIN_MS, isUp(server, 'cache', false), 'health was red');
    during.push(await post(server, appId, { 'idempotency-key': randomUUID() }));
    await end();
    await within(GREEN_WITHIN_MS, isUp(server, 'cache', true), 'health was green again');
    await within(GREEN_WITHIN_MS, () => recognises(server), 'repeated requests were recognised');
    expect(during.map(({ status }) => status)).toEqual([202, 202]);
    expect(Math.max(...during.map(({ tookMs }) => tookMs))).toBeLessThan(ANSWER_WITHIN_MS);
    await within(GREEN_WITHIN_MS, async () => during.every(({ id }) => customer.taken.has(id)), 'the messages arrived');
  });

  it.each([
    ['cut', () => proxy.cut()],
    ['silent for ever', () => proxy.stallOpen()],
  ])('whose connections are %s works again in time', async (_, begin) => {
    const { server } = await aServer(installation, 'cache', customer);
    begin();
    const tookMs = await within(RED_WITHIN_MS + GREEN_WITHIN_MS, () => recognises(server), 'repeated requests were recognised');
    await within(RED_WITHIN_MS + GREEN_WITHIN_MS, isUp(server, 'cache', true), 'health was green');
    expect(tookMs).toBeLessThan(RED_WITHIN_MS + GREEN_WITHIN_MS);
  });

  it.each([
    ['refused', () => service.kill(), () => service.restart()],
    ['frozen', () => service.freeze(), () => service.thaw()],
    ['dropped', () => proxy.stall(), () => proxy.flow()],
  ])('may be %s at the start: the process is ready soon after it is back', async (_, begin, end) => {
    await begin();
    const server = await installation.start({ untilReady: false });
    const ready = async () => (await healthOf(server, 'cache', '/health/ready')).status;
    await within(20_000, async () => (await healthOf(server, 'database')).up, 'the database was up');
    expect(await ready()).toBe(503);
    await end();
    await within(GREEN_WITHIN_MS, async () => (await ready()) === 200, 'it was ready');
    await within(GREEN_WITHIN_MS, () => recognises(server), 'repeated requests were recognised');
  });
});
