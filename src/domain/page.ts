/** One page of a list, as in the API's answers. */
export interface Page<T> {
  data: T[];
  /** The iterator of the next page: the id of the last item; null on an empty page. */
  iterator: string | null;
  /** The iterator of the page before: `-` and the id of the first item. Absent on an empty page. */
  prevIterator?: string;
  /** Whether there are no more items in the direction of this page. */
  done: boolean;
}

/** Limit on the payloads of a page, or on other large values in it. A page may be shorter than asked for because of it. */
export const PAGE_BYTES = 4_194_304;

/** How many of the first items fit into a page: at least one. */
export function fittingItems(bytes: readonly number[], limit: number): number {
  let sum = 0;
  const tooMany = bytes.findIndex((size, at) => (sum += size) > PAGE_BYTES && at > 0);
  return tooMany === -1 ? limit : Math.min(tooMany, limit);
}

/** An item that may be large, before it is read. */
export interface ItemSize {
  id: string;
  bytes: number;
}

/** The ids of a page of items that may be large, from the sizes of up to `limit + 1` of them. */
export function pageOfSizes(
  sizes: ItemSize[],
  limit: number,
  walkedBackward: boolean,
  iteratorOf = (id: string) => id,
): Page<string> {
  const count = fittingItems(
    sizes.map(({ bytes }) => bytes),
    limit,
  );
  const ids = sizes.map(({ id }) => id);
  return pageOf(ids, count, walkedBackward, iteratorOf);
}

/** How a page was read: against the order of the list or with it, and whether the list begins at `after` (time-window.ts). */
export interface Walk {
  backward: boolean;
  fromAfter: boolean;
}

/**
 * The page of a list that was searched up to the id `end` only (time-window.ts), null for all of it. If the page is not full, it goes on from
 * there. A list that begins at `after` has nothing before its first page, so `iterator` too goes on with what is newer there: a client that follows
 * only `iterator` would miss it otherwise.
 */
export function searchedTo<T>(page: Page<T>, end: string | null, { backward, fromAfter }: Walk): Page<T> {
  if (end === null || !page.done) return page;
  const { iterator, prevIterator } = page;
  const onward = `-${end}`;
  if (backward) return { ...page, iterator: fromAfter ? onward : (iterator ?? end), prevIterator: onward, done: false };
  return { ...page, iterator: end, prevIterator: prevIterator ?? onward, done: false };
}

/**
 * Makes a page from the rows that were read.
 *
 * @param rows up to `limit + 1` rows in the order in which they were read; the extra one only shows that there are more. If the page holds
 * fewer (`fittingItems`), `limit` is their number
 * @param walkedBackward the rows were read against the order of the list, and have to be reversed
 */
export function pageOf<T>(rows: T[], limit: number, walkedBackward: boolean, idOf: (row: T) => string): Page<T> {
  const data = rows.slice(0, limit);
  if (walkedBackward) data.reverse();
  const done = rows.length <= limit;
  const [first] = data;
  const last = data.at(-1);
  if (first === undefined || last === undefined) return { data, iterator: null, done };
  return { data, iterator: idOf(last), prevIterator: `-${idOf(first)}`, done };
}
