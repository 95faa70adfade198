/** How close to the present polls read, in ms. */
export interface PollerTiming {
  /** Messages younger than this are not given yet, because a message with an older id may still be committed. Above MAX_ID_SKEW_MS. */
  settledAfterMs: number;
  /** In this time before that, transactions may still be open that have written a message. A poll waits for them. */
  openForMs: number;
  /** An empty poll moves the position on to this long ago. */
  passedAfterMs: number;
}

/** Injection token of the PollerTiming. */
export const POLLER_TIMING = Symbol('PollerTiming');

/**
 * At the end of its transaction, after its row is written, the database refuses a message whose id is more than eight seconds older than
 * the database's clock. So an older message that is not committed yet has a locked row, and polls wait for it. A poll could miss a
 * message only if the database delayed one COMMIT for more than a minute, and answered reads and later commits meanwhile.
 */
export function defaultPollerTiming(): PollerTiming {
  return { settledAfterMs: 10_000, openForMs: 60_000, passedAfterMs: 300_000 };
}
