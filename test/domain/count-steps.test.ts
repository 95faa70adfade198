import { describe, expect, it } from '@jest/globals';
import {
  ceilTo,
  cover,
  finestKept,
  floorTo,
  frameOf,
  keptMinutes,
  lastingMinutes,
  MINUTE_MS,
  minuteOf,
  STEPS,
  stepAbove,
  stepsOf,
} from '../../src/domain/count-steps.js';

const NOW = Date.UTC(2026, 4, 15, 12, 34, 56, 789);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ALL = STEPS.toReversed();

describe('the points of a chart', () => {
  it.each([
    ['an hour', HOUR, 1],
    ['a day', DAY, 20],
    ['a week', 7 * DAY, 120],
    ['thirty days', 30 * DAY, 720],
    ['four hundred days', 400 * DAY, 5_760],
  ])('are between 30 and 120 in %s', (_what, length, step) => {
    const frame = frameOf(NOW - length, NOW, NOW);

    expect(frame.step).toBe(step);
    expect((frame.to - frame.from) / frame.step).toBeGreaterThanOrEqual(30);
    expect((frame.to - frame.from) / frame.step).toBeLessThanOrEqual(120);
  });

  it('are whole, with the first moment and the one before the last', () => {
    for (const length of [1, HOUR - 1, HOUR, 5 * HOUR, DAY + 1, 29.9 * DAY]) {
      const { step, from, to } = frameOf(NOW - length, NOW, NOW);

      expect([from % step, to % step]).toEqual([0, 0]);
      expect(from * MINUTE_MS).toBeLessThanOrEqual(NOW - length);
      expect(to * MINUTE_MS).toBeGreaterThanOrEqual(NOW);
      expect((to - step) * MINUTE_MS).toBeLessThan(NOW);
    }
  });

  it('end at the end of the range, if that is the limit of a point', () => {
    const until = minuteOf(NOW) * MINUTE_MS;

    expect(frameOf(until - HOUR, until, NOW)).toEqual({ step: 1, from: minuteOf(NOW) - 60, to: minuteOf(NOW) });
  });

  it('are one at least, and of buckets that are still kept', () => {
    const at = NOW - 3 * DAY;
    const frame = frameOf(at, at + 1, NOW);

    expect(frame).toEqual({ step: 120, from: floorTo(minuteOf(at), 120), to: floorTo(minuteOf(at), 120) + 120 });
    expect(frameOf(NOW - 20 * DAY, NOW - 20 * DAY + HOUR, NOW).step).toBe(720);
  });
});

describe('buckets', () => {
  it('are each made of the next shorter ones', () => {
    for (const step of STEPS) expect(stepAbove(step) % step).toBe(0);
    expect(stepAbove(720)).toBe(720);
    expect(stepsOf(360)).toEqual([120, 20, 1]);
    expect(stepsOf(10)).toEqual([1]);
  });

  it('are kept the longer, the longer they are: at the end as long as the attempts', () => {
    expect(STEPS.map((step) => keptMinutes(step, 90))).toEqual([180, 3_000, 21_600, 90 * 1_440]);
    expect([1, 31, 90, 400, 3_000, 0].map(lastingMinutes)).toEqual([31, 31, 90, 400, 400, 400].map((days) => days * 1_440));
  });

  it('of the shortest kind that is kept get longer with their age', () => {
    expect([0, 180, 181, 3_000, 3_001, 21_600, 21_601, 1e6].map(finestKept)).toEqual([1, 1, 20, 20, 120, 120, 720, 720]);
  });
});

describe('the cover of a range', () => {
  it('is without a gap and without an overlap, with the longest buckets that fit', () => {
    const from = 720 * 100 + 601;
    const to = 720 * 105 + 143;

    expect(cover(from, to, ALL)).toEqual([
      { step: 1, from, to: 720 * 100 + 620 },
      { step: 20, from: 720 * 100 + 620, to: 720 * 101 },
      { step: 720, from: 720 * 101, to: 720 * 105 },
      { step: 120, from: 720 * 105, to: 720 * 105 + 120 },
      { step: 20, from: 720 * 105 + 120, to: 720 * 105 + 140 },
      { step: 1, from: 720 * 105 + 140, to },
    ]);
  });

  it('has few buckets, whatever the range', () => {
    for (let from = 72_000; from < 72_000 + 720; from += 7) {
      for (const length of [1, 19, 60, 1_439, 10_080, 43_200]) {
        const spans = cover(from, from + length, ALL);
        const minutes = spans.reduce((sum, span) => sum + span.to - span.from, 0);
        const buckets = spans.reduce((sum, span) => sum + (span.to - span.from) / span.step, 0);

        expect(minutes).toBe(length);
        expect(buckets).toBeLessThan(60 + 2 * (19 + 5 + 5));
        for (const [n, span] of spans.entries()) {
          expect([span.from % span.step, span.to % span.step]).toEqual([0, 0]);
          if (n > 0) expect(span.from).toBe(spans[n - 1]!.to);
        }
      }
    }
  });

  it('leaves out what is beside its shortest buckets, and an empty range', () => {
    expect(cover(7, 45, [20])).toEqual([{ step: 20, from: 20, to: 40 }]);
    expect(cover(40, 40, ALL)).toEqual([]);
    expect(cover(41, 40, ALL)).toEqual([]);
  });
});

it('a minute is rounded to the limits of its bucket', () => {
  expect([floorTo(39, 20), floorTo(40, 20), ceilTo(40, 20), ceilTo(41, 20)]).toEqual([20, 40, 40, 60]);
});
