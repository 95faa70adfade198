/** One page of a list, as the API answers it. */
export interface Page<T> {
  data: T[];
  /** Where the next page goes on: the id of the last item, null on an empty page. */
  iterator: string | null;
  /** Where the page before this one ends: `-` and the id of the first item, absent on an empty page. */
  prevIterator?: string;
  /** Nothing more in the direction that was walked. */
  done: boolean;
}

/**
 * Makes a page of the rows that were read.
 *
 * @param rows up to `limit + 1` rows in the order of the walk; the extra one only tells that there is more
 * @param walkedBackward the walk went against the order of the list, so the rows have to be turned round
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
