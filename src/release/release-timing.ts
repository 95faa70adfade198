/** When the release gate asks, how long it waits, and when it says that nobody answers; all in ms. */
export interface ReleaseTiming {
  everyMs: number;
  /** Pause before the first answer: the process isn't ready until then. */
  untilFirstMs: number;
  /** For one answer; with `everyMs` it bounds how late a shift or a rollback is followed: 14 s. */
  limitMs: number;
  reportAfterMs: number;
}

/** Injection token of the ReleaseTiming. */
export const RELEASE_TIMING = Symbol('ReleaseTiming');

export function usualTiming(): ReleaseTiming {
  return { everyMs: 10_000, untilFirstMs: 2_000, limitMs: 4_000, reportAfterMs: 60_000 };
}
