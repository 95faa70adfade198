import { describe, expect, it } from '@jest/globals';
import { percent } from '../../portal/src/texts/format.js';

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
