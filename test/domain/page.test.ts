import { describe, expect, it } from '@jest/globals';
import { pageOf } from '../../src/domain/page.js';

const self = (row: string) => row;

describe('pageOf', () => {
  it('drops the extra row and says that there is more', () => {
    expect(pageOf(['a', 'b', 'c'], 2, false, self)).toEqual({ data: ['a', 'b'], iterator: 'b', prevIterator: '-a', done: false });
  });

  it('gives both iterators on the last page too', () => {
    expect(pageOf(['a', 'b'], 2, false, self)).toEqual({ data: ['a', 'b'], iterator: 'b', prevIterator: '-a', done: true });
  });

  it('reverses the rows of a page that was read backward, and leaves out the row that was read last', () => {
    expect(pageOf(['c', 'b', 'a'], 2, true, self)).toEqual({ data: ['b', 'c'], iterator: 'c', prevIterator: '-b', done: false });
    expect(pageOf(['c', 'b'], 2, true, self)).toEqual({ data: ['b', 'c'], iterator: 'c', prevIterator: '-b', done: true });
  });

  it('has no iterators when it is empty', () => {
    const page = pageOf([], 50, false, self);
    expect(page).toEqual({ data: [], iterator: null, done: true });
    expect('prevIterator' in page).toBe(false);
  });

  it('is empty at limit 0, and knows whether there is something', () => {
    expect(pageOf(['a'], 0, false, self)).toEqual({ data: [], iterator: null, done: false });
    expect(pageOf([], 0, true, self)).toEqual({ data: [], iterator: null, done: true });
  });

  it('leaves the rows alone', () => {
    const rows = ['c', 'b', 'a'];
    pageOf(rows, 2, true, self);
    expect(rows).toEqual(['c', 'b', 'a']);
  });
});
