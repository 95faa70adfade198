/** A steady rate with bursts: `perSecond` tokens a second come in, and at most `burst` (1 or more) are kept. */
export interface BucketRate {
  perSecond: number;
  burst: number;
}

/** What a bucket gave. */
export interface TokensTaken {
  /** How many of the wanted tokens; none if the bucket is empty. */
  granted: number;
  /** How many it has left. */
  left: number;
  /** ms until it has a token again; 0 if it has one. */
  waitMs: number;
}

/**
 * A bucket is one number: the time at which it would be full again, in µs. A bucket that is full has a time in the past. Each token that
 * is taken moves the time by one interval. (The generic cell rate algorithm.) The script TAKE_TOKENS does the same in Redis.
 *
 * @param fullAtUs the bucket's number; null for a new one, which is full
 * @param back tokens that were taken before and were not used
 */
export function takeFrom(
  fullAtUs: number | null,
  nowUs: number,
  { perSecond, burst }: BucketRate,
  want: number,
  back: number,
): TokensTaken & { fullAtUs: number } {
  const intervalUs = 1_000_000 / perSecond;
  const before = Math.max(nowUs, (fullAtUs ?? nowUs) - back * intervalUs);
  // The small amount makes up for rounding: a bucket that was just filled must not lack a token.
  const there = Math.max(0, Math.floor(burst - (before - nowUs) / intervalUs + 1e-6));
  const granted = Math.min(want, there);
  const after = before + granted * intervalUs;
  return { granted, left: there - granted, waitMs: waitMsOf(after - nowUs, { perSecond, burst }), fullAtUs: after };
}

/** ms until a bucket that lacks `untilFullUs` has a token. */
export function waitMsOf(untilFullUs: number, { perSecond, burst }: BucketRate): number {
  return Math.max(0, Math.ceil((untilFullUs - ((burst - 1) * 1_000_000) / perSecond) / 1000));
}
