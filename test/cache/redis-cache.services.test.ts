import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { CacheAway, RedisCache } from '../../src/cache/redis-cache.js';
import { createLog } from '../../src/observability/log.js';
import { eventually } from './eventually.js';
import { RedisServer } from './redis-server.js';
import { keepsTheContract } from './shared-cache.contract.js';

const LONG = 60_000;

describe('RedisCache', () => {
  let server: RedisServer;
  let open: RedisCache[] = [];
  let lines: { level: string; msg: string; error?: string }[] = [];

  function aCache(): RedisCache {
    // Its own test's lines: what it still has to say while it closes is no business of the next test.
    const own = lines;
    const cache = new RedisCache(server.url, createLog('debug', { write: (line) => own.push(JSON.parse(line)) }));
    open.push(cache);
    return cache;
  }

  async function aConnectedCache(): Promise<RedisCache> {
    const cache = aCache();
    await eventually(() => cache.ping());
    return cache;
  }

  /** Whether it is there within a few turns of the event loop: nothing was waited for. */
  async function atOnce<T>(work: Promise<T>): Promise<T | 'not at once'> {
    let result: T | 'not at once' = 'not at once';
    void work.then((given) => (result = given));
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
    return result;
  }

  beforeAll(async () => {
    server = await RedisServer.prepare();
    await server.start();
  });
  beforeEach(() => {
    lines = [];
  });
  afterEach(async () => {
    server.thaw();
    await Promise.all(open.map((cache) => cache.close()));
    open = [];
  });
  afterAll(() => server.remove());

  describe('with its server', () => {
    keepsTheContract(() => Promise.resolve(new RedisCache(server.url, createLog('silent'))));

    it('answers right after the start, while it connects', async () => {
      expect(await aCache().lock('at the start', 'owner', LONG)).toEqual({ state: 'mine' });
      expect(lines).toEqual([]);
    });

    it('shares locks and rates between processes, under its own prefix', async () => {
      const [one, other] = [await aConnectedCache(), await aConnectedCache()];
      await server.command('FLUSHALL');
      expect(await one.lock('shared', 'one', LONG)).toEqual({ state: 'mine' });
      expect(await other.lock('shared', 'other', LONG)).toEqual({ state: 'running', owner: 'one' });
      expect(await one.slots('shared', 1, 2)).toEqual([0, 1000]);
      expect((await other.slots('shared', 1, 1))[0]).toBeGreaterThan(1500);
      const keys = (await server.command('KEYS *')).split('\r\n').filter((line) => /^[a-z]/.test(line));
      expect(keys.sort()).toEqual(['posthorn:claim:shared', 'posthorn:slots:shared']);
      expect(await server.command('PTTL posthorn:slots:shared')).toMatch(/^:2\d\d\d\r/);
    });

    it('starts afresh when it is flushed', async () => {
      const cache = await aConnectedCache();
      await cache.lock('flushed', 'owner', LONG);
      await server.command('FLUSHALL');
      await server.command('SCRIPT FLUSH');
      await cache.saveAnswer('flushed', 'owner', 'answer', LONG);
      expect(await cache.lock('flushed', 'other', LONG)).toEqual({ state: 'mine' });
      expect(lines).toEqual([]);
    });

    it('does not take a pause of this process for slowness of the server', async () => {
      const cache = await aConnectedCache();
      const lock = cache.lock('paused', 'owner', LONG);
      const until = performance.now() + 200;
      while (performance.now() < until);
      expect(await lock).toEqual({ state: 'mine' });
    });

    it.each([
      ['is full', 'OOM', () => ['maxmemory', '1'], () => ['maxmemory', '0']],
      ['has too few replicas', 'NOREPLICAS', () => ['min-replicas-to-write', '1'], () => ['min-replicas-to-write', '0']],
    ])('fails its ping while the server %s, and not after that', async (_, code, away, back) => {
      const cache = await aConnectedCache();
      const admin = new Redis(server.url);
      try {
        await admin.config('SET', ...(away() as [string, string]));
        // Within a millisecond of the ping before, there is nothing to write.
        await eventually(() => expect(cache.ping()).rejects.toThrow(code));
        await admin.config('SET', ...(back() as [string, string]));
        await eventually(() => cache.ping());
      } finally {
        await admin.config('SET', ...(back() as [string, string]));
        admin.disconnect();
      }
    });

    it('tells other processes what changed, not its own', async () => {
      const [one, other] = [await aConnectedCache(), await aConnectedCache()];
      const heard: string[] = [];
      one.onInvalidation((appId) => heard.push(`one ${appId}`));
      other.onInvalidation((appId) => heard.push(`other ${appId}`));
      await eventually(() => {
        one.publish('app_1');
        expect(heard).toContain('other app_1');
      });
      expect(heard).not.toContain('one app_1');
    });
  });

  describe('when the server stands still', () => {
    it('answers unprotected while it is frozen, after the first one at once, and says so once', async () => {
      const cache = await aConnectedCache();
      server.freeze();
      expect(await cache.lock('frozen', 'owner', LONG)).toEqual({ state: 'unprotected' });
      expect(await atOnce(cache.lock('frozen', 'other', LONG))).toEqual({ state: 'unprotected' });
      expect(cache.unprotected).toBe(2);
      await cache.saveAnswer('frozen', 'owner', 'answer', LONG);
      await cache.unlock('frozen', 'owner');
      expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['warn cache.away']);
    });

    it('keeps the rate on its own', async () => {
      const cache = await aConnectedCache();
      server.freeze();
      expect(await cache.slots('rate while frozen', 1, 2)).toEqual([0, 1000]);
      expect((await cache.slots('rate while frozen', 1, 1))[0]).toBeGreaterThan(1500);
    });

    it('is back by itself as soon as it answers, and gave back the lock nobody waited for', async () => {
      const cache = await aConnectedCache();
      server.freeze();
      expect(await cache.lock('late', 'owner', LONG)).toEqual({ state: 'unprotected' });
      await expect(cache.ping()).rejects.toThrow('no answer within 1000 ms');
      server.thaw();
      await eventually(async () => expect(await cache.lock('late', 'other', LONG)).toEqual({ state: 'mine' }));
      expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['warn cache.away', 'info cache.back']);
    });

    it('is told when it is back what became of the locks that it gave before', async () => {
      const [cache, other] = [await aConnectedCache(), await aConnectedCache()];
      for (const key of ['answered', 'failed']) expect(await cache.lock(key, 'owner', LONG)).toEqual({ state: 'mine' });
      server.freeze();
      // The first finds out that it is away, the second is not tried.
      await cache.saveAnswer('answered', 'owner', 'answer', LONG);
      await cache.unlock('failed', 'owner');
      server.thaw();
      await eventually(async () => {
        expect(await other.lock('answered', 'other', LONG)).toEqual({ state: 'done', answer: 'answer' });
        expect(await other.lock('failed', 'other', LONG)).toEqual({ state: 'mine' });
      });
    });

    it('has another connection made when nothing was answered for seconds, and not for a process that stood still', async () => {
      const cache = await aConnectedCache();
      const connections = async () => Number(/total_connections_received:(\d+)/.exec(await server.command('INFO stats'))![1]);
      const before = await connections();
      const lock = cache.lock('stood still', 'owner', LONG);
      const until = performance.now() + 6_000;
      while (performance.now() < until);
      expect(await lock).toEqual({ state: 'mine' });
      // The look itself is a connection.
      expect(await connections()).toBe(before + 1);

      server.freeze();
      await cache.lock('dead', 'owner', LONG);
      await eventually(() => expect(cache.ping()).rejects.toThrow(CacheAway), 30_000);
      server.thaw();
      await eventually(async () => expect(await cache.lock('alive', 'other', LONG)).toEqual({ state: 'mine' }), 30_000);
      expect(await connections()).toBeGreaterThan(before + 2);
    });

    it('closes nevertheless', async () => {
      const cache = await aConnectedCache();
      cache.onInvalidation(() => undefined);
      server.freeze();
      // It is frozen all the while.
      expect(await cache.close().then(() => 'closed')).toBe('closed');
    });
  });

  describe('when the server is gone', () => {
    it('starts, answers unprotected, and finds the server when it comes', async () => {
      await server.kill();
      const cache = aCache();
      const heard: string[] = [];
      cache.onInvalidation((appId) => heard.push(appId));
      expect(await cache.lock('gone', 'owner', LONG)).toEqual({ state: 'unprotected' });
      await expect(cache.ping()).rejects.toThrow(CacheAway);
      await server.start();
      await eventually(async () => expect(await cache.lock('gone', 'owner', LONG)).toEqual({ state: 'mine' }));
      const other = await aConnectedCache();
      await eventually(() => {
        other.publish('app_1');
        expect(heard).toContain('app_1');
      });
      expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['warn cache.away', 'info cache.back']);
    });

    it('subscribes again when the server was restarted', async () => {
      const [cache, other] = [await aConnectedCache(), await aConnectedCache()];
      const heard: string[] = [];
      cache.onInvalidation((appId) => heard.push(appId));
      const hears = (appId: string) =>
        eventually(() => {
          other.publish(appId);
          expect(heard).toContain(appId);
        });
      await hears('app_before');
      await server.kill();
      await eventually(() => expect(cache.ping()).rejects.toThrow(CacheAway));
      await server.start();
      await hears('app_after');
    });

    it('recovers when it was killed in the middle of work, time and again', async () => {
      const cache = await aConnectedCache();
      for (let round = 0; round < 5; round += 1) {
        let working = true;
        const work = async (worker: number) => {
          for (let n = 0; working; n += 1) {
            await cache.lock(`${round} ${worker} ${n}`, 'owner', LONG);
            await new Promise((turn) => setImmediate(turn));
          }
        };
        const workers = Promise.all(Array.from({ length: 20 }, (_, worker) => work(worker)));
        await new Promise((wake) => setTimeout(wake, 20));
        await server.kill();
        await server.start();
        working = false;
        await workers;
        await eventually(async () => expect(await cache.lock(`after ${round}`, 'owner', LONG)).toEqual({ state: 'mine' }));
      }
    });

    it('closes at once', async () => {
      await server.kill();
      const cache = aCache();
      expect(await atOnce(cache.close().then(() => 'closed'))).toBe('closed');
      await server.start();
    });
  });
});
