import { useQueries } from '@tanstack/react-query';
import { MessageStatus, type MessageAttemptOut } from 'svix';
import { serverNow } from '../clock.js';
import { useApplication } from './application.js';
import { svix } from './client.js';
import type { Endpoint } from './endpoints.js';
import { faultOf, type Fault } from './errors.js';
import { keys } from './keys.js';

const DAY_MS = 24 * 3_600_000;
/** Several calls for each endpoint that fails: asked for now and then only. */
const EVERY_MS = 30_000;
const SHOWN_FAILURES = 5;
/** More than these are not counted. */
export const MOST_WAITING = 100;

/** What went wrong at one endpoint in the last 24 hours. */
export interface Trouble {
  endpoint: Endpoint;
  delivered: number;
  failed: number;
  /** The last attempt of all has delivered. */
  worksNow: boolean;
  /** Failed attempts, the last one first. */
  failures: MessageAttemptOut[];
  /** Messages that are to be tried again; at most MOST_WAITING. */
  waiting: number;
}

/** All that went wrong, as far as it is known yet. */
export interface Troubles {
  found: Trouble[];
  loading: boolean;
  fault: Fault | null;
  retry(): void;
}

async function troubleOf(appId: string, endpoint: Endpoint): Promise<Trouble> {
  const { endpoint: endpoints, messageAttempt } = svix();
  const since = new Date(serverNow() - DAY_MS);
  const { success, fail } = await endpoints.getStats(appId, endpoint.id, { since });
  const none = { endpoint, delivered: success, failed: fail, worksNow: true, failures: [], waiting: 0 };
  // What was disabled may have failed long ago, and that is why.
  if (fail === 0 && !endpoint.disabled) return none;
  const [failures, last, open] = await Promise.all([
    messageAttempt.listByEndpoint(appId, endpoint.id, {
      status: MessageStatus.Fail,
      limit: SHOWN_FAILURES,
      withMsg: true,
      // The client leaves the answers out unless it is asked for them.
      withContent: true,
    }),
    messageAttempt.listByEndpoint(appId, endpoint.id, { limit: 1, withContent: false }),
    messageAttempt.listAttemptedMessages(appId, endpoint.id, {
      status: MessageStatus.Sending,
      limit: MOST_WAITING,
      withContent: false,
    }),
  ]);
  return {
    ...none,
    failures: failures.data,
    worksNow: last.data[0]?.status === MessageStatus.Success,
    waiting: endpoint.disabled ? 0 : open.data.length,
  };
}

/** Looks at each of these endpoints: how the last day went, why attempts failed, and what waits. */
export function useTroubles(endpoints: readonly Endpoint[]): Troubles {
  const { appId } = useApplication();
  return useQueries({
    queries: endpoints.map((endpoint) => ({
      queryKey: [...keys.endpoint(appId, endpoint.id), 'trouble', endpoint.disabled],
      queryFn: () => troubleOf(appId, endpoint),
      staleTime: EVERY_MS / 2,
      refetchInterval: EVERY_MS,
    })),
    combine: (results) => ({
      found: results.flatMap(({ data }, at) => (data ? [{ ...data, endpoint: endpoints[at] ?? data.endpoint }] : [])),
      loading: results.some(({ isPending }) => isPending),
      fault: results.map(({ error }) => error).find((error) => error !== null)
        ? faultOf(results.find(({ error }) => error !== null)!.error)
        : null,
      retry: () => {
        for (const { error, refetch } of results) if (error !== null) void refetch();
      },
    }),
  });
}
