/** How near to the present a poll goes, in ms. */
export interface PollerTiming {
  /** Younger messages are not handed out: one whose id is older may still be on its way into the database. */
  settledAfterMs: number;
  /** So far behind the present a poller is moved on although nothing was there for it. */
  passedAfterMs: number;
}

/** Injection token of the PollerTiming. */
export const POLLER_TIMING = Symbol('PollerTiming');

/**
 * A message's id is made a moment before it is committed: milliseconds, as a rule, and no packet of the engine waits longer than
 * 8 s for its answer. A commit that takes longer than `settledAfterMs` all the same, because the database stalls under it, can be
 * passed by a poll that reads a younger message first; a consumer finds it by going back (`after`, or a seek).
 */
export function usualPollerTiming(): PollerTiming {
  return { settledAfterMs: 10_000, passedAfterMs: 300_000 };
}
