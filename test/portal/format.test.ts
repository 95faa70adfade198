import { describe, expect, it } from '@jest/globals';
import { percent, relative } from '../../portal/src/texts/format.js';

describe('a share in percent', () => {
  it.each([
    [0, '0%'],
    [1, '100%'],
    [0.984, '98.4%'],
    [2601 / 2602, '>99.9%'],
    [1 / 3001, '<0.1%'],
    [0.001, '0.1%'],
    [0.999, '99.9%'],
  ])('of %s is told as %s: none and all are told only of none and all', (share, text) => {
    expect(percent(share)).toBe(text);
  });
});

describe('a time', () => {
  const HOUR_MS = 3_600_000;
  it.each([
    [0, 'now'],
    [-47 * HOUR_MS, '1 day ago'],
    [47 * HOUR_MS, 'in 1 day'],
    [-2 * HOUR_MS, '2 hr. ago'],
  ])('of %s ms from now is told as %s', (from, text) => {
    expect(relative(new Date(1_800_000_000_000 + from), 1_800_000_000_000)).toBe(text);
  });
});
