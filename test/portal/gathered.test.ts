import { describe, expect, it } from '@jest/globals';
import { gathered } from '../../portal/src/api/gathered.js';

const rows = (...ids: number[]) => ids.map((id) => ({ id: String(id) }));
const shownOf = (all: number[], before: number[], isWhole = false) => {
  const { rows: shown, ...rest } = gathered(rows(...all), isWhole, rows(...before));
  return { ids: shown.map(({ id }) => Number(id)), ...rest };
};

describe('rows that come while a list is shown', () => {
  it('wait above those that were shown, of which none goes', () => {
    expect(shownOf([5, 4, 3], [3, 2, 1])).toEqual({ ids: [3, 2, 1], fresh: 2, isBehind: false });
  });

  it('are shown at once if there was nothing', () => {
    expect(shownOf([2, 1], [])).toEqual({ ids: [2, 1], fresh: 0, isBehind: false });
  });

  it('wait above the second if the first was removed', () => {
    expect(shownOf([4, 2, 1], [3, 2, 1])).toEqual({ ids: [2, 1], fresh: 1, isBehind: false });
  });

  it('leave no row that was removed, within the pages or after the last', () => {
    expect(shownOf([6, 5, 3], [5, 4, 3, 2])).toEqual({ ids: [5, 3, 2], fresh: 1, isBehind: false });
    expect(shownOf([6, 5, 3], [5, 4, 3, 2], true)).toEqual({ ids: [5, 3], fresh: 1, isBehind: false });
  });

  it('move no row, however many came: those that were shown stay as they were', () => {
    expect(shownOf([9, 8, 7], [3, 2, 1])).toEqual({ ids: [3, 2, 1], fresh: 3, isBehind: true });
  });

  it('are shown at once if all that was shown was removed', () => {
    expect(shownOf([9, 8], [3, 2, 1], true)).toEqual({ ids: [9, 8], fresh: 0, isBehind: false });
  });

  it('are none where all was removed', () => {
    expect(shownOf([], [2, 1], true)).toEqual({ ids: [], fresh: 0, isBehind: false });
  });

  it('come below with the next page', () => {
    expect(shownOf([5, 4, 3, 2, 1, 0], [3, 2])).toEqual({ ids: [3, 2, 1, 0], fresh: 2, isBehind: false });
  });
});
