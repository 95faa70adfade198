/** What a list shows while new rows come. */
export interface Gathered<Row> {
  rows: Row[];
  /** New rows that wait, at the beginning of the list. */
  fresh: number;
  /** So many new rows came that none of those that are shown is in the answer: they are as they were seen last. */
  isBehind: boolean;
}

/**
 * The rows that were shown stay where they are until the person asks for the new ones: none moves under the pointer, and none is lost because
 * new ones push it off the pages that are asked for. A list of nothing shows all.
 *
 * @param all of the last answer, the newest first
 * @param isWhole whether there are no rows after these
 * @param before what was shown before it
 */
export function gathered<Row extends { id: string }>(all: Row[], isWhole: boolean, before: readonly Row[]): Gathered<Row> {
  const places = new Map(all.map(({ id }, at) => [id, at]));
  const isThere = ({ id }: Row) => places.has(id);
  // The first or the last one may have been removed meanwhile, and all of them, where the list has other rows alone.
  const first = before.find(isThere);
  const hasNothingShown = first === undefined && isWhole;
  if (before.length === 0 || all.length === 0 || hasNothingShown) return { rows: all, fresh: 0, isBehind: false };
  const fresh = first === undefined ? all.length : places.get(first.id)!;
  const beyond = isWhole ? [] : before.slice(before.findLastIndex(isThere) + 1);
  return { rows: [...all.slice(fresh), ...beyond], fresh, isBehind: first === undefined };
}
