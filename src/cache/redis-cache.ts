import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Log } from '../observability/log.js';
import { Batcher } from '../async/batcher.js';
import { withTimeout } from '../async/time-limit.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { LocalSlots } from './local-slots.js';
import { DeferredUpdates } from './deferred-updates.js';
import { connectRedis, disconnectRedis } from './redis-connection.js';
import { CLAIM, FINISH, FREE, SLOTS } from './redis-scripts.js';
import { SharedCache, type Claim } from './shared-cache.js';
import { slotRate, waitsOf } from './slot-rate.js';

const CHANNEL = 'posthorn:changed';
const PING_LIMIT_MS = 1_000;
const CLOSE_LIMIT_MS = 1_000;
/** Redis does nothing else while a script runs, so that one call must not be too long. */
const MAX_LOCKS_PER_CALL = 200;

/** A lock that somebody wants. */
interface Wanted {
  key: string;
  owner: string;
  lockMs: number;
}

/** Redis does not answer, and why, as far as the connection knows. */
export class CacheAway extends Error {
  override readonly name = 'CacheAway';
}

/**
 * The shared cache in Redis or Valkey (one primary; not a sharded cluster).
 *
 * When Redis is away, slow or full: the first operation to notice waits 50 ms, then none is tried until a trial beside the requests
 * went well: claims are `unprotected`, rates are kept by each process on its own, invalidations are lost. A claim that Redis carries out
 * after its caller gave up is given back, so it blocks nobody; what became of a lock is told as soon as Redis is back. When this process dies, its locks run out. When Redis restarts empty,
 * repeated requests run again. Connecting is tried for ever, and a connection on which nothing was answered for 5 s is made anew.
 */
export class RedisCache extends SharedCache {
  private readonly redis: Redis;
  private readonly firstReady: Promise<void>;
  private readonly breaker: CircuitBreaker;
  private readonly localSlots = new LocalSlots();
  private readonly owed = new DeferredUpdates();
  private readonly self = randomUUID();
  /** The locks of one turn of the event loop share a call: under load that is a tenth of the work of a call for each. */
  private readonly claims = new Batcher<Wanted, Claim>({
    run: (wanted) => this.claimAll(wanted),
    maxItems: MAX_LOCKS_PER_CALL,
    concurrency: Infinity,
  });
  private readonly listeners: ((appId: string) => void)[] = [];
  private subscriber: Redis | null = null;
  private lastError: Error | null = null;
  private unprotectedClaims = 0;

  constructor(
    private readonly url: string,
    log: Log,
  ) {
    super();
    this.redis = connectRedis(url, (error) => (this.lastError = error));
    const trial = () => this.lockAll([{ key: `posthorn:trial:${this.self}`, owner: this.self, lockMs: 1 }]);
    const heard = () => bytesFrom(this.redis);
    this.breaker = new CircuitBreaker({ trial, heard, reconnect: () => this.reconnect(), back: () => this.owed.pay() }, log);
    this.firstReady = new Promise((resolve) => this.redis.once('ready', resolve));
    this.redis.on('ready', () => this.breaker.close());
  }

  override get unprotected(): number {
    return this.unprotectedClaims;
  }

  override claim(key: string, owner: string, lockMs: number): Promise<Claim> {
    return this.claims.add({ key: entryKey(key), owner, lockMs });
  }

  override async finish(key: string, owner: string, answer: string, keepMs: number): Promise<void> {
    await this.told(() => this.script(FINISH, [entryKey(key)], owner, answer, keepMs), answer.length);
  }

  override async free(key: string, owner: string): Promise<void> {
    await this.told(() => this.script(FREE, [entryKey(key)], owner), 0);
  }

  override async slots(key: string, perSecond: number, count: number): Promise<number[]> {
    if (count === 0) return [];
    const rate = slotRate(perSecond);
    const backlog = await this.breaker.run(() => this.script(SLOTS, [`posthorn:slots:${key}`], rate.intervalUs, count));
    return backlog === null ? this.localSlots.take(key, perSecond, count) : waitsOf(rate, Number(backlog), count);
  }

  override publish(appId: string): void {
    void this.breaker.run(() => this.redis.publish(CHANNEL, `${this.self} ${appId}`));
  }

  override onInvalidation(listener: (appId: string) => void): void {
    this.listeners.push(listener);
    this.subscriber ??= this.subscribe();
  }

  override async ping(): Promise<void> {
    if (this.redis.status !== 'ready')
      throw new CacheAway(`not connected to Redis${reasonOf(this.lastError)}`, { cause: this.lastError });
    await withTimeout(PING_LIMIT_MS, () => this.redis.ping());
  }

  override async close(): Promise<void> {
    this.breaker.end();
    await Promise.all([this.redis, this.subscriber].map((redis) => redis && disconnectRedis(redis, CLOSE_LIMIT_MS)));
  }

  /** Of a lock of ours: now, or when the server is back. The scripts do nothing once the lock is gone. */
  private async told(tell: () => Promise<{}>, chars: number): Promise<void> {
    if ((await this.breaker.run(tell)) === null) this.owed.add(tell, chars);
  }

  private async claimAll(wanted: readonly Wanted[]): Promise<Claim[]> {
    let asked: Promise<string[]> | undefined;
    const before = await this.breaker.run(() => (asked = this.lockAll(wanted)));
    if (before !== null) return wanted.map(({ owner }, at) => claimOf(before[at]!, owner));
    this.unprotectedClaims += wanted.length;
    // What can't be given back runs out by itself.
    asked?.then((late) => this.giveBack(wanted.filter((_, at) => late[at] === ''))).catch(() => undefined);
    return wanted.map(() => ({ state: 'unprotected' }));
  }

  /** Takes each lock unless there is a lock or an answer; answers what was there before, '' for nothing. */
  private async lockAll(wanted: readonly Wanted[]): Promise<string[]> {
    const keys = wanted.map(({ key }) => key);
    const values = wanted.flatMap(({ owner, lockMs }) => [owner, lockMs]);
    return (await this.script(CLAIM, keys, ...values)) as string[];
  }

  private async giveBack(claims: readonly Wanted[]): Promise<void> {
    await Promise.all(claims.map(({ key, owner }) => this.script(FREE, [key], owner)));
  }

  private async script(text: string, keys: string[], ...args: (string | number)[]): Promise<{}> {
    // Right after the start the connection is still being made: wait for it instead of calling the server away.
    if (this.redis.status !== 'ready') await this.beginning();
    return (await this.redis.eval(text, keys.length, ...keys, ...args)) as {};
  }

  private beginning(): Promise<void> {
    return this.lastError ? Promise.reject(this.lastError) : this.firstReady;
  }

  /** What they wait for fails, and they connect again. */
  private reconnect(): void {
    for (const redis of [this.redis, this.subscriber]) if (redis?.status === 'ready') redis.disconnect(true);
  }

  /** A connection of its own, since a subscribed one can do nothing else. It subscribes again whenever it is made anew. */
  private subscribe(): Redis {
    const subscriber = connectRedis(this.url, (error) => (this.lastError = error));
    // If this fails the connection has failed too, and the next one subscribes.
    subscriber.on('ready', () => subscriber.subscribe(CHANNEL).catch(() => undefined));
    subscriber.on('message', (_channel, message) => this.hear(message));
    return subscriber;
  }

  private hear(message: string): void {
    const [sender, appId] = message.split(' ');
    if (sender === this.self || !appId) return;
    for (const listener of this.listeners) listener(appId);
  }
}

/** How much the server said on this connection; 0 where there is none. */
function bytesFrom({ stream }: Redis): number {
  return (stream as Partial<typeof stream> | undefined)?.bytesRead ?? 0;
}

function claimOf(before: string, owner: string): Claim {
  if (before === '' || before === `L${owner}`) return { state: 'mine' };
  if (before.startsWith('L')) return { state: 'running', owner: before.slice(1) };
  return { state: 'done', answer: before.slice(1) };
}

function entryKey(key: string): string {
  return `posthorn:claim:${key}`;
}

function reasonOf(error: (Error & { code?: string }) | null): string {
  const reason = error?.code ?? error?.message;
  return reason ? ` (${reason})` : '';
}
