/** How often the release gate asks, how long it waits, and when it reports a failure; all in ms. */
export interface ReleaseTiming {
  everyMs: number;
  /** How often it asks until there is a first answer: before that the process is not ready. */
  untilFirstMs: number;
  /** Time limit of one answer. A shift or a rollback is noticed within this and `everyMs` together: 14 s; 34 s if AWS throttles. */
  limitMs: number;
  /** Failures are logged after so long without an answer. */
  reportAfterMs: number;
}

/** Injection token of the ReleaseTiming. */
export const RELEASE_TIMING = Symbol('ReleaseTiming');

export function defaultTiming(): ReleaseTiming {
  return { everyMs: 10_000, untilFirstMs: 2_000, limitMs: 4_000, reportAfterMs: 60_000 };
}
