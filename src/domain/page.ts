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

/**
 * Makes a page from the rows that were read.
 *
 * @param rows up to `limit + 1` rows in the order in which they were read; the extra one only shows that there are more
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
