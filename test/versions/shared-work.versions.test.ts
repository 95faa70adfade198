import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startCustomer, type Customer } from '../faults/customer.js';
import type { Server } from '../faults/installation.js';
import { sendMessages } from '../faults/load.js';
import { apiAt } from '../support/api.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import type { Script } from '../support/receiver.js';
import { ended } from '../support/tasks.js';
import { claimsFor, signToken } from '../support/tokens.js';
import { until } from '../support/until.js';
import { BOTH_WAYS, stop, twoBuilds, type TwoBuilds } from './two-builds.js';

const WAIT_MS = 60_000;
const MESSAGES = 100;
/** More than may be due before a task waits for the workers. */
const REPLAYED = 2_600;
const PER_BATCH = 100;

let two: TwoBuilds;
let customer: Customer;
let answer: Script;

beforeEach(async () => {
  answer = () => 200;
  customer = await startCustomer((request, index) => answer(request, index));
});
afterEach(() => customer.stop());

describe.each(BOTH_WAYS)('the API of %s and the worker of %s', (first, second) => {
  let api: Server;
  let worker: Server;
  let appId: string;

  beforeAll(async () => {
    two = await twoBuilds({ RETRY_SCHEDULE: '1,1' });
    [api, worker] = await Promise.all([two.start(first, 'api'), two.start(second, 'worker')]);
  });
  afterAll(() => two?.remove());
  beforeEach(async () => {
    appId = (await anApplication(api)).id;
  });

  it('deliver through the queue what was accepted, byte for byte', async () => {
    await anEndpoint(api, appId, { url: customer.url });
    await worker.kill('SIGSTOP');
    const { accepted } = await sendMessages(api, { appId, count: MESSAGES, concurrency: 20 });
    // A task that the worker can't read would be made good by the scanner, half a minute later.
    await two.sql('UPDATE delivery SET due_at = due_at + INTERVAL 1 HOUR WHERE app_id = ?', [appId]);
    await worker.kill('SIGCONT');

    expect(accepted.size).toBe(MESSAGES);
    await customer.tookAll(accepted, WAIT_MS);
    expect(customer.takenTwice()).toEqual([]);
  });

  it('deliver by the scanner what was planned for later', async () => {
    await anEndpoint(api, appId, { url: customer.url });
    const { id } = await aMessage(api, appId, { deliverAt: new Date(Date.now() + 2_000) });

    const [first] = await customer.got(1, WAIT_MS);
    expect([first!.headers['webhook-id'], first!.body.toString()]).toEqual([id, '{"order":42}']);
  });

  it('list and redrive a delivery over which workers died, and a task that nobody can read', async () => {
    await anEndpoint(api, appId, { url: customer.url });
    const { id: msgId } = await aMessage(api, appId, { deliverAt: new Date(Date.now() + 3_600_000) });
    await two.sql('UPDATE delivery SET fence = 10, due_at = UTC_TIMESTAMP(3) WHERE msg_id = ?', [msgId]);
    await two.sqs.send(new SendMessageCommand({ QueueUrl: two.env['SQS_QUEUE_URL'], MessageBody: 'nonsense' }));
    // It belongs to nobody, so operators alone see it.
    const operator = signToken(two.env['JWT_SECRET']!, { ...claimsFor({ sub: 'operator' }), operator: true });
    const viewer = apiAt(() => `${api.url}/api/v1`, operator);
    const letters = async () => (await viewer.get('/admin/dead-letter')).body.data;
    const both = async () => {
      const found = await letters();
      return found.length === 2 && found;
    };
    const listed = await until(both, WAIT_MS, 'two dead letters');

    expect(listed.map(({ kind }: any) => kind).sort()).toEqual(['delivery', 'task']);
    const { id } = listed.find(({ kind }: any) => kind === 'delivery');
    expect((await api.api.post(`/admin/dead-letter/${id}/redrive`)).status).toBe(204);
    await customer.tookAll(new Map([[msgId, '{"order":42}']]), WAIT_MS);
  });

  it('tell the tenant what happens to an endpoint', async () => {
    await api.api.post('/operational-webhook/endpoint', { url: customer.url });
    answer = ({ path }) => (path.endsWith('/gone') ? 410 : 200);
    const { id } = await anEndpoint(api, appId, { url: `${customer.url}/gone` });
    await aMessage(api, appId);
    const about = () => customer.received.map(({ body }) => body.toString()).filter((body) => body.includes(id));
    const types = () => about().map((body) => JSON.parse(body).type as string);
    await customer.waitFor(() => types().includes('endpoint.disabled'), WAIT_MS);

    await until(() => types().includes('endpoint.created'), WAIT_MS, 'word of the endpoint that was made');
  });
});

describe.each(BOTH_WAYS)('the worker of %s, and then that of %s', (first, second) => {
  afterEach(() => two?.remove());

  it('make the retry that was planned', async () => {
    two = await twoBuilds({ RETRY_SCHEDULE: '3,3' });
    answer = () => 500;
    const [api, worker] = await Promise.all([two.start(first, 'api'), two.start(first, 'worker')]);
    const { id: appId } = await anApplication(api);
    await anEndpoint(api, appId, { url: customer.url });
    const { id } = await aMessage(api, appId);
    const attempts = async () => (await api.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data;
    await until(async () => (await attempts()).length === 1, WAIT_MS, 'the first attempt');
    await stop(worker);
    answer = () => 200;
    await two.start(second, 'worker');

    const both = async () => (await attempts()).length > 1 && attempts();
    const made = await until(both, WAIT_MS, 'the second attempt');
    expect(made.at(0)).toMatchObject({ status: 0, responseStatusCode: 200 });
    expect(made.at(-1)).toMatchObject({ status: 2, responseStatusCode: 500 });
  });

  it('go on with a background task in whose middle the first was killed', async () => {
    two = await twoBuilds();
    const api = await two.start(second, 'api');
    const { id: appId } = await anApplication(api);
    for (let sent = 0; sent < REPLAYED; sent += PER_BATCH) {
      const messages = Array.from({ length: PER_BATCH }, (_, n) => ({ eventType: 'order.paid', payload: { n: sent + n } }));
      expect((await api.api.post(`/app/${appId}/msg/batch`, messages)).status).toBeLessThan(300);
    }
    answer = () => ({ status: 200, hang: true });
    const { id: endpointId } = await anEndpoint(api, appId, { url: customer.url });
    const since = new Date(Date.now() - 600_000);
    const { body: task } = await api.api.post(`/app/${appId}/endpoint/${endpointId}/replay-missing`, { since });
    const mortal = await two.start(first, 'worker', { DELIVERY_CONCURRENCY: '10' });
    const now = async () => (await api.api.get(`/background-task/${task.id}`)).body;
    await until(async () => (await now()).data?.messagesSent > 0, WAIT_MS, 'the first steps');
    await mortal.kill();
    expect((await now()).status).toBe('running');

    answer = () => 200;
    await two.endLeases();
    await two.start(second, 'worker');

    expect(await ended(api, task.id)).toMatchObject({ status: 'finished', data: { messagesSent: REPLAYED } });
    await until(() => customer.taken.size === REPLAYED, WAIT_MS, 'every message to arrive');
  });
});
