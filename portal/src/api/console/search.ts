import { useQuery } from '@tanstack/react-query';
import { request } from '../client.js';
import { consoleKeys } from './names.js';

interface Owned {
  appId: string;
  appUid: string | null;
  appName: string;
  orgId: string;
}

export interface FoundApplication {
  id: string;
  uid: string | null;
  name: string;
  orgId: string;
  createdAt: string;
}

export interface FoundEndpoint extends Owned {
  id: string;
  uid: string | null;
  host: string | null;
  description: string;
  disabled: boolean;
  createdAt: string;
}

export interface FoundMessage extends Owned {
  id: string;
  eventType: string;
  createdAt: string;
}

export interface Found {
  applications: FoundApplication[];
  endpoints: FoundEndpoint[];
  messages: FoundMessage[];
  /** False if the server ran out of time before it had looked everywhere. */
  complete: boolean;
}

/** What an id, a uid or the beginning of a name finds. */
export function useSearch(q: string) {
  return useQuery({
    queryKey: [...consoleKeys.search, q],
    queryFn: ({ signal }) => request<Found>('GET', '/api/v1/search', { query: { q }, signal }),
    enabled: q !== '',
    staleTime: 5_000,
  });
}
