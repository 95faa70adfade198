import { useQueries, useQuery } from '@tanstack/react-query';
import { serverNow } from '../clock.js';
import { useApplication } from './application.js';
import { request } from './client.js';
import { keys } from './keys.js';
import { live } from './live.js';

/** Attempts that began within a step from `at`. Null where nothing was counted. */
export interface AttemptPoint {
  at: Date;
  delivered: number | null;
  failed: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
}

/** Attempts over time. */
export interface AttemptStats {
  stepSeconds: number;
  /** Nothing is counted yet before this time; null if nothing is missing. */
  countedSince: Date | null;
  /** Nothing is counted yet from this time on, which is long ago: many attempts were made since. Null as a rule. */
  countedOnlyUntil: Date | null;
  delivered: number;
  failed: number;
  p50Ms: number | null;
  p95Ms: number | null;
  points: AttemptPoint[];
}

type Written = Omit<AttemptStats, 'countedSince' | 'countedOnlyUntil' | 'points'> & {
  countedSince: string | null;
  countedUntil: string;
  points: (Omit<AttemptPoint, 'at'> & { at: string })[];
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LATE_MS = 60_000;

/** How far back a chart goes. */
export const RANGES = { '1h': HOUR_MS, '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;
export type Range = keyof typeof RANGES;

/** Days that today is compared with. */
export const DAYS_BEFORE = 7;

async function attempts(appId: string, since: Date, until?: Date, signal?: AbortSignal): Promise<AttemptStats> {
  const path = `/api/v1/app/${encodeURIComponent(appId)}/stats/attempt`;
  const found = await request<Written>('GET', path, { query: { since, until }, ...(signal && { signal }) });
  const missingMs = (until?.getTime() ?? serverNow()) - Date.parse(found.countedUntil);
  return {
    ...found,
    countedOnlyUntil: missingMs > LATE_MS ? new Date(found.countedUntil) : null,
    countedSince: found.countedSince === null ? null : new Date(found.countedSince),
    points: found.points.map((point) => ({ ...point, at: new Date(point.at) })),
  };
}

/** The attempts of the application from now back, in points for a chart. */
export function useAttemptStats(range: Range) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.app(appId), 'attempt-stats', range],
    queryFn: ({ signal }) => attempts(appId, new Date(serverNow() - RANGES[range]), undefined, signal),
    ...live<AttemptStats>(),
  });
}

/** The attempts since the reader's midnight, and those of the days before it. `now`: ms since 1970. */
export function useToday(now: number) {
  const { appId } = useApplication();
  const midnight = new Date(new Date(now).setHours(0, 0, 0, 0));
  const before = new Date(new Date(midnight).setDate(midnight.getDate() - DAYS_BEFORE));
  const key = [...keys.app(appId), 'attempt-stats', midnight.getTime()];
  const [today, days] = useQueries({
    queries: [
      {
        queryKey: [...key, 'today'],
        // In the first moment of a day there would be no range.
        queryFn: () => attempts(appId, new Date(Math.min(midnight.getTime(), serverNow() - 60_000))),
        ...live<AttemptStats>(),
      },
      { queryKey: [...key, 'before'], queryFn: () => attempts(appId, before, midnight), staleTime: HOUR_MS },
    ],
  });
  return { today, before: days };
}
