import { firstIdAt, isId, lastIdAt, timeOf, type IdPrefix } from './ids.js';
import type { Walk } from './page.js';

const WINDOW_MS = 90 * 24 * 3_600_000;
const AHEAD_MS = 3_600_000;

/** The query of a list whose items are sorted by time. */
export interface PageQuery {
  limit: number;
  /** The page begins after the item with this id. With a leading `-`: it ends before that item. */
  iterator: string | null;
  /** Only items that are older. */
  before: Date | null;
  /** Only items of this time or newer. */
  after: Date | null;
}

/** Which rows to read, by their ids, and in which order. Both limits are exclusive. */
export interface IdWindow {
  above: string | null;
  below: string | null;
  /** The order of reading. If it is not the order of the list, the rows have to be reversed for the answer. */
  order: 'newest-first' | 'oldest-first';
}

/**
 * How many rows a page with a filter searches at most, for which there is no index. Without a limit, a page of a filter that matches hardly
 * anything would read everything that an application ever got. If the limit is reached the page ends, and `iterator` goes on from there.
 */
export const MAX_SEARCHED = 5_000;

/** The part of a window that one page searches. `end`: the id with which it ends before the window does; null if it is the whole window. */
export interface Span {
  window: IdWindow;
  end: string | null;
}

/** How a page of this window is read (page.ts). */
export function walkOf({ order }: IdWindow, { before, after }: Pick<PageQuery, 'before' | 'after'>): Walk {
  return { backward: order === 'oldest-first', fromAfter: after !== null && before === null };
}

/** The part of a window up to this id and with it, in the order of reading; the whole window if there is no such id. */
export function spanTo(window: IdWindow, end: string | undefined): Span {
  if (end === undefined) return { window, end: null };
  return { window: { ...window, ...(window.order === 'newest-first' ? { above: justBelow(end) } : { below: `${end}0` }) }, end };
}

/** A text between this id and all smaller ones of the same length. `${id}0` is one between it and all larger ones. */
function justBelow(id: string): string {
  return `${id.slice(0, -1)}${String.fromCharCode(id.charCodeAt(id.length - 1) - 1)}~`;
}

/**
 * The window of a list that is limited in time (messages, attempts). Such a list is always shown newest first. A page covers at most 90 days,
 * so that it never reads a whole table. They are counted from `before`, `after`, the iterator or now. `after` alone reads from that time
 * on, and `-id` from that id on: both read oldest first, and the page is reversed.
 *
 * @param nowMs Unix milliseconds
 * @throws RangeError if the iterator is not an id with this prefix; the caller's schema should have refused it before
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
  return { above: largest(above), below: smallest(below), order: backward ? 'oldest-first' : 'newest-first' };
}

/**
 * The window of a list that is not limited in time, sorted by id or name. It is read backward exactly if the iterator starts with `-`.
 *
 * @param iterator the key after which the page begins, or `-` and the key before which it ends
 * @param order in which the list is shown; `ascending` is oldest first
 */
export function keyWindow(iterator: string | null, order: 'ascending' | 'descending'): IdWindow {
  const backward = iterator?.startsWith('-') ?? false;
  const upward = (order === 'ascending') !== backward;
  const key = backward ? iterator!.slice(1) : iterator;
  return { above: upward ? key : null, below: upward ? null : key, order: upward ? 'oldest-first' : 'newest-first' };
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
