/** One page, as the API answers it. */
export interface Page<Row> {
  data: Row[];
  done: boolean;
  iterator?: string | null;
}

/** Beyond so many pages a list is told to be incomplete. */
const MOST_PAGES = 4;

/** All rows of a list, as far as MOST_PAGES go. */
export async function allPages<Row>(
  page: (iterator: string | null) => Promise<Page<Row>>,
): Promise<{ data: Row[]; done: boolean }> {
  const data: Row[] = [];
  let iterator: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const next: Page<Row> = await page(iterator);
    data.push(...next.data);
    if (next.done || !next.iterator) return { data, done: true };
    iterator = next.iterator;
  }
  return { data, done: false };
}

/**
 * One page of several lists that are sorted by id, the newest first. A list that goes on may have rows below its iterator, so the page
 * ends where the first of them does. What is below is read again by the next page, which every list begins after the same id.
 */
export function mergedPages<Row extends { id: string }>(pages: readonly Page<Row>[]): Page<Row> {
  const ends = pages.flatMap(({ done, iterator }) => (done || !iterator ? [] : iterator)).toSorted();
  const end = ends.at(-1) ?? null;
  const rows = new Map(pages.flatMap(({ data }) => data).map((row) => [row.id, row]));
  const data = [...rows.values()].filter(({ id }) => end === null || id >= end);
  return { data: data.toSorted((a, b) => (a.id < b.id ? 1 : -1)), done: end === null, iterator: end };
}
