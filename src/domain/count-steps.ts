/**
 * Attempts are counted in buckets of these lengths, in minutes. Each length is a multiple of those before it, so that long buckets are made of
 * short ones. A time is given in minutes since 1970 here, and a bucket by its length and its first minute.
 */
export const STEPS = [1, 20, 120, 720] as const;

export const MINUTE_MS = 60_000;
const DAY = 1_440;

/** For how many minutes buckets are kept. The longest ones are kept for `lastingMinutes`. */
const KEPT: Record<number, number> = { 1: 180, 20: 2 * DAY + 120, 120: 15 * DAY };
const LONGEST = STEPS.at(-1)!;
const LEAST_LASTING = 31 * DAY;
const MOST_LASTING = 400 * DAY;

/** The lengths that a point of a chart may have, in minutes. Each is made of whole buckets. */
const POINTS = [1, 2, 5, 10, 20, 40, 60, 120, 240, 360, 720, 1_440, 2_880, 5_760];
const MOST_POINTS = 120;

/** A series of whole buckets of one length. `to` is exclusive. */
export interface Span {
  step: number;
  from: number;
  to: number;
}

/** The minute of a time (ms since 1970). */
export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** The start of the bucket that has this minute. */
export function floorTo(minute: number, step: number): number {
  return minute - (minute % step);
}

/** The end of the bucket that has the minute before. */
export function ceilTo(minute: number, step: number): number {
  return floorTo(minute + step - 1, step);
}

/** For how many minutes the longest buckets are kept: as long as the attempts, at least 31 and at most 400 days. 0 days mean for ever. */
export function lastingMinutes(retentionDays: number): number {
  return retentionDays === 0 ? MOST_LASTING : Math.min(Math.max(retentionDays * DAY, LEAST_LASTING), MOST_LASTING);
}

/** For how many minutes buckets of this length are kept. */
export function keptMinutes(step: number, retentionDays: number): number {
  return KEPT[step] ?? lastingMinutes(retentionDays);
}

/** The shortest buckets that are still kept at this age, in minutes. */
export function finestKept(age: number): number {
  return STEPS.find((step) => age <= (KEPT[step] ?? Infinity))!;
}

/** The next longer buckets; the same ones if there are none. */
export function stepAbove(step: number): number {
  return STEPS.find((longer) => longer > step) ?? LONGEST;
}

/** The next shorter buckets. */
export function stepBelow(step: number): number {
  return STEPS.findLast((shorter) => shorter < step)!;
}

/**
 * The points of a chart of a time range: the shortest ones of which there are at most 120, and whose buckets are still kept. The first point has
 * `since`, the last one the moment before `until`.
 *
 * @param since, until, now ms since 1970
 */
export function frameOf(since: number, until: number, now: number): Span {
  const first = minuteOf(since);
  const end = Math.ceil(until / MINUTE_MS);
  const finest = finestKept(minuteOf(now) - first);
  const frames = POINTS.filter((step) => step % finest === 0).map((step) => ({
    step,
    from: floorTo(first, step),
    to: Math.max(ceilTo(end, step), floorTo(first, step) + step),
  }));
  return frames.find(({ step, from, to }) => (to - from) / step <= MOST_POINTS) ?? frames.at(-1)!;
}

/** The bucket lengths of which such points can be made, longest first. */
export function stepsOf(point: number): number[] {
  return STEPS.filter((step) => point % step === 0).toReversed();
}

/**
 * The fewest buckets that make up a time range, in the order of time. `from` and `to` must be multiples of the last one of `steps`, or what is beside its
 * buckets is left out.
 *
 * @param steps bucket lengths, longest first
 */
export function cover(from: number, to: number, [step, ...shorter]: readonly number[]): Span[] {
  if (step === undefined || from >= to) return [];
  const [first, end] = [ceilTo(from, step), floorTo(to, step)];
  if (first >= end) return cover(from, to, shorter);
  return [...cover(from, first, shorter), { step, from: first, to: end }, ...cover(end, to, shorter)];
}
