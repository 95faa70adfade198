import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startCustomer, type Customer } from '../faults/customer.js';
import type { Server } from '../faults/installation.js';
import { sendMessages } from '../faults/load.js';
import { apiAt } from '../support/api.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import type { Build } from '../support/process.js';
import { ended } from '../support/tasks.js';
import { until } from '../support/until.js';
import { twoBuilds, withCache, type TwoBuilds } from './two-builds.js';

const WAIT_MS = 60_000;
const MESSAGES = 300;
const KILLED_AT = 150;

/** Everything that a process leaves behind when it is killed in the middle of its work. */
interface Estate {
  appId: string;
  endpointId: string;
  accepted: Map<string, string>;
  keyed: { key: string; id: string };
  taskId: string;
  token: string;
  revoked: string;
}

let two: TwoBuilds;
let customer: Customer;
let tenant: Customer;
let isUp: boolean;

beforeEach(async () => {
  isUp = false;
  customer = await startCustomer(() => (isUp ? 200 : 503));
  tenant = await startCustomer(() => (isUp ? 200 : 503));
});
afterEach(async () => {
  await two?.remove();
  await customer?.stop();
  await tenant?.stop();
});

const tokenOf = async ({ api }: Server, appId: string) =>
  (await api.post(`/auth/app-portal-access/${appId}`, {})).body.token as string;
const sameMessage = (server: Server, appId: string, key: string) =>
  server.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: { order: 1 } }, { 'idempotency-key': key });

async function workAndDie(server: Server): Promise<Estate> {
  const { api } = server;
  await api.post('/operational-webhook/endpoint', { url: tenant.url });
  await api.post('/event-type', { name: 'order.paid', description: 'An order was paid' });
  const { id: appId } = await anApplication(server, { uid: 'acme', metadata: { plan: 'gold' }, throttleRate: 1_000 });
  const early = await aMessage(server, appId, { tags: ['early'], channels: ['eu'] });
  const fields = {
    url: customer.url,
    uid: 'main',
    headers: { 'x-own': 'kept' },
    eventTypes: ['order.paid'],
    throttleRate: 1_000,
  };
  const { id: endpointId } = await anEndpoint(server, appId, fields);
  const [token, revoked] = [await tokenOf(server, appId), await tokenOf(server, appId)];
  await apiAt(`${server.url}/api/v1`, revoked).post('/auth/logout');
  const [key, keyed] = await withCache([server], async () => {
    const fresh = randomUUID();
    return [fresh, (await sameMessage(server, appId, fresh)).body] as const;
  });
  const planned = await aMessage(server, appId, { deliverAt: new Date(Date.now() + 5_000) });
  const since = new Date(Date.now() - 600_000);
  const { body: task } = await api.post(`/app/${appId}/endpoint/${endpointId}/replay-missing`, { since });

  const onAccepted = (soFar: number) => soFar === KILLED_AT && void server.kill();
  const { accepted } = await sendMessages(server, { appId, count: MESSAGES, concurrency: 16, onAccepted });
  await server.exited;
  for (const { id } of [early, planned]) accepted.set(id, '{"order":42}');
  accepted.set(keyed.id, '{"order":1}');
  return { appId, endpointId, accepted, keyed: { key, id: keyed.id }, taskId: task.id, token, revoked };
}

async function expectTakenOver(heir: Server, estate: Estate): Promise<void> {
  const { appId, endpointId, accepted, keyed } = estate;
  expect(accepted.size).toBeGreaterThanOrEqual(KILLED_AT);
  await customer.tookAll(accepted, WAIT_MS);
  expect(await ended(heir, estate.taskId)).toMatchObject({ status: 'finished' });
  const told = (type: string) => tenant.waitFor((got) => got.some(({ body }) => body.includes(type)), WAIT_MS);
  await told('endpoint.created');
  const again = await withCache([heir], () => sameMessage(heir, appId, keyed.key));
  expect(again).toMatchObject({ status: 202, body: { id: keyed.id } });

  const at = async (token: string) => (await apiAt(`${heir.url}/api/v1`, token).get(`/app/${appId}`)).status;
  expect([await at(estate.token), await at(estate.revoked)]).toEqual([200, 401]);
  expect((await heir.api.get('/app/acme')).body).toMatchObject({ id: appId, metadata: { plan: 'gold' }, throttleRate: 1_000 });
  expect((await heir.api.get('/app/acme/endpoint/main')).body).toMatchObject({ id: endpointId, eventTypes: ['order.paid'] });
  expect((await heir.api.get('/event-type/order.paid')).body).toMatchObject({ description: 'An order was paid' });
  expect(customer.received.at(-1)!.headers['x-own']).toBe('kept');
  const others = () => two.sql('SELECT COUNT(*) AS deliveries FROM delivery WHERE state <> 2');
  await until(async () => (await others())[0]!['deliveries'] === 0, WAIT_MS, 'every delivery to be settled as delivered');
}

async function expectToGoOn(heir: Server, { appId }: Estate): Promise<void> {
  await heir.api.patch('/app/acme/endpoint/main', { url: `${customer.url}/moved`, description: 'moved' });
  const { id } = await aMessage(heir, appId);
  const arrived = (got: typeof customer.received) => got.some((one) => one.headers['webhook-id'] === id);
  const received = await customer.waitFor(arrived, WAIT_MS);
  expect(received.find((one) => one.headers['webhook-id'] === id)!.path).toBe('/hook/moved');
  expect((await heir.api.delete('/app/acme/endpoint/main')).status).toBe(204);
  expect((await heir.api.delete('/app/acme')).status).toBe(204);
}

describe('the work of a process that was killed', () => {
  const expectTakeover = async (first: Build, second: Build) => {
    const retries = Array(50).fill('1').join(',');
    two = await twoBuilds({ RETRY_SCHEDULE: retries, HANDOFF: '50' }, first);
    const estate = await workAndDie(await two.start(first));
    isUp = true;
    await two.migrate('this build');
    await two.endLeases();
    const heir = await two.start(second);

    await expectTakenOver(heir, estate);
    await expectToGoOn(heir, estate);
  };

  it('is taken over by the build before, alone, on the schema of this build: a release is rolled back', async () => {
    await expectTakeover('this build', 'the build before');
  });

  it('is taken over by this build, alone, on the schema that it migrated: a release', async () => {
    await expectTakeover('the build before', 'this build');
  });
});
