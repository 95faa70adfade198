import { describe, expect, it } from '@jest/globals';
import { gathered } from '../../portal/src/api/gathered.js';

const rows = (...ids: number[]) => ids.map((id) => ({ id: String(id) }));
const idsOf = (all: number[], before: number[]) => {
  const { rows: shown, ...rest } = gathered(rows(...all), rows(...before));
  return { ids: shown.map(({ id }) => Number(id)), ...rest };
};

describe('rows that come while a list is shown', () => {
  it('wait above the first that was shown', () => {
    expect(idsOf([5, 4, 3, 2], [3, 2, 1])).toEqual({ ids: [3, 2], fresh: 2, isBehind: false });
  });

  it('are shown at once if there was nothing', () => {
    expect(idsOf([2, 1], [])).toEqual({ ids: [2, 1], fresh: 0, isBehind: false });
  });

  it('wait above the second if the first was removed', () => {
    expect(idsOf([4, 2, 1], [3, 2, 1])).toEqual({ ids: [2, 1], fresh: 1, isBehind: false });
  });

  it('move no row, however many came: those that were shown stay as they were', () => {
    expect(idsOf([9, 8, 7], [3, 2, 1])).toEqual({ ids: [3, 2, 1], fresh: 3, isBehind: true });
  });

  it('are none where all was removed', () => {
    expect(idsOf([], [2, 1])).toEqual({ ids: [], fresh: 0, isBehind: false });
  });
});
