import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ownQueues } from '../support/parts.js';
import { startSqs, type Service } from '../support/services.js';
import { startCustomer, type Customer } from './customer.js';
import { faultProxy, type FaultProxy } from './fault-proxy.js';
import { anInstallation, type Installation } from './installation.js';
import { aServer, GREEN_WITHIN_MS, healthOf, isUp, post, RED_WITHIN_MS, within } from './recovery.js';

/** A call of the queue is on no request's path. */
const ANSWER_WITHIN_MS = 1_000;
/** The grace of 30 s, after which a scanner finds a delivery whose task was not received, and the scan. */
const DELIVERED_WITHIN_MS = 35_000;

describe('the queue', () => {
  let service: Service;
  let proxy: FaultProxy;
  let installation: Installation;
  let customer: Customer;

  beforeEach(async () => {
    service = await startSqs();
    proxy = await faultProxy(service.port);
    customer = await startCustomer();
    const queues = await ownQueues(service.url, 'recovery');
    installation = await anInstallation({ ...queues, AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${proxy.port}`, HANDOFF: '0' });
  });
  afterEach(async () => {
    service?.thaw();
    await installation?.remove();
    await proxy?.stop();
    await customer?.stop();
    await service?.stop();
  });

  it.each([
    ['killed and started again', () => service.kill(), () => service.restart()],
    ['frozen and thawed', () => service.freeze(), () => service.thaw()],
    ['behind a network that drops everything', () => proxy.stall(), () => proxy.flow()],
  ])('that was %s is red, then green again, in time; messages are accepted and delivered', async (_, begin, end) => {
    const { server, appId } = await aServer(installation, 'queue', customer);
    await begin();
    const during = await post(server, appId);
    await within(RED_WITHIN_MS, isUp(server, 'queue', false), 'health was red');
    await end();
    await within(GREEN_WITHIN_MS, isUp(server, 'queue', true), 'health was green again');
    const after = await post(server, appId);
    expect([during.status, after.status]).toEqual([202, 202]);
    expect(during.tookMs).toBeLessThan(ANSWER_WITHIN_MS);
    const arrived = async () => [during, after].every(({ id }) => customer.taken.has(id));
    await within(DELIVERED_WITHIN_MS, arrived, 'both messages arrived');
    expect(customer.takenTwice()).toEqual([]);
  });

  it.each([
    ['cut', () => proxy.cut()],
    ['silent for ever', () => proxy.stallOpen()],
  ])('whose connections are %s is green in time, and messages are delivered', async (_, begin) => {
    const { server, appId } = await aServer(installation, 'queue', customer);
    begin();
    const { id } = await post(server, appId);
    await new Promise((wake) => setTimeout(wake, RED_WITHIN_MS));
    await within(GREEN_WITHIN_MS, isUp(server, 'queue', true), 'health was green');
    await within(DELIVERED_WITHIN_MS, async () => customer.taken.has(id), 'the message arrived');
    expect(customer.takenTwice()).toEqual([]);
  });

  it.each([
    ['refused', () => service.kill(), () => service.restart()],
    ['frozen', () => service.freeze(), () => service.thaw()],
    ['dropped', () => proxy.stall(), () => proxy.flow()],
  ])('may be %s at the start: the process is ready soon after it is back', async (_, begin, end) => {
    await begin();
    const server = await installation.start({ untilReady: false });
    const ready = async () => (await healthOf(server, 'queue', '/health/ready')).status;
    await within(20_000, async () => (await healthOf(server, 'database')).up, 'the database was up');
    expect(await ready()).toBe(503);
    await end();
    await within(GREEN_WITHIN_MS, async () => (await ready()) === 200, 'it was ready');
  });
});
