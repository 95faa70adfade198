import { describe, expect, it } from '@jest/globals';
import { firstIdAt, lastIdAt, newId, timeOf } from '../../src/domain/ids.js';
import { pageOf, type Page } from '../../src/domain/page.js';
import { keyWindow, timeWindow, type IdWindow, type PageQuery } from '../../src/domain/time-window.js';

const NOW = Date.UTC(2024, 4, 15, 12);
const DAY = 86_400_000;
const HOUR = 3_600_000;
const none: PageQuery = { limit: 50, iterator: null, before: null, after: null };
const first = (ms: number) => firstIdAt('msg_', ms);
const last = (ms: number) => lastIdAt('msg_', ms);
const query = (changes: Partial<PageQuery>) => timeWindow('msg_', { ...none, ...changes }, NOW);

/** What a table would answer. */
function read(ids: string[], window: IdWindow, limit: number): string[] {
  const inside = ids.filter((id) => (window.above === null || id > window.above) && (window.below === null || id < window.below));
  inside.sort();
  return (window.order === 'oldest-first' ? inside : inside.reverse()).slice(0, limit + 1);
}

function list(ids: string[], changes: Partial<PageQuery>): Page<string> {
  const asked = { ...none, ...changes };
  const window = timeWindow('msg_', asked, NOW);
  return pageOf(read(ids, window, asked.limit), asked.limit, window.order === 'oldest-first', (id) => id);
}

describe('the window of a time-limited list', () => {
  const t = NOW - 10 * DAY;
  const id = newId('msg_', t);
  const [low, high] = [new Date(NOW - 20 * DAY), new Date(NOW - 5 * DAY)];

  it.each<[string, Partial<PageQuery>, IdWindow]>([
    ['is the last 90 days', {}, { above: first(NOW - 90 * DAY), below: first(NOW + HOUR), order: 'newest-first' }],
    [
      'is the 90 days before `before`',
      { before: high },
      { above: first(NOW - 95 * DAY), below: first(NOW - 5 * DAY), order: 'newest-first' },
    ],
    [
      'runs from `after` to the present, walked onwards',
      { after: low },
      { above: first(NOW - 20 * DAY), below: first(NOW + HOUR), order: 'oldest-first' },
    ],
    [
      'is the 90 days after an old `after`',
      { after: new Date(NOW - 200 * DAY) },
      { above: first(NOW - 200 * DAY), below: last(NOW - 110 * DAY), order: 'oldest-first' },
    ],
    [
      'lies between `after` and `before`',
      { after: low, before: high },
      { above: first(NOW - 20 * DAY), below: first(NOW - 5 * DAY), order: 'newest-first' },
    ],
    [
      'reaches 90 days back from `before` if `after` is older',
      { after: new Date(NOW - 300 * DAY), before: high },
      { above: first(NOW - 95 * DAY), below: first(NOW - 5 * DAY), order: 'newest-first' },
    ],
    [
      'is the 90 days before an iterator',
      { iterator: id },
      { above: first(timeOf(id) - 90 * DAY), below: id, order: 'newest-first' },
    ],
    ['runs from a backward iterator on', { iterator: `-${id}` }, { above: id, below: first(NOW + HOUR), order: 'oldest-first' }],
    [
      'is the 90 days after an old backward iterator',
      { iterator: `-${first(NOW - 200 * DAY)}` },
      { above: first(NOW - 200 * DAY), below: last(NOW - 110 * DAY), order: 'oldest-first' },
    ],
    [
      'is walked as the iterator says, whatever `after`',
      { iterator: id, after: low },
      { above: first(NOW - 20 * DAY), below: id, order: 'newest-first' },
    ],
    [
      'is bounded by a backward iterator and `before`',
      { iterator: `-${id}`, before: high },
      { above: id, below: first(NOW - 5 * DAY), order: 'oldest-first' },
    ],
    [
      'is bounded by whichever is tighter',
      { iterator: `-${id}`, after: high, before: new Date(NOW + 30 * DAY) },
      { above: first(NOW - 5 * DAY), below: first(NOW + HOUR), order: 'oldest-first' },
    ],
  ])('%s', (_, changes, window) => {
    expect(query(changes)).toEqual(window);
  });

  it.each(['nonsense', '-', '', `--${newId('msg_')}`, newId('app_'), `msg_${'z'.repeat(27)}`])(
    'refuses the iterator %j',
    (iterator) => {
      expect(() => query({ iterator })).toThrow(RangeError);
    },
  );
});

describe('reading a time-limited list page by page', () => {
  const ids = Array.from({ length: 28 }, (_, i) => newId('msg_', NOW - HOUR + i * 20));
  const newest = ids.toReversed();
  const timestamp = (id: string) => new Date(timeOf(id));

  it('goes forward to the end and back over the same pages', () => {
    const one = list(ids, { limit: 10 });
    const two = list(ids, { limit: 10, iterator: one.iterator });
    const three = list(ids, { limit: 10, iterator: two.iterator });
    expect([one.data, two.data, three.data]).toEqual([newest.slice(0, 10), newest.slice(10, 20), newest.slice(20)]);
    expect([one.done, two.done, three.done]).toEqual([false, false, true]);

    const backToTwo = list(ids, { limit: 10, iterator: three.prevIterator! });
    const backToOne = list(ids, { limit: 10, iterator: backToTwo.prevIterator! });
    expect([backToTwo.data, backToOne.data]).toEqual([two.data, one.data]);
    expect([backToTwo.done, backToOne.done]).toEqual([false, true]);
    expect(list(ids, { limit: 10, iterator: backToOne.prevIterator! })).toEqual({ data: [], iterator: null, done: true });
  });

  it('cuts the middle out by both times, and continues both ways from there', () => {
    const middle = newest.slice(10, 20);
    const page = list(ids, { after: timestamp(middle.at(-1)!), before: timestamp(newest[9]!) });
    expect(page).toMatchObject({ data: middle, done: true });
    expect(list(ids, { iterator: page.iterator }).data).toEqual(newest.slice(20));
    expect(list(ids, { iterator: page.prevIterator! }).data).toEqual(newest.slice(0, 10));
  });

  it('includes the item at `after` and excludes the one at `before`', () => {
    const [older, item, newer] = [newest[6]!, newest[5]!, newest[4]!];
    expect(list(ids, { after: timestamp(item) }).data).toEqual(newest.slice(0, 6));
    expect(list(ids, { before: timestamp(item) }).data).toEqual(newest.slice(6));
    expect(list(ids, { after: timestamp(older), before: timestamp(newer) }).data).toEqual([item, older]);
  });

  it('is exact to 5 ms around an item', () => {
    const item = newest[5]!;
    const [earlier, later] = [new Date(timeOf(item) - 5), new Date(timeOf(item) + 5)];
    expect(list(ids, { after: earlier, before: later }).data).toEqual([item]);
    expect(list(ids, { before: earlier }).data).not.toContain(item);
    expect(list(ids, { after: later }).data).not.toContain(item);
  });

  it('takes the items nearest to `after`, newest first, and says whether newer ones follow', () => {
    const page = list(ids, { limit: 10, after: timestamp(ids[3]!) });
    expect(page).toMatchObject({ data: ids.slice(3, 13).toReversed(), done: false });
    expect(list(ids, { limit: 25, after: timestamp(ids[3]!) })).toMatchObject({ data: ids.slice(3).toReversed(), done: true });
  });

  it('does not show what is more than an hour ahead or 90 days old', () => {
    const [old, ahead] = [newId('msg_', NOW - 91 * DAY), newId('msg_', NOW + 2 * HOUR)];
    expect(list([old, ...ids, ahead], {}).data).toEqual(newest);
    expect(list([old, ...ids, ahead], { before: timestamp(ids[0]!) }).data).toEqual([]);
  });
});

describe('the window of a list without time limits', () => {
  it.each<[string | null, 'ascending' | 'descending', IdWindow]>([
    [null, 'ascending', { above: null, below: null, order: 'oldest-first' }],
    [null, 'descending', { above: null, below: null, order: 'newest-first' }],
    ['k', 'ascending', { above: 'k', below: null, order: 'oldest-first' }],
    ['k', 'descending', { above: null, below: 'k', order: 'newest-first' }],
    ['-k', 'ascending', { above: null, below: 'k', order: 'newest-first' }],
    ['-k', 'descending', { above: 'k', below: null, order: 'oldest-first' }],
  ])('goes on from %s, %s', (iterator, order, window) => {
    expect(keyWindow(iterator, order)).toEqual(window);
  });
});
