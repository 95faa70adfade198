import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { anApplication } from '../support/factories.js';
import { ownDatabase } from '../support/parts.js';
import { startMariaDb, startRedis, type Service } from '../support/services.js';
import { until } from '../support/until.js';
import { anInstallation, type Installation, type Server } from './installation.js';

const KEYS = 400;
const REPEATED_AFTER_MS = 150;
const PATIENCE_MS = 60_000;

describe('a repeated idempotency key', () => {
  let redis: Service;
  let database: Service;
  let databases = 0;
  let installation: Installation;

  beforeAll(async () => {
    [redis, database] = await Promise.all([startRedis(), startMariaDb()]);
  }, 60_000);
  afterAll(() => Promise.all([redis?.stop(), database?.stop()]));
  beforeEach(async () => {
    const own = await ownDatabase(database.url, `keys_${++databases}`);
    installation = await anInstallation({ LOG_LEVEL: 'warn', REDIS_URL: redis.url }, { database: own });
  });
  afterEach(async () => {
    redis.thaw();
    database.thaw();
    await installation?.remove();
    await redis.restart();
  });

  /** Repeats a POST until it is accepted, as the client libraries do. Returns the message id. */
  const accepted = async ({ url, token }: Server, appId: string, key: string): Promise<string> => {
    const { id } = await until(
      async () => {
        const answer = await fetch(`${url}/api/v1/app/${appId}/msg`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'idempotency-key': key, 'content-type': 'application/json' },
          body: '{"eventType":"order.paid","payload":{"order":42}}',
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        return answer.status === 202 && ((await answer.json()) as { id: string });
      },
      PATIENCE_MS,
      `${key} to be accepted`,
    );
    return id;
  };
  /** Sends all keys to one server at once, and again to the other a moment later. Returns the ids for each key. */
  const flood = (appId: string, first: Server, second: Server, keys = KEYS) =>
    Promise.all(
      Array.from({ length: keys }, async (_, n) => {
        const key = `key-${n}`;
        const later = new Promise((wake) => setTimeout(wake, REPEATED_AFTER_MS));
        return Promise.all([accepted(first, appId, key), later.then(() => accepted(second, appId, key))]);
      }),
    );
  const expectOneEach = async (pairs: string[][], keys = KEYS) => {
    expect(pairs.filter(([one, other]) => one !== other)).toEqual([]);
    expect(await installation.sql('SELECT COUNT(*) AS messages FROM message')).toEqual([{ messages: keys }]);
  };
  const two = async () => {
    const first = await installation.start();
    const second = await installation.start();
    return { first, second, appId: (await anApplication(first)).id as string };
  };

  it('makes one message when one process gets it many times at once', async () => {
    const server = await installation.start();
    const { id: appId } = await anApplication(server);

    await expectOneEach(await flood(appId, server, server));
  }, 120_000);

  it('makes one message when two processes get it many times at once', async () => {
    const { first, second, appId } = await two();

    await expectOneEach(await flood(appId, first, second));
  }, 120_000);

  const flush = async () => {
    const client = new Redis(redis.url);
    await client.flushall().finally(() => client.disconnect());
  };
  it.each([
    ['is flushed', flush],
    ['is killed', () => redis.kill()],
    ['freezes', async () => redis.freeze()],
  ])(
    'makes one message when Redis %s in the middle',
    async (_what, mistreat) => {
      const { first, second, appId } = await two();
      const flooding = flood(appId, first, second);
      await new Promise((wake) => setTimeout(wake, REPEATED_AFTER_MS / 2));
      await mistreat();

      await expectOneEach(await flooding);
    },
    120_000,
  );

  it('makes one message when the first process is paused, and continues later', async () => {
    const { first, second, appId } = await two();
    const flooding = flood(appId, first, second);
    await first.kill('SIGSTOP');
    await Promise.all(Array.from({ length: KEYS }, (_, n) => accepted(second, appId, `key-${n}`)));
    await first.kill('SIGCONT');

    await expectOneEach(await flooding);
  }, 120_000);

  it('makes one message when the database is paused until the first request has timed out', async () => {
    const { first, second, appId } = await two();
    await accepted(first, appId, 'before');
    database.freeze();
    const post = (key: string) =>
      first.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: {} }, { 'idempotency-key': key });
    const refused = await Promise.all(Array.from({ length: 12 }, (_, n) => post(`key-${n}`)));
    database.thaw();

    expect(refused.map(({ status }) => status)).toEqual(Array(12).fill(503));
    await expectOneEach(await flood(appId, second, first, 12), 13);
  }, 120_000);

  it('gets 404 at once if its application was deleted', async () => {
    const { first, second, appId } = await two();
    await accepted(first, appId, 'key');
    await first.api.delete(`/app/${appId}`);
    const again = (server: Server) =>
      server.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: {} }, { 'idempotency-key': 'key' });

    expect([(await again(first)).status, (await again(second)).status]).toEqual([404, 404]);
  }, 60_000);
});
