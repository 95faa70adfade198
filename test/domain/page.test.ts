import { describe, expect, it } from '@jest/globals';
import { pageOf, searchedTo } from '../../src/domain/page.js';

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

describe('searchedTo', () => {
  const searched = (rows: string[], backward = false, fromAfter = false) =>
    searchedTo(pageOf(rows, 2, backward, self), 'x', { backward, fromAfter });

  it('leaves a full page alone, and one whose whole window was searched', () => {
    expect(searched(['a', 'b', 'c'])).toEqual(pageOf(['a', 'b', 'c'], 2, false, self));
    expect(searchedTo(pageOf(['a'], 2, false, self), null, { backward: false, fromAfter: false })).toEqual(
      pageOf(['a'], 2, false, self),
    );
  });

  it('goes on where the search ended', () => {
    expect(searched(['a'])).toEqual({ data: ['a'], iterator: 'x', prevIterator: '-a', done: false });
    expect(searched(['b', 'a'], true)).toEqual({ data: ['a', 'b'], iterator: 'b', prevIterator: '-x', done: false });
  });

  it('goes on with what is newer, whichever iterator is taken, in a list that begins at `after`', () => {
    expect(searched(['b', 'a'], true, true)).toEqual({ data: ['a', 'b'], iterator: '-x', prevIterator: '-x', done: false });
    expect(searched([], true, true)).toEqual({ data: [], iterator: '-x', prevIterator: '-x', done: false });
    expect(searched(['a'], false, true)).toMatchObject({ iterator: 'x', prevIterator: '-a' });
  });

  it('goes on from an empty page, both ways', () => {
    expect(searched([])).toEqual({ data: [], iterator: 'x', prevIterator: '-x', done: false });
    expect(searched([], true)).toEqual({ data: [], iterator: 'x', prevIterator: '-x', done: false });
  });
});
