import { useQuery } from '@tanstack/react-query';
import { MessageStatus } from 'svix';
import { serverNow } from '../../clock.js';
import { request, svix } from '../client.js';
import { live } from '../live.js';
import { consoleKeys } from './names.js';

const HOUR_MS = 3_600_000;

/** The ranges of the charts, by their names in the address. */
export const RANGES = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS, '30d': 720 * HOUR_MS } as const;
export type RangeName = keyof typeof RANGES;

interface Counts {
  delivered: number;
  failed: number;
  p50Ms: number | null;
  p95Ms: number | null;
}

/** Attempts over time. Points that nothing was counted for have nulls. */
export interface AttemptStats extends Counts {
  since: string;
  until: string;
  stepSeconds: number;
  countedSince: string | null;
  countedUntil: string;
  points: ({ at: string } & { [name in keyof Counts]: number | null })[];
}

/** An endpoint with the attempts at it in a range. */
export interface RankedEndpoint extends Counts {
  appId: string;
  appUid: string | null;
  appName: string;
  endpointId: string;
  url: string;
  disabled: boolean;
}

export type Ranking = 'failing' | 'slow';

const sinceOf = (range: RangeName) => new Date(serverNow() - RANGES[range]);

/** All attempts of the organisation, or of all of them for an operator. */
export function useAttempts(range: RangeName) {
  return useQuery({
    queryKey: [...consoleKeys.attempts, range],
    queryFn: ({ signal }) => request<AttemptStats>('GET', '/api/v1/stats/attempt', { query: { since: sinceOf(range) }, signal }),
    ...live<AttemptStats>(),
  });
}

/** The endpoints that fail most, or are slowest. */
export function useRanking(range: RangeName, order: Ranking, limit = 10) {
  return useQuery({
    queryKey: [...consoleKeys.ranking, range, order, limit],
    queryFn: async ({ signal }) => {
      const query = { since: sinceOf(range), order, limit };
      return (await request<{ data: RankedEndpoint[] }>('GET', '/api/v1/stats/endpoint', { query, signal })).data;
    },
    ...live<RankedEndpoint[]>(),
  });
}

/** More than these are not counted. */
export const MOST_WAITING = 100;

/** How many messages are to be tried again at an endpoint; at most MOST_WAITING. Asked for each row, so only now and then. */
export function useWaiting(appId: string, endpointId: string) {
  const filter = { status: MessageStatus.Sending, limit: MOST_WAITING, withContent: false };
  return useQuery<number>({
    queryKey: [...consoleKeys.ranking, 'waiting', appId, endpointId],
    queryFn: async () => (await svix().messageAttempt.listAttemptedMessages(appId, endpointId, filter)).data.length,
    staleTime: 30_000,
  });
}
