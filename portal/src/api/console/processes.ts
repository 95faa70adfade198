import { useQuery } from '@tanstack/react-query';
import { request } from '../client.js';
import type { Page } from '../page.js';
import { live } from '../live.js';
import { consoleKeys } from './names.js';

const LIMIT = 250;

/** A process of the service, as it was `ageSeconds` ago. */
export interface Process {
  id: string;
  version: string;
  roles: ('api' | 'worker')[];
  startedAt: string;
  seenAt: string;
  ageSeconds: number;
  stale: boolean;
  /** The colour of its release; null outside of one. */
  targetGroup: string | null;
  trafficShare: number;
  draining: boolean;
  dependencies: Record<string, 'up' | 'away'>;
  loopDelayMs: number;
  memoryBytes: number;
  deliveriesInWork: number | null;
}

/** What runs now. Only an operator may ask. */
export function useProcesses(enabled: boolean) {
  return useQuery({
    queryKey: consoleKeys.processes,
    queryFn: async ({ signal }) =>
      (await request<Page<Process>>('GET', '/api/v1/admin/task', { query: { limit: LIMIT }, signal })).data,
    enabled,
    ...live<Process[]>((all) => all.every(({ stale, draining }) => !stale && !draining)),
  });
}
