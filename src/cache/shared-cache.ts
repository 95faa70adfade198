/** What became of a claim: ours, someone else's still running, answered already, or not protected because the cache is away. */
export type Claim =
  { state: 'mine' } | { state: 'running'; owner: string } | { state: 'done'; answer: string } | { state: 'unprotected' };

/**
 * What the processes of one installation share for a while: locks and answers of requests, rate-limit buckets, and the word
 * that an application changed. Nothing in it is durable.
 *
 * When the process dies: its locks run out by themselves, its answers stay until their time is over. When the server dies or
 * is flushed: repeated requests run again, rate limits start afresh, other processes notice changes by the version in the
 * database. No operation on a request's path throws, or goes on when the server was silent for about 50 ms, or at half a second.
 */
export abstract class SharedCache {
  /** How many claims were answered `unprotected` since the start, for the metrics. */
  abstract readonly unprotected: number;

  /** Takes the lock of `key` for `lockMs`, unless it is taken or answered. A repeated claim of the same owner is `mine` again. */
  abstract claim(key: string, owner: string, lockMs: number): Promise<Claim>;

  /** Keeps `answer` for `keepMs`, if `owner` still has the lock; when the server is away, as soon as it is back. Never throws: at worst the lock runs out. */
  abstract finish(key: string, owner: string, answer: string, keepMs: number): Promise<void>;

  /** Gives the lock back, if `owner` still has it; when the server is away, as soon as it is back. Never throws: at worst the lock runs out. */
  abstract free(key: string, owner: string): Promise<void>;

  /**
   * Reserves `count` events of `key`; answers the ms to wait from now for each, in order, 0 meaning at once. What was reserved
   * is not given back. At most `perSecond` (above 0) a second on average; after a pause up to a tenth of a second's worth
   * (at least one event) may go together.
   */
  abstract slots(key: string, perSecond: number, count: number): Promise<number[]>;

  /** Tells the other processes that this application changed; the caller has dropped its own copies. Best effort, no answer. */
  abstract publish(appId: string): void;

  /** Calls `listener` when another process publishes. Words may be lost while the server is away. */
  abstract onInvalidation(listener: (appId: string) => void): void;

  /** Throws when the cache is away; for the health check, at most about a second. */
  abstract ping(): Promise<void>;

  /** Never throws, takes at most about a second. */
  abstract close(): Promise<void>;
}
