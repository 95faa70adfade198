import type { Counter, Seeds, UnitsTaken } from './shared-counters.js';
import type { BucketRate, TokensTaken } from './token-bucket.js';

/** `mine`: the caller has the lock; `running`: another owner has it; `done`: there is an answer; `unprotected`: the cache does not answer. */
export type LockResult =
  { state: 'mine' } | { state: 'running'; owner: string } | { state: 'done'; answer: string } | { state: 'unprotected' };

/**
 * What the processes of one installation share for a while: locks and answers of requests, rate limits, counters, and messages about changed
 * applications. Nothing in it is durable.
 *
 * If this process dies: its locks expire, its answers stay until their time is over.
 * If the server dies or is flushed: repeated requests run again, rate limits start again, and other processes notice a changed
 * application by its version in the database.
 * No method that a request waits for throws. It gives up when the server sends nothing for about 50 ms, or after half a second.
 */
export abstract class SharedCache {
  /** How many locks were answered `unprotected` since the start, for the metrics. */
  abstract readonly unprotected: number;

  /** Takes the lock of `key` for `lockMs`, unless another owner has it or there is an answer. The owner of a lock may take it again. */
  abstract lock(key: string, owner: string, lockMs: number): Promise<LockResult>;

  /** Replaces the lock by `answer`, for `keepMs`, if `owner` still has it. While the server is away the answer waits in memory. Never throws. */
  abstract saveAnswer(key: string, owner: string, answer: string, keepMs: number): Promise<void>;

  /** Gives the lock back, if `owner` still has it; while the server is away, later. Never throws: at worst the lock expires. */
  abstract unlock(key: string, owner: string): Promise<void>;

  /**
   * Reserves `count` events of `key`. Answers for each, in order, how many ms to wait from now, 0 for none. Reservations can't be given
   * back. On average at most `perSecond` (above 0) events are due in a second; after a pause a tenth of a second's worth of events (at
   * least one) may be due together.
   */
  abstract slots(key: string, perSecond: number, count: number): Promise<number[]>;

  /**
   * Takes up to `want` tokens of the bucket `key`, after `back` unused ones were put back. Null if the server does not answer: then nothing
   * is known, and the caller goes on by itself.
   */
  abstract takeTokens(key: string, rate: BucketRate, want: number, back: number): Promise<TokensTaken | null>;

  /**
   * Adds up to `want` to each of the counters, as far as none exceeds its limit, after `back` was subtracted (which may be negative).
   * `unknown` if one of them has no value and there are no seeds: nothing was changed, and the caller asks again with seeds, one for each
   * counter. Null if the server does not answer.
   */
  abstract takeUnits(
    counters: readonly Counter[],
    want: number,
    back: number,
    seeds: Seeds | null,
  ): Promise<UnitsTaken | 'unknown' | null>;

  /** Tells the other processes that this application changed. The caller has dropped its own copy already. Best effort, no answer. */
  abstract publish(appId: string): void;

  /** Calls `listener` when another process publishes. While the server is away what is published is lost. */
  abstract onInvalidation(listener: (appId: string) => void): void;

  /** For the health check: throws when the cache is away. Takes at most about a second. */
  abstract ping(): Promise<void>;

  /** Never throws, takes at most about a second. */
  abstract close(): Promise<void>;
}
