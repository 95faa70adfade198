import { describe, expect, it } from '@jest/globals';
import { judge, type Sample } from '../../bench/soak/judge.js';

const MINUTE_MS = 60_000;
const SAMPLES = 120;
const TOLERANCE = { share: 0.1, amount: 5 };

/** Two hours of a value, a sample a minute, with noise that is the same in each run. */
function hours(valueAt: (minute: number) => number, noise = 3): Sample[] {
  let state = 7;
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32 - 0.5;
  return Array.from({ length: SAMPLES }, (_, n) => ({ atMs: n * MINUTE_MS, values: { it: valueAt(n) + 2 * noise * random() } }));
}

const verdict = (samples: Sample[]) => judge(samples, { it: TOLERANCE })[0]!;

describe('the judge of a soak', () => {
  it.each([
    ['a constant value', () => 100],
    ['a value that grows only while it warms up', (n: number) => Math.min(100, 20 + n * 2)],
    ['a sawtooth that falls back to the same value each time', (n: number) => 100 + (n % 10) * 6],
    ['waves', (n: number) => 100 + 40 * Math.sin(n / 3)],
    ['a value that falls', (n: number) => 200 - n],
    ['single peaks, also at the end', (n: number) => (n % 17 === 0 || n > 115 ? 900 : 100)],
    ['a value of zero', () => 0],
  ])('lets pass %s', (_, valueAt) => {
    expect(verdict(hours(valueAt))).toMatchObject({ name: 'it', grew: false });
  });

  it.each([
    ['a slow leak', (n: number) => 100 + n * 0.2],
    ['a leak under waves', (n: number) => 100 + n * 0.4 + 20 * Math.sin(n / 2)],
    ['a step', (n: number) => (n < 85 ? 100 : 120)],
    ['a sawtooth that never falls back the whole way', (n: number) => 100 + (n % 10) * 6 + Math.floor(n / 10) * 4],
    ['a leak from zero', (n: number) => Math.max(0, n - 30) * 0.2],
  ])('notices %s', (_, valueAt) => {
    expect(verdict(hours(valueAt))).toMatchObject({ name: 'it', grew: true });
  });

  it('says how fast it grew', () => {
    const { perHour, early, late } = verdict(hours((n) => 100 + n, 0));
    expect([perHour, early, late].map(Math.round)).toEqual([60, 153, 207]);
  });

  it('judges each value by its own tolerance, and only at the moments when it was measured', () => {
    const samples = hours((n) => 100 + n).map(({ atMs, values }, n) => ({
      atMs,
      values: n % 2 === 0 ? { ...values, other: 1 } : values,
    }));
    const wide = { share: 1, amount: 0 };
    expect(judge(samples, { it: wide, other: TOLERANCE }).map(({ name, grew }) => [name, grew])).toEqual([
      ['it', false],
      ['other', false],
    ]);
  });

  it('refuses to judge by a handful of samples', () => {
    expect(() => verdict(hours(() => 1).slice(0, 10))).toThrow('the soak was too short to judge');
  });
});
