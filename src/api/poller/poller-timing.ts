/** How near to the present a poll goes, in ms. */
export interface PollerTiming {
  /** Younger messages are not handed out: one whose id is older may still be on its way into the database. Above MAX_ID_SKEW_MS. */
  settledAfterMs: number;
  /** So much further back a transaction may still be open that has written a message; where there are some, a poll waits for them. */
  openForMs: number;
  /** So far behind the present a poller is moved on although nothing was there for it. */
  passedAfterMs: number;
}

/** Injection token of the PollerTiming. */
export const POLLER_TIMING = Symbol('PollerTiming');

/**
 * The database refuses a message whose id is more than eight seconds older than its clock at the end of the transaction, with the row written. So what
 * may still be committed further back is there already, under a lock: polls wait for it. Only a server that holds up a single COMMIT for
 * more than a minute after that, and answers reads and later commits meanwhile, could let a poll pass a message.
 */
export function usualPollerTiming(): PollerTiming {
  return { settledAfterMs: 10_000, openForMs: 60_000, passedAfterMs: 300_000 };
}
