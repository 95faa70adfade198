import type { Bucket } from '../database/repositories/attempt-count.repository.js';
import { finestKept, floorTo, minuteOf, stepAbove, STEPS } from '../domain/count-steps.js';

/** After the end of a minute it is counted for the first time, in ms: most of its attempts have been written by then. */
const FIRST_MS = 5_000;
/** If nothing was counted for longer, there was an outage, and outcomes that had to wait for its end may still be written, in ms. */
const GAP_MS = 300_000;
/** What was missed is counted by the minute up to so many minutes; what is more, in pieces. */
const MOST_MINUTES = 60;

/** A part of the time to count, in minutes since 1970. `to` is exclusive. */
export interface Piece {
  from: number;
  to: number;
  /** The length of the buckets in which it is counted. */
  grain: number;
  /** Longer buckets to make of these, shorter ones first. */
  rollUps: Bucket[];
}

/** How far the counting has come, in minutes since 1970. */
export interface Counted {
  /** Where it began. What is older is counted by the backfill; 0 if nothing is. */
  start: number;
  /** Before this minute everything is counted for good, and longer buckets are made. */
  reached: number;
  /** Before this minute everything was counted once. */
  counted: number;
  /** When that was, ms since 1970. */
  at: number;
}

/** How far the backfill has come: from here on everything is counted, and it goes back to `from`. In minutes since 1970. */
export interface Backfilled {
  from: number;
  to: number;
}

/** What to count next, and what is reached after it. `behind`: there is more to do at once. */
export interface Next {
  piece: Piece | null;
  after: Counted;
  behind: boolean;
}

/** What the next piece depends on. */
export interface Situation {
  /** Ms since 1970. */
  now: number;
  /** How long after the begin of an attempt its outcome may be written. */
  lateMs: number;
  /** No attempt is older than this, ms since 1970; null if there are none. */
  oldest: number | null;
}

/** What to count now. All minutes that are not final are counted again each time. */
export function nextPiece(before: Counted | null, { now, lateMs, oldest }: Situation): Next {
  const final = minuteOf(now - lateMs);
  if (before === null) {
    const reached = floorTo(final, STEPS[1]);
    const start = oldest !== null && minuteOf(oldest) < reached ? reached : 0;
    return { piece: null, after: { start, reached, counted: reached, at: now }, behind: true };
  }
  const at = Math.max(now, before.at);
  if (now - before.at > GAP_MS) return { piece: null, after: { ...before, at }, behind: false };
  const { reached } = before;
  const target = minuteOf(now - FIRST_MS);
  if (target - reached > MOST_MINUTES) return catchUp(before, now, final);
  const to = Math.max(final, reached);
  const piece = target > reached ? { from: reached, to: target, grain: 1, rollUps: endingIn(reached, to, 1) } : null;
  return { piece, after: { ...before, reached: to, counted: Math.max(target, reached), at }, behind: false };
}

/** What is so old is final. It is counted in the shortest buckets that are still kept. */
function catchUp(before: Counted, now: number, final: number): Next {
  const { reached } = before;
  const age = minuteOf(now) - reached;
  const grain = grainAt(reached, (step) => age - stepAbove(step));
  const to = Math.min(floorTo(reached, stepAbove(grain)) + stepAbove(grain), floorTo(final, grain));
  const piece = { from: reached, to, grain, rollUps: endingIn(reached, to, grain) };
  return { piece, after: { ...before, reached: to, counted: to, at: now }, behind: true };
}

/**
 * The longest buckets that begin with this minute, and are not longer than the shortest that are kept.
 *
 * @param age the age of the youngest part of a piece in such buckets, in minutes
 */
function grainAt(minute: number, age: (step: number) => number): number {
  return STEPS.findLast((step) => step <= finestKept(age(step)) && minute % step === 0)!;
}

/** The longer buckets that end in this time, with its end. */
function endingIn(from: number, to: number, grain: number): Bucket[] {
  return STEPS.filter((step) => step > grain).flatMap((step) => {
    const first = floorTo(from, step);
    const count = floorTo(to, step) / step - first / step;
    return Array.from({ length: count }, (_, n) => ({ step, begins: first + n * step }));
  });
}

/**
 * The next piece of the backfill, which goes back in time; null if it has reached its end.
 *
 * The longer buckets are made of what there is, also those that have not ended. So if the counting ends such a bucket at the same time, at least one of
 * both sees the rows of both.
 *
 * @param now ms since 1970
 */
export function pieceBefore({ from, to }: Backfilled, now: number): Piece | null {
  if (to <= from) return null;
  const grain = grainAt(to, () => minuteOf(now) - to);
  const begins = floorTo(to - 1, stepAbove(grain));
  const rollUps = STEPS.filter((step) => step > grain && begins % step === 0).map((step) => ({ step, begins }));
  return { from: begins, to, grain, rollUps };
}
