import { useInfiniteQuery, type QueryKey, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { faultOf, type Fault } from './errors.js';
import { gathered } from './gathered.js';
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
  /** There are more of them than that. */
  hasMoreFresh: boolean;
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
    hasMoreFresh: false,
    showFresh: () => {},
  };
}

type Pages<Row> = { pages: Page<Row>[]; pageParams: unknown[] };

/** Lists with more pages are no longer asked for by themselves: each page is a request. */
const LIVE_PAGES = 3;
/** Neither are lists with more new rows: those that are shown would be beyond these pages. */
const MOST_FRESH = 100;

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
  const [shown, setShown] = useState<{ name: string; rows: Row[] }>({ name, rows: [] });
  const shownOf = ({ pages }: Pages<Row> = { pages: [], pageParams: [] }) =>
    gathered(
      pages.flatMap(({ data }) => data),
      pages.at(-1)?.done ?? false,
      gather && shown.name === name ? shown.rows : [],
    );
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<Row>) => (last.done ? undefined : (last.iterator ?? undefined)),
    enabled,
    refetchInterval: ({ state }) => {
      const isLive = (state.data?.pages.length ?? 0) <= LIVE_PAGES && shownOf(state.data).fresh < MOST_FRESH;
      return enabled && isLive ? rule.refetchInterval({ state }) : false;
    },
    refetchIntervalInBackground: false,
  });
  const { pages = [] } = query.data ?? {};
  const { rows, fresh, isBehind } = shownOf(query.data);
  if (shown.name !== name || !isSame(rows, shown.rows)) setShown({ name, rows });
  const { isFetching, hasNextPage, fetchNextPage } = query;
  // New rows push those that are shown off the pages that are asked for: they would stay as they were.
  const known = pages.reduce((sum, { data }) => sum + data.length, -fresh);
  const isPushedOut = !isBehind && known < rows.length && pages.length < LIVE_PAGES;
  const needsPage = isPushedOut && hasNextPage && !isFetching && query.error === null;
  useEffect(() => {
    if (needsPage) void fetchNextPage();
  }, [needsPage, fetchNextPage]);
  return {
    rows,
    loading: query.isPending && enabled,
    fault: query.error === null ? null : faultOf(query.error),
    retry: () => void query.refetch(),
    hasMore: hasNextPage && !isBehind,
    loadingMore: query.isFetchingNextPage,
    more: () => void (isFetching || fetchNextPage()),
    fresh,
    hasMoreFresh: isBehind,
    showFresh: () => {
      setShown({ name, rows: [] });
      // Those that have come since the last answer belong to them.
      void query.refetch().then(() => setShown({ name, rows: [] }));
    },
  };
}

const isSame = <Row>(one: readonly Row[], other: readonly Row[]) =>
  one.length === other.length && one.every((row, at) => row === other[at]);
