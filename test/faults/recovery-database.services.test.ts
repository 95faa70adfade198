import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { ownDatabase, ownQueues, type TestDatabase } from '../support/parts.js';
import { startMariaDb, startRedis, startSqs, type Service } from '../support/services.js';
import { startCustomer, type Customer } from './customer.js';
import { faultProxy, type FaultProxy } from './fault-proxy.js';
import { anInstallation, type Installation, type Server } from './installation.js';
import { ANSWER_WITHIN_MS, aServer, GREEN_WITHIN_MS, healthOf, isUp, post, RED_WITHIN_MS, within } from './recovery.js';

/** A delivery that no process has is claimed by the next scan. */
const DELIVERED_WITHIN_MS = 5_000;
/** As in `DatabaseWatch`. */
const SILENT_AFTER_MS = 2_000;
const AT_ONCE_MS = 1_000;

describe('the database', () => {
  let service: Service;
  let databases = 0;
  let database: TestDatabase;
  let proxy: FaultProxy;
  let installation: Installation;
  let customer: Customer;

  beforeAll(async () => {
    service = await startMariaDb();
  });
  afterAll(() => service?.stop());
  beforeEach(async () => {
    database = await ownDatabase(service.url, `recovery_${++databases}`);
    proxy = await faultProxy(service.port);
    customer = await startCustomer();
    const behindProxy = new URL(database.dataUrl);
    behindProxy.port = String(proxy.port);
    installation = await anInstallation({ DATABASE_URL: behindProxy.href }, { database });
  });
  afterEach(async () => {
    service.thaw();
    await installation?.remove();
    await proxy?.stop();
    await customer?.stop();
  });

  const login = async (how: 'LOCK' | 'UNLOCK') => {
    const user = new URL(database.dataUrl).username;
    await installation.sql(`ALTER USER '${user}'@'%' ACCOUNT ${how}`);
    proxy.cut();
  };
  /** Accepts, and its webhook arrives. */
  const works = async (server: Server, appId: string) => {
    const { status, id } = await post(server, appId);
    expect(status).toBe(202);
    await within(DELIVERED_WITHIN_MS, async () => customer.taken.has(id), 'the message arrived');
  };

  it.each([
    ['killed and started again', () => service.kill(), () => service.restart()],
    ['frozen and thawed', () => service.freeze(), () => service.thaw()],
    ['behind a network that drops everything', () => proxy.stall(), () => proxy.flow()],
  ])('that was %s is red, then green again, in time, and so is the work', async (_, begin, end) => {
    const { server, appId } = await aServer(installation, 'database', customer);
    await begin();
    const first = await post(server, appId, { 'idempotency-key': 'same' });
    await within(RED_WITHIN_MS, isUp(server, 'database', false), 'health was red');
    const refusals = [first];
    const isRefusedAtOnce = async () => refusals[refusals.push(await post(server, appId)) - 1]!.tookMs < AT_ONCE_MS;
    await within(SILENT_AFTER_MS + AT_ONCE_MS, isRefusedAtOnce, 'requests were refused at once');
    await end();
    await within(GREEN_WITHIN_MS, isUp(server, 'database', true), 'health was green again');
    await works(server, appId);
    for (const refusal of refusals) expect(refusal).toMatchObject({ status: 503, retryAfter: '1' });
    expect(first.tookMs).toBeLessThan(ANSWER_WITHIN_MS);
    expect((await post(server, appId, { 'idempotency-key': 'same' })).status).toBe(202);
  });

  it('that refuses the login is red, then green again, in time, and so is the work', async () => {
    const { server, appId } = await aServer(installation, 'database', customer);
    await login('LOCK');
    await within(RED_WITHIN_MS, isUp(server, 'database', false), 'health was red');
    expect((await post(server, appId)).tookMs).toBeLessThan(AT_ONCE_MS);
    await login('UNLOCK');
    await within(GREEN_WITHIN_MS, isUp(server, 'database', true), 'health was green again');
    await works(server, appId);
  });

  it.each([
    ['cut', () => proxy.cut()],
    ['silent for ever', () => proxy.stallOpen()],
  ])('whose connections are %s works again in time', async (_, begin) => {
    const { server, appId } = await aServer(installation, 'database', customer);
    begin();
    const [during] = await Promise.all([
      post(server, appId),
      within(GREEN_WITHIN_MS + RED_WITHIN_MS, async () => (await post(server, appId)).status === 202, 'it accepted'),
    ]);
    expect(during.tookMs).toBeLessThan(ANSWER_WITHIN_MS);
    await within(GREEN_WITHIN_MS, isUp(server, 'database', true), 'health was green');
    await works(server, appId);
  });

  it('whose tables are locked answers every request in time, and is not taken for silent', async () => {
    const { server, appId } = await aServer(installation, 'database', customer);
    const holder = await mysql.createConnection({ uri: database.adminUrl });
    await holder.query('LOCK TABLES message WRITE, delivery WRITE, application WRITE');
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(server, appId)));
    const red = !(await isUp(server, 'database', true)());
    await holder.end();
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(503));
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(ANSWER_WITHIN_MS);
    expect(red).toBe(false);
    expect(server.log.join('\n')).not.toContain('database.silent');
    const isReady = async () => (await healthOf(server, 'database', '/health/ready')).status === 200;
    expect(await within(GREEN_WITHIN_MS, isReady, 'it was ready')).toBeLessThanOrEqual(GREEN_WITHIN_MS);
  });

  it.each([
    ['refused', () => service.kill(), () => service.restart()],
    ['frozen', () => service.freeze(), () => service.thaw()],
    ['dropped', () => proxy.stall(), () => proxy.flow()],
  ])('may be %s at the start: the process is ready soon after it is back', async (_, begin, end) => {
    await begin();
    const server = await installation.start({ untilReady: false });
    await within(20_000, async () => server.log.some((line) => line.includes('"database.away"')), 'it noticed');
    await end();
    const isReady = async () => (await healthOf(server, 'database', '/health/ready')).status === 200;
    expect(await within(GREEN_WITHIN_MS, isReady, 'it was ready')).toBeLessThanOrEqual(GREEN_WITHIN_MS);
  });

  describe('beside Redis and the queue, each away for a while that overlaps with the others', () => {
    let redis: Service;
    let sqs: Service;
    let whole: Installation;

    beforeEach(async () => {
      [redis, sqs] = await Promise.all([startRedis(), startSqs()]);
      const env = { ...installation.env, ...(await ownQueues(sqs.url, 'overlap')), REDIS_URL: redis.url };
      whole = await anInstallation(env, { database });
    });
    afterEach(async () => {
      sqs.thaw();
      await whole?.remove();
      await Promise.all([redis?.stop(), sqs?.stop()]);
    });

    it('is red, then green again, in time, and so is the work', async () => {
      const { server, appId } = await aServer(whole, 'database', customer);
      const all = (up: boolean) => async () => {
        const parts = (['database', 'cache', 'queue'] as const).map((dependency) => isUp(server, dependency, up)());
        return (await Promise.all(parts)).every(Boolean);
      };
      await within(GREEN_WITHIN_MS, all(true), 'all were up');
      service.freeze();
      const during = post(server, appId);
      await redis.kill();
      sqs.freeze();
      await within(RED_WITHIN_MS, all(false), 'all were down');
      expect(await during).toMatchObject({ status: 503, retryAfter: '1' });
      await redis.restart();
      proxy.cut();
      sqs.thaw();
      await within(GREEN_WITHIN_MS, isUp(server, 'queue', true), 'the queue was up, although the database was not');
      service.thaw();
      await within(GREEN_WITHIN_MS, all(true), 'all were up again');
      await works(server, appId);
      expect((await during).tookMs).toBeLessThan(ANSWER_WITHIN_MS);
    });
  });
});
