import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { ownDatabase } from '../support/parts.js';
import { startMariaDb, type Service } from '../support/services.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Installation, type Server } from './installation.js';
import { sendMessages, type Load } from './load.js';
import { stallingProxy } from './stalling-proxy.js';
import { tapSqs, type SqsTap } from './sqs-tap.js';

const LEASES_ARE_OVER_MS = 90_000;
/** The database failed, the time of the request was over, or so many wait already that it could not be answered in time. */
const REFUSED =
  /^The database does not answer in time; try again$|^There was no answer within 5 s|^Too many messages are waiting to be stored; try again$/;

describe('the database', () => {
  let database: Service;
  let databases = 0;
  let installation: Installation;
  let customer: Customer;
  let tap: SqsTap;

  beforeAll(async () => {
    database = await startMariaDb();
  });
  afterAll(() => database?.stop());

  beforeEach(async () => {
    const own = await ownDatabase(database.url, `away_${++databases}`);
    customer = await startCustomer();
    installation = await anInstallation({ DELIVERY_TIMEOUT_SECONDS: '1', HANDOFF: '50' }, { database: own });
    tap = await tapSqs(installation.env['AWS_ENDPOINT_URL_SQS']!);
    installation.env['AWS_ENDPOINT_URL_SQS'] = tap.url;
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
    await tap?.stop();
    database.thaw();
  });

  const health = async (server: Server, path = '') => (await fetch(`${server.url}/health${path}`)).status;
  const healthBecomes = (server: Server, status: number) =>
    until(async () => (await health(server)) === status, 30_000, `health to answer ${status}`);
  const anAppWithEndpoint = async (server: Server) => {
    const { id } = await anApplication(server);
    await anEndpoint(server, id, { url: customer.url });
    return id as string;
  };
  const receives = () => tap.calls.filter(({ operation }) => operation === 'ReceiveMessage').length;
  /** Sends messages until `isOver`, a few at a time. What became of them is in `loads` as soon as it is known. */
  const sendUntil = async (server: Server, appId: string, isOver: () => boolean, loads: Load[] = []) => {
    while (!isOver()) loads.push(await sendMessages(server, { appId, count: 20, concurrency: 10 }));
    const accepted = new Map(loads.flatMap((load) => [...load.accepted]));
    const refused = loads.flatMap((load) => load.refused);
    return { accepted, refused, unanswered: loads.reduce((sum, load) => sum + load.unanswered, 0) };
  };
  const unavailable = {
    status: 503,
    body: { code: 'service_unavailable', detail: 'The database does not answer in time; try again' },
  };

  it.each([
    ['killed', () => database.kill(), () => database.restart()],
    ['frozen', async () => database.freeze(), async () => database.thaw()],
  ])('may be %s: requests get 503, the health check fails, and all accepted messages arrive', async (_, away, back) => {
    const server = await installation.start();
    const appId = await anAppWithEndpoint(server);
    await healthBecomes(server, 200);
    let isOver = false;
    const loads: Load[] = [];
    const sending = sendUntil(server, appId, () => isOver, loads);

    await customer.got(50, 30_000);
    await away();
    await healthBecomes(server, 503);
    expect(await health(server, '/ready')).toBe(200);
    expect(await health(server, '/live')).toBe(200);
    const post = () => server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} }, { 'idempotency-key': 'again' });
    const answers = [server.api.get(`/app/${appId}`), post()];
    for (const answer of answers) expect(await answer).toMatchObject({ ...unavailable, headers: { 'retry-after': '1' } });
    await until(() => loads.some(({ refused }) => refused.length > 0), 90_000, 'a message to be refused');
    await back();
    await healthBecomes(server, 200);
    isOver = true;
    const { accepted, refused, unanswered } = await sending;
    const after = await sendMessages(server, { appId, count: 20, concurrency: 10 });

    expect(unanswered).toBe(0);
    expect(refused.length).toBeGreaterThan(0);
    for (const refusal of refused)
      expect(refusal).toEqual({ ...unavailable, body: { ...unavailable.body, detail: expect.stringMatching(REFUSED) } });
    expect(after.accepted.size).toBe(20);
    await customer.tookAll(new Map([...accepted, ...after.accepted]), LEASES_ARE_OVER_MS);
  });

  it.each([
    ['killed', () => database.kill(), () => database.restart()],
    ['frozen', async () => database.freeze(), async () => database.thaw()],
  ])(
    'may be %s when a process starts: the process listens, is not ready, receives no task, and becomes ready later',
    async (_, away, back) => {
      const before = await installation.start({ role: 'api' });
      const appId = await anAppWithEndpoint(before);
      await before.kill();
      await away();
      const receivesBefore = receives();
      await installation.sqs.send(
        new SendMessageCommand({ QueueUrl: installation.env['SQS_QUEUE_URL'], MessageBody: '{"v":99}' }),
      );

      const server = await installation.start({ untilReady: false });
      await until(async () => (await health(server, '/live')) === 200, 30_000, 'it to listen');
      await until(() => server.log.some((line) => line.includes('"database.away"')), 30_000, 'a try to connect');
      expect(await health(server, '/ready')).toBe(503);
      expect(await server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} })).toMatchObject(unavailable);
      expect(receives()).toBe(receivesBefore);

      await back();
      await until(async () => (await health(server, '/ready')) === 200, 30_000, 'it to be ready');
      await until(() => server.log.some((line) => line.includes('"queue.task_newer"')), 30_000, 'the task to be received');
      const { accepted } = await sendMessages(server, { appId, count: 20, concurrency: 10 });
      expect(accepted.size).toBe(20);
      await customer.tookAll(accepted, LEASES_ARE_OVER_MS);
    },
  );

  it('may answer a starting process after the time limit: the process becomes ready nevertheless', async () => {
    const proxy = await stallingProxy(database.port, 2);
    try {
      const url = new URL(installation.env['DATABASE_URL']!);
      url.port = String(proxy.port);
      const server = await installation.start({ untilReady: false }, { DATABASE_URL: url.href });
      await until(() => server.log.some((line) => line.includes('"database.away"')), 30_000, 'it to give up once');

      proxy.flow();

      await until(async () => (await health(server, '/ready')) === 200, 30_000, 'it to be ready');
      await anAppWithEndpoint(server);
    } finally {
      await installation.remove();
      await proxy.stop();
    }
  });

  it('that fails while a worker runs stops the worker from receiving until it is back', async () => {
    const server = await installation.start();
    await until(() => receives() >= 2, 20_000, 'it to receive');
    await database.kill();
    await until(() => server.log.some((line) => line.includes('"scanner.away"')), 20_000, 'the worker to notice');
    const seen = receives();
    const body = '{"v":1,"app":"app_1","d":[["msg_1","ep_1",0]]}';
    const send = () =>
      installation.sqs.send(new SendMessageCommand({ QueueUrl: installation.env['SQS_QUEUE_URL'], MessageBody: body }));
    // This task ends a long poll that is open, and it can't be claimed.
    await send();
    await until(() => server.log.some((line) => line.includes('"queue.tasks_not_handled"')), 30_000, 'the task to come again');
    await Promise.all([send(), send(), send()]);
    const probes = () => tap.calls.filter(({ operation }) => operation === 'GetQueueAttributes').length;
    const enough = probes() + 3;
    await until(() => probes() >= enough, 30_000, 'the health probes of some seconds');

    expect(receives()).toBe(seen);
    expect(await health(server)).toBe(503);
    await database.restart();
    await until(() => receives() > seen, 30_000, 'it to receive again');
  });
});
