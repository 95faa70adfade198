import { QueryClient, type Query } from '@tanstack/react-query';
import { faultOf } from './errors.js';
import { keys } from './keys.js';
import { currentSession, onAnotherToken } from './session.js';

const SOON_MS = 2_000;
const LATER_MS = 15_000;
const SLOWEST_MS = 120_000;
const MAX_TRIES = 2;
/** Beyond this the reader is told of the error, and waits with open eyes. */
const MOST_SILENT_S = 5;

/**
 * How often a query is asked again by itself: every 2 s while something of it is not final, else every 15 s; less and less often while it
 * fails; never while the page is hidden or its token refused.
 */
export function live<T>(isFinal: (data: T) => boolean = () => true) {
  return {
    refetchInterval: ({ state }: { state: Query<T>['state'] }): number | false => {
      if (currentSession().expired) return false;
      const usual = state.data !== undefined && !isFinal(state.data) ? SOON_MS : LATER_MS;
      return Math.min(
        usual * 2 ** Math.min(state.errorUpdateCount && state.status === 'error' ? state.fetchFailureCount + 1 : 0, 6),
        SLOWEST_MS,
      );
    },
    refetchIntervalInBackground: false,
  };
}

/** The cache of all answers. It forgets those to another token. */
export function makeQueryClient(): QueryClient {
  const client = newClient();
  // The settings are the same for all.
  const predicate = ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== keys.settings[0];
  onAnotherToken(({ hasToken, sameOwner }) => {
    // The page stays, and asks again; that of another owner is drawn anew.
    if (hasToken && sameOwner) void client.resetQueries({ predicate });
    else client.removeQueries({ predicate });
  });
  return client;
}

function newClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        retry: (tries, error) => {
          const { transient, retryAfterSeconds } = faultOf(error);
          return tries < MAX_TRIES && transient && (retryAfterSeconds ?? 0) <= MOST_SILENT_S && !currentSession().expired;
        },
        retryDelay: (tries, error) => (faultOf(error).retryAfterSeconds ?? 2 ** tries) * 1_000,
        // What is not there offline is told as an error, not waited for without a word.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
