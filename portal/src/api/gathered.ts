/** What a list shows while new rows come. */
export interface Gathered<Row> {
  rows: Row[];
  /** New rows that wait, at the beginning of the list. */
  fresh: number;
  /** None of the rows that were shown is in the answer: so many new ones came. The rows are as they were seen last. */
  isBehind: boolean;
}

/**
 * The first row that was shown stays the first one until the person asks for the new ones: no row moves under the pointer. A list of nothing
 * shows all.
 *
 * @param all of the last answer, the newest first
 * @param before what was shown before it
 */
export function gathered<Row extends { id: string }>(all: Row[], before: readonly Row[]): Gathered<Row> {
  const places = new Map(all.map(({ id }, at) => [id, at]));
  // The first one may have been removed meanwhile.
  const first = before.find(({ id }) => places.has(id));
  if (first !== undefined) {
    const fresh = places.get(first.id)!;
    return { rows: all.slice(fresh), fresh, isBehind: false };
  }
  if (before.length === 0 || all.length === 0) return { rows: all, fresh: 0, isBehind: false };
  return { rows: [...before], fresh: all.length, isBehind: true };
}
