import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startRedis, type Service } from '../support/services.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { sendMessages } from './load.js';

describe('Redis', () => {
  let redis: Service;
  let app: TestApp;
  let customer: Customer;
  let appId: string;

  beforeEach(async () => {
    redis = await startRedis();
    customer = await startCustomer();
    app = await startApp({ REDIS_URL: redis.url, HANDOFF: '50' });
    appId = (await anApplication(app)).id;
    await anEndpoint(app, appId, { url: customer.url });
  });
  afterEach(async () => {
    redis?.thaw();
    await app?.stop();
    await customer?.stop();
    await redis?.stop();
  });

  const flush = async () => {
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  };
  const health = async () => {
    const { status, body } = await app.root.get('/health');
    return { status, cache: body.details.cache.status };
  };

  it('may be flushed during work: no message is lost or sent twice', async () => {
    const idempotencyKey = (n: number) => `flushed-${n}`;
    const onAccepted = (soFar: number) => soFar % 50 === 0 && void flush();
    const { accepted } = await sendMessages(app, { appId, count: 300, concurrency: 20, idempotencyKey, onAccepted });

    await customer.tookAll(accepted, 60_000);
    expect(accepted.size).toBe(300);
    expect(customer.takenTwice()).toEqual([]);
    expect(customer.taken.size).toBe(300);
  });

  it('may be flushed between a request and its repetition: no second message is made', async () => {
    const once = await sendMessages(app, { appId, count: 40, concurrency: 10, idempotencyKey: (n) => `repeated-${n}` });
    let flushed: Promise<void> | undefined;
    const onAccepted = (soFar: number) => void (soFar === 20 && (flushed = flush()));
    const again = await sendMessages(app, {
      appId,
      count: 40,
      concurrency: 1,
      idempotencyKey: (n) => `repeated-${n}`,
      onAccepted,
    });
    await flushed;

    const ids = new Set([...once.accepted.keys(), ...again.accepted.keys()]);
    const before = [...again.accepted.keys()].slice(0, 20);
    expect(before.every((id) => once.accepted.has(id))).toBe(true);
    expect(ids.size).toBe(40);
    await customer.tookAll(new Map([...once.accepted, ...again.accepted]), 60_000);
    expect(customer.takenTwice()).toEqual([]);
    expect(customer.taken.size).toBe(ids.size);
  });

  it('may be paused: requests are answered within 2 s, the health check names Redis, and it recovers afterwards', async () => {
    await until(async () => (await health()).status === 200, 20_000, 'health to be good');
    redis.freeze();
    const { accepted, refused, unanswered, slowestMs } = await sendMessages(app, {
      appId,
      count: 100,
      concurrency: 10,
      idempotencyKey: () => randomUUID(),
    });

    expect({ accepted: accepted.size, refused, unanswered }).toEqual({ accepted: 100, refused: [], unanswered: 0 });
    expect(slowestMs).toBeLessThan(2_000);
    await customer.tookAll(accepted, 60_000);
    const down = async () => (await health()).cache === 'down' && health();
    expect(await until(down, 20_000, 'health to say that the cache is down')).toEqual({ status: 503, cache: 'down' });
    expect((await app.root.get('/health/ready')).status).toBe(200);
    expect(app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'cache.away')).toHaveLength(1);

    redis.thaw();
    await until(async () => (await health()).status === 200, 20_000, 'health to be good again');
    const key = randomUUID();
    const send = () => app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} }, { 'idempotency-key': key });
    const [first, second] = [await send(), await send()];
    expect(second.body.id).toBe(first.body.id);
  });
});
