import { useInfiniteQuery, type QueryKey, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, type Fault } from './errors.js';
import { live } from './live.js';
import type { Page } from './page.js';

/** A list as a table shows it. */
export interface List<Row> {
  rows: Row[];
  loading: boolean;
  /** Why there are no rows, or why the shown ones may be old. */
  fault: Fault | null;
  retry(): void;
  hasMore: boolean;
  loadingMore: boolean;
  more(): void;
  /** Rows that came after the list was shown. They wait, so that no row moves under the pointer. */
  fresh: number;
  showFresh(): void;
}

/** A list that one request answers whole: there are no further pages, and new rows are shown at once. */
export function wholeList<Row>(query: UseQueryResult<unknown>, rows: Row[]): List<Row> {
  return {
    rows,
    loading: query.isPending,
    fault: query.error ? faultOf(query.error) : null,
    retry: () => void query.refetch(),
    hasMore: false,
    loadingMore: false,
    more: () => {},
    fresh: 0,
    showFresh: () => {},
  };
}

type Pages<Row> = { pages: Page<Row>[]; pageParams: unknown[] };

/** Lists with more pages are no longer asked for by themselves: each page is a request. */
const LIVE_PAGES = 3;

/**
 * A list of the API, page by page, newest first, and live.
 *
 * @param isFinal whether a row can still change by itself. By default none does.
 */
export function useList<Row extends { id: string }>(options: {
  key: QueryKey;
  page: (iterator: string | null) => Promise<Page<Row>>;
  isFinal?: (row: Row) => boolean;
  enabled?: boolean;
  /** False if new rows are shown at once: where only the reader makes them. */
  gather?: boolean;
}): List<Row> {
  const { key, page, isFinal = () => true, enabled = true, gather = true } = options;
  const rule = live<Pages<Row>>(({ pages }) => pages.every(({ data }) => data.every(isFinal)));
  const name = JSON.stringify(key);
  const [shown, setShown] = useState<{ name: string; from: string | null }>({ name, from: null });
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<Row>) => (last.done ? undefined : (last.iterator ?? undefined)),
    enabled,
    refetchInterval: ({ state }) =>
      enabled && (state.data?.pages.length ?? 0) <= LIVE_PAGES ? rule.refetchInterval({ state }) : false,
    refetchIntervalInBackground: false,
  });
  const { pages = [] } = query.data ?? {};
  const all = pages.flatMap(({ data }) => data);
  // The first row that was shown stays the first one until the person asks for the new ones.
  if (all.length > 0 && (shown.name !== name || shown.from === null)) setShown({ name, from: all[0]!.id });
  const fresh =
    gather && shown.name === name && shown.from !== null
      ? Math.max(
          0,
          all.findIndex(({ id }) => id === shown.from),
        )
      : 0;
  return {
    rows: all.slice(fresh),
    loading: query.isPending && enabled,
    fault: query.error === null ? null : faultOf(query.error),
    retry: () => void query.refetch(),
    hasMore: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    more: () => void (query.isFetching || query.fetchNextPage()),
    fresh,
    showFresh: () => setShown({ name, from: all[0]?.id ?? null }),
  };
}
