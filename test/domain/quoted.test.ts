import { describe, expect, it } from '@jest/globals';
import { listed, quoted, shortened, shortPath } from '../../src/domain/quoted.js';

describe('an error repeats of its input', () => {
  it('a text of 200 characters whole, and the beginning of a longer one', () => {
    expect(shortened('a'.repeat(200))).toBe('a'.repeat(200));
    expect(shortened('a'.repeat(201))).toBe(`${'a'.repeat(200)}…`);
    expect(quoted('a"b')).toBe('"a\\"b"');
  });

  it('no half of a character', () => {
    expect(shortened('🦄'.repeat(150), 201).isWellFormed()).toBe(true);
  });

  it('ten names', () => {
    expect(listed(['a', 'b'])).toBe('a, b');
    expect(listed(Array.from({ length: 12 }, (_, n) => `n${n}`))).toBe('n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 2 more');
  });

  it('fewer names if they are long', () => {
    expect(listed(['a'.repeat(256), 'b'])).toBe(`${'a'.repeat(200)}… and 1 more`);
  });

  it('the beginning of a path', () => {
    expect(shortPath(['body', 'a'])).toEqual(['body', 'a']);
    expect(shortPath(['body', 'a'.repeat(300), 'b'])).toEqual(['body', `${'a'.repeat(196)}…`, '…']);
  });
});
