import { describe, expect, it } from '@jest/globals';
import { nextPiece, pieceBefore, type Counted, type Piece } from '../../../src/background/count-pieces.js';
import { ceilTo, finestKept, MINUTE_MS, minuteOf, STEPS } from '../../../src/domain/count-steps.js';

const at = (now: number) => ({ now, lateMs: 135_000, oldest: null });
const NOON = Date.UTC(2026, 4, 15, 12);
const noon = minuteOf(NOON);
const DAY = 1_440;
const begun = (minute: number, at: number): Counted => ({ start: minute, reached: minute, counted: minute, at });

/** The buckets within this time that are long enough to be kept at noon. */
function wanted(from: number, to: number): string[] {
  return STEPS.flatMap((step) => {
    const found: string[] = [];
    for (let begins = ceilTo(from, step); begins + step <= to; begins += step)
      if (step >= finestKept(noon - begins)) found.push(`${step} ${begins}`);
    return found;
  });
}

describe('the counting', () => {
  it('begins with whole buckets that are final, and goes on at once', () => {
    const now = NOON + 6_000;
    const after = begun(noon - 20, now);

    expect(nextPiece(null, { ...at(now), oldest: NOON - 3_600_000 })).toEqual({ piece: null, after, behind: true });
    for (const oldest of [null, NOON - 60_000])
      expect(nextPiece(null, { ...at(now), oldest })).toEqual({ piece: null, after: { ...after, start: 0 }, behind: true });
  });

  it('counts every minute that is over, and again until it is final', () => {
    const now = NOON + 10 * MINUTE_MS + 6_000;
    const { piece, after, behind } = nextPiece(begun(noon, now - MINUTE_MS), at(now));

    expect(piece).toEqual({ from: noon, to: noon + 10, grain: 1, rollUps: [] });
    expect(after).toEqual({ start: noon, reached: noon + 7, counted: noon + 10, at: now });
    expect(behind).toBe(false);
    expect(nextPiece(after, at(now + MINUTE_MS)).piece).toMatchObject({ from: noon + 7, to: noon + 11 });
  });

  it('makes a longer bucket once all of its minutes are final', () => {
    const end = noon + 120;
    const ms = (minutes: number) => (end + minutes) * MINUTE_MS + 6_000;
    const before = begun(end - 3, ms(0));

    expect(nextPiece(before, at(ms(1))).piece!.rollUps).toEqual([]);
    expect(nextPiece(before, at(ms(3))).piece!.rollUps).toEqual([
      { step: 20, begins: end - 20 },
      { step: 120, begins: end - 120 },
    ]);
  });

  it('waits for a minute after an outage, so that what had to wait for its end is written', () => {
    const now = NOON + 600_000;
    const before = begun(noon - 3, NOON);
    const first = nextPiece(before, at(now));

    expect(first).toEqual({ piece: null, after: { ...before, at: now }, behind: false });
    expect(nextPiece(first.after, at(now + MINUTE_MS)).piece).toMatchObject({ from: noon - 3, to: noon + 10 });
  });

  it('does not go back with the clock', () => {
    const before = { start: noon, reached: noon + 50, counted: noon + 53, at: NOON + 53 * MINUTE_MS };

    expect(nextPiece(before, at(NOON + 30 * MINUTE_MS))).toEqual({
      piece: null,
      after: { ...before, counted: noon + 50 },
      behind: false,
    });
  });

  it.each([
    ['hours', 5 * 60 + 7],
    ['days', 5 * DAY + 7],
    ['months', 80 * DAY + 7],
  ])('catches up after %s without a gap, in buckets that are still kept, and makes every longer one', (_what, minutes) => {
    const now = NOON + 6_000;
    let state = begun(noon - minutes, now);
    const pieces: Piece[] = [];
    for (let behind = true; behind;) {
      const next = nextPiece(state, at(now));
      if (next.piece) pieces.push(next.piece);
      ({ after: state, behind } = next);
    }

    expect(pieces.length).toBeLessThan(300);
    expect(state).toEqual({ start: noon - minutes, reached: noon - 3, counted: noon, at: now });
    for (const [n, piece] of pieces.entries()) {
      expect(piece.from).toBe(pieces[n - 1]?.to ?? noon - minutes);
      expect(piece.from % piece.grain).toBe(0);
      expect(piece.grain).toBeLessThanOrEqual(finestKept(noon - piece.from));
    }
    const made = new Set(pieces.flatMap(({ rollUps }) => rollUps.map(({ step, begins }) => `${step} ${begins}`)));
    for (const piece of pieces)
      for (let at = piece.from; at + piece.grain <= piece.to; at += piece.grain) made.add(`${piece.grain} ${at}`);
    expect(wanted(noon - minutes, state.reached).filter((bucket) => !made.has(bucket))).toEqual([]);
  });
});

describe('the backfill', () => {
  it.each([
    ['an hour', 40],
    ['a week', 7 * DAY],
    ['the longest that is kept', 400 * DAY],
  ])('goes back for %s without a gap, and makes every longer bucket when its first part is counted', (_what, minutes) => {
    const to = noon - 20;
    let reached = { from: to - minutes, to };
    const pieces: Piece[] = [];
    for (let piece = pieceBefore(reached, NOON); piece !== null; piece = pieceBefore(reached, NOON)) {
      expect(piece.to).toBe(reached.to);
      expect(piece.from % piece.grain).toBe(0);
      expect(piece.to % piece.grain).toBe(0);
      expect(piece.grain).toBeLessThanOrEqual(finestKept(noon - piece.to));
      pieces.push(piece);
      reached = { ...reached, to: piece.from };
    }

    expect(pieces.length).toBeLessThan(1_000);
    expect(reached.to).toBeLessThanOrEqual(to - minutes);
    const made = new Set(pieces.flatMap(({ rollUps }) => rollUps.map(({ step, begins }) => `${step} ${begins}`)));
    for (const piece of pieces) for (let at = piece.from; at < piece.to; at += piece.grain) made.add(`${piece.grain} ${at}`);
    expect(wanted(reached.to, to).filter((bucket) => !made.has(bucket))).toEqual([]);
  });

  it('is over at its end', () => {
    expect(pieceBefore({ from: noon, to: noon }, NOON)).toBeNull();
    expect(pieceBefore({ from: noon, to: noon - 5 }, NOON)).toBeNull();
  });
});
