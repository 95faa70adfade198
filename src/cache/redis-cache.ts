import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Log } from '../observability/log.js';
import { Batcher } from '../async/batcher.js';
import { TimedOut, withTimeout } from '../async/time-limit.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { LocalSlots } from './local-slots.js';
import { DeferredUpdates } from './deferred-updates.js';
import { connectRedis, disconnectRedis, renewConnection } from './redis-connection.js';
import { LOCK, SAVE_ANSWER, SLOTS, TAKE_TOKENS, TAKE_UNITS, UNLOCK } from './redis-scripts.js';
import { SharedCache, type LockResult } from './shared-cache.js';
import type { Counter, Seeds, UnitsTaken } from './shared-counters.js';
import { slotRate, waitsOf } from './slot-rate.js';
import { waitMsOf, type BucketRate, type TokensTaken } from './token-bucket.js';

const CHANNEL = 'posthorn:changed';
const PING_LIMIT_MS = 1_000;
/** After so many pings in a row without a byte from the server, the connection is taken for dead. */
const MAX_SILENT_PINGS = 2;
const CLOSE_LIMIT_MS = 1_000;
/** Redis does nothing else while a script runs, so that one call must not be too long. */
const MAX_LOCKS_PER_CALL = 200;

/** A lock that a caller asks for. */
interface Wanted {
  key: string;
  owner: string;
  lockMs: number;
}

/** There is no connection to Redis. The message has the reason, if the connection knows it. */
export class CacheAway extends Error {
  override readonly name = 'CacheAway';
}

/**
 * The shared cache in Redis or Valkey (one primary; not a sharded cluster).
 *
 * If Redis is away, slow or full: the first call that notices waits 50 ms. After that no call is tried until a trial in the background
 * went well. Meanwhile locks are `unprotected`, each process counts rates on its own, and invalidations are lost. Updates of locks are
 * sent when Redis is back. A lock that Redis took after its caller gave up is unlocked again.
 * If this process dies: its locks expire.
 * If Redis restarts empty: repeated requests run again.
 * It never stops trying to connect, and replaces a connection on which two pings, or the trials of 5 s, brought nothing.
 */
export class RedisCache extends SharedCache {
  private readonly redis: Redis;
  private readonly firstReady: Promise<void>;
  private readonly breaker: CircuitBreaker;
  private readonly localSlots = new LocalSlots();
  private readonly deferred = new DeferredUpdates();
  /** Names this process to the others. */
  private readonly self = randomUUID();
  /** The locks of one turn of the event loop share a call: under load that is a tenth of the work of a call for each. */
  private readonly locks = new Batcher<Wanted, LockResult>({
    run: (wanted) => this.lockAll(wanted),
    maxItems: MAX_LOCKS_PER_CALL,
    concurrency: Infinity,
  });
  private readonly listeners: ((appId: string) => void)[] = [];
  private subscriber: Redis | null = null;
  private lastError: Error | null = null;
  private unprotectedLocks = 0;
  private silentPings = 0;

  constructor(
    private readonly url: string,
    log: Log,
  ) {
    super();
    this.redis = connectRedis(url, (error) => (this.lastError = error));
    const guarded = {
      trial: () => this.tryLock(),
      received: () => bytesReceived(this.redis),
      reconnect: () => this.reconnect(),
      recovered: () => this.deferred.sendAll(),
    };
    this.breaker = new CircuitBreaker(guarded, log);
    this.firstReady = new Promise((resolve) => this.redis.once('ready', resolve));
    this.redis.on('ready', () => this.breaker.close());
  }

  override get unprotected(): number {
    return this.unprotectedLocks;
  }

  override lock(key: string, owner: string, lockMs: number): Promise<LockResult> {
    return this.locks.add({ key: entryKey(key), owner, lockMs });
  }

  override async saveAnswer(key: string, owner: string, answer: string, keepMs: number): Promise<void> {
    await this.update(() => this.script(SAVE_ANSWER, [entryKey(key)], owner, answer, keepMs), answer.length);
  }

  override async unlock(key: string, owner: string): Promise<void> {
    await this.update(() => this.script(UNLOCK, [entryKey(key)], owner), 0);
  }

  override async slots(key: string, perSecond: number, count: number): Promise<number[]> {
    if (count === 0) return [];
    const rate = slotRate(perSecond);
    const backlog = await this.breaker.run(() => this.script(SLOTS, [`posthorn:slots:${key}`], rate.intervalUs, count));
    return backlog === null ? this.localSlots.take(key, perSecond, count) : waitsOf(rate, Number(backlog), count);
  }

  override async takeTokens(key: string, rate: BucketRate, want: number, back: number): Promise<TokensTaken | null> {
    const args = [1_000_000 / rate.perSecond, rate.burst, want, back];
    const answer = await this.breaker.run(() => this.script(TAKE_TOKENS, [`posthorn:rate:${key}`], ...args));
    if (answer === null) return null;
    const [granted, left, untilFullUs] = answer as [number, number, string];
    return { granted, left, waitMs: waitMsOf(Number(untilFullUs), rate) };
  }

  override async takeUnits(
    counters: readonly Counter[],
    want: number,
    back: number,
    seeds: Seeds | null,
  ): Promise<UnitsTaken | 'unknown' | null> {
    const keys = counters.map(({ key }) => `posthorn:count:${key}`);
    const each = counters.flatMap(({ limit, keepMs }, at) => [limit, keepMs, seeds?.[at] ?? '']);
    const answer = await this.breaker.run(() => this.script(TAKE_UNITS, keys, want, back, ...each));
    if (answer === null) return null;
    const [granted, left, tightest] = answer as [number, number, number];
    return granted < 0 ? 'unknown' : { granted, left, tightest };
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
    const before = bytesReceived(this.redis);
    try {
      // A PING would succeed at a full Redis, and at a replica.
      await withTimeout(PING_LIMIT_MS, () => this.tryLock());
      this.silentPings = 0;
    } catch (error) {
      const isSilent = error instanceof TimedOut && bytesReceived(this.redis) === before;
      this.silentPings = isSilent ? this.silentPings + 1 : 0;
      if (isSilent && this.silentPings % MAX_SILENT_PINGS === 0) this.reconnect();
      throw error;
    }
  }

  override async close(): Promise<void> {
    this.breaker.stop();
    await Promise.all([this.redis, this.subscriber].map((redis) => redis && disconnectRedis(redis, CLOSE_LIMIT_MS)));
  }

  /** Updates a lock of this process, now or when the server is back. The scripts do nothing if the lock is gone by then. */
  private async update(send: () => Promise<{}>, chars: number): Promise<void> {
    if ((await this.breaker.run(send)) === null) this.deferred.add(send, chars);
  }

  private async lockAll(wanted: readonly Wanted[]): Promise<LockResult[]> {
    let call: Promise<string[]> | undefined;
    const before = await this.breaker.run(() => (call = this.takeLocks(wanted)));
    if (before !== null) return wanted.map(({ owner }, at) => lockResult(before[at]!, owner));
    this.unprotectedLocks += wanted.length;
    // A lock that Redis takes after its caller gave up is given back. If that fails too, the lock expires.
    call?.then((late) => this.unlockAll(wanted.filter((_, at) => late[at] === ''))).catch(() => undefined);
    return wanted.map(() => ({ state: 'unprotected' }));
  }

  /** The smallest thing that is asked of Redis otherwise, and it writes. */
  private tryLock(): Promise<string[]> {
    return this.takeLocks([{ key: `posthorn:trial:${this.self}`, owner: this.self, lockMs: 1 }]);
  }

  /** Takes each lock unless there is a lock or an answer. Answers the value that was there before, '' for none. */
  private async takeLocks(wanted: readonly Wanted[]): Promise<string[]> {
    const keys = wanted.map(({ key }) => key);
    const values = wanted.flatMap(({ owner, lockMs }) => [owner, lockMs]);
    return (await this.script(LOCK, keys, ...values)) as string[];
  }

  private async unlockAll(taken: readonly Wanted[]): Promise<void> {
    await Promise.all(taken.map(({ key, owner }) => this.script(UNLOCK, [key], owner)));
  }

  private async script(text: string, keys: string[], ...args: (string | number)[]): Promise<{}> {
    if (this.redis.status !== 'ready') await this.firstConnection();
    return (await this.redis.eval(text, keys.length, ...keys, ...args)) as {};
  }

  /** Right after the start a call waits for the first connection. Once a connection has failed, it fails at once instead. */
  private firstConnection(): Promise<void> {
    return this.lastError ? Promise.reject(this.lastError) : this.firstReady;
  }

  /** Calls that wait on the old connections fail. */
  private reconnect(): void {
    for (const redis of [this.redis, this.subscriber]) if (redis) renewConnection(redis);
  }

  /** Needs a connection of its own, since a subscribed one can do nothing else. It subscribes again after each reconnect. */
  private subscribe(): Redis {
    const subscriber = connectRedis(this.url, (error) => (this.lastError = error));
    // If this fails, the connection has failed too, and the next one subscribes.
    subscriber.on('ready', () => subscriber.subscribe(CHANNEL).catch(() => undefined));
    subscriber.on('message', (_channel, message) => this.onMessage(message));
    return subscriber;
  }

  private onMessage(message: string): void {
    const [sender, appId] = message.split(' ');
    if (sender === this.self || !appId) return;
    for (const listener of this.listeners) listener(appId);
  }
}

/** How many bytes came on this connection; 0 if there is none. */
function bytesReceived({ stream }: Redis): number {
  return (stream as Partial<typeof stream> | undefined)?.bytesRead ?? 0;
}

/** `before`: the value of the entry before the lock was asked for. */
function lockResult(before: string, owner: string): LockResult {
  if (before === '' || before === `L${owner}`) return { state: 'mine' };
  if (before.startsWith('L')) return { state: 'running', owner: before.slice(1) };
  return { state: 'done', answer: before.slice(1) };
}

/** (`claim` is what a lock was called before: releases that run side by side must use the same keys.) */
function entryKey(key: string): string {
  return `posthorn:claim:${key}`;
}

function reasonOf(error: (Error & { code?: string }) | null): string {
  const reason = error?.code ?? error?.message;
  return reason ? ` (${reason})` : '';
}
