import { firstIdAt, isId, lastIdAt, timeOf, type IdPrefix } from './ids.js';

const WINDOW_MS = 90 * 24 * 3_600_000;
const AHEAD_MS = 3_600_000;

/** What a client asks of a list whose items are sorted by time. */
export interface PageQuery {
  limit: number;
  /** Id of the item to go on after; with a leading `-`: the page before that item. */
  iterator: string | null;
  /** Only what is older. */
  before: Date | null;
  /** Only what is as old or newer. */
  after: Date | null;
}

/** Which rows to read, by their ids, and in which order. Both bounds are exclusive. */
export interface IdWindow {
  above: string | null;
  below: string | null;
  /** The order of reading. What is walked against the order of the list has to be turned round for the answer. */
  walk: 'newest-first' | 'oldest-first';
}

/**
 * The window of a time-limited list (messages, attempts), which is presented newest first whatever the walk. No page looks at
 * more than 90 days, so that none has to read a whole table: they count from `before`, `after`, the iterator or now. `after`
 * alone walks from that time onwards, and `-id` from that id onwards: both read oldest first, and the page is turned round.
 *
 * @param nowMs Unix milliseconds
 * @throws RangeError if the iterator is no id with this prefix; the caller's schema should have said so before
 */
export function timeWindow(prefix: IdPrefix, query: PageQuery, nowMs: number): IdWindow {
  const { before, after } = query;
  const from = query.iterator === null ? null : iteratorOf(prefix, query.iterator);
  const above: string[] = [];
  const below = [firstIdAt(prefix, nowMs + AHEAD_MS)];

  if (before !== null) {
    below.push(firstIdAt(prefix, before.getTime()));
    above.push(firstIdAt(prefix, before.getTime() - WINDOW_MS));
  }
  if (after !== null) {
    above.push(firstIdAt(prefix, after.getTime()));
    if (before === null) below.push(lastIdAt(prefix, after.getTime() + WINDOW_MS));
  }
  if (before === null && after === null) {
    if (from?.backward) below.push(lastIdAt(prefix, timeOf(from.id) + WINDOW_MS));
    else above.push(firstIdAt(prefix, (from === null ? nowMs : timeOf(from.id)) - WINDOW_MS));
  }
  if (from !== null) (from.backward ? above : below).push(from.id);

  const backward = from === null ? after !== null && before === null : from.backward;
  return { above: largest(above), below: smallest(below), walk: backward ? 'oldest-first' : 'newest-first' };
}

/**
 * The window of a list without time limits, sorted by id or name. The page was walked backward exactly if the iterator starts with `-`.
 *
 * @param iterator key of the item to go on after, or `-` and the key of the item to stop before
 * @param order in which the list is presented; `ascending` is oldest first
 */
export function keyWindow(iterator: string | null, order: 'ascending' | 'descending'): IdWindow {
  const backward = iterator?.startsWith('-') ?? false;
  const upward = (order === 'ascending') !== backward;
  const key = backward ? iterator!.slice(1) : iterator;
  return { above: upward ? key : null, below: upward ? null : key, walk: upward ? 'oldest-first' : 'newest-first' };
}

function iteratorOf(prefix: IdPrefix, iterator: string): { id: string; backward: boolean } {
  const backward = iterator.startsWith('-');
  const id = backward ? iterator.slice(1) : iterator;
  if (!isId(prefix, id)) throw new RangeError(`The iterator is not an id that starts with ${prefix}`);
  return { id, backward };
}

function largest(ids: readonly string[]): string | null {
  return ids.reduce<string | null>((best, id) => (best === null || id > best ? id : best), null);
}

function smallest(ids: readonly string[]): string | null {
  return ids.reduce<string | null>((best, id) => (best === null || id < best ? id : best), null);
}
