import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { EndpointOut } from 'svix';
import { useApplication } from './application.js';
import { request } from './client.js';
import type { Endpoint } from './endpoints.js';
import { faultOf } from './errors.js';
import { useWishKey } from './idempotency.js';
import { keys } from './keys.js';
import { allPages, type Page } from './page.js';
import { live } from './live.js';
import { applicationPath, type StatusText } from './messages.js';

/** The most that one page has. */
const MOST = 250;
/** A resend that has not been made by then is no longer waited for every two seconds. */
const FOLLOWED_MS = 60_000;

/** An endpoint that a message was or is to be sent to, with how the message stands there. */
export interface Destination extends Omit<EndpointOut, 'createdAt' | 'updatedAt' | 'metadata'> {
  statusText: StatusText;
  /** When the next attempt is due. Null if none is planned, or one runs now. */
  nextAttempt: Date | null;
}

/** One request to an endpoint, and what came of it. */
export interface Attempt {
  id: string;
  endpointId: string;
  url: string;
  success: boolean;
  /** A person asked for it. */
  manual: boolean;
  /** 0 if there was no answer. */
  statusCode: number;
  durationMs: number;
  /** The stored beginning of the answer's body; without an answer the reason. */
  response: string;
  at: Date;
}

/** Where a message was sent to, and all attempts, the oldest first. */
export interface Story {
  destinations: Destination[];
  attempts: Attempt[];
  /** There are more destinations than were read, so nothing is known of other endpoints. */
  hasMoreDestinations: boolean;
  /** There are more attempts than were read. */
  hasMoreAttempts: boolean;
}

type WrittenDestination = Omit<Destination, 'nextAttempt'> & { nextAttempt: string | null };
interface WrittenAttempt {
  id: string;
  endpointId: string;
  url: string;
  status: number;
  triggerType: number;
  responseStatusCode: number;
  responseDurationMs: number;
  response: string;
  timestamp: string;
}

export const isFinal = ({ statusText }: Pick<Destination, 'statusText'>) => statusText !== 'pending' && statusText !== 'sending';

/** The story of a message: live while something of it is not final. `resend` asks for one more attempt at an endpoint, and follows it. */
export function useStory(id: string) {
  const { appId } = useApplication();
  const client = useQueryClient();
  const [asked, setAsked] = useState<Record<string, { attempts: number; until: number }>>({});
  const attemptsAt = (story: Story | undefined, endpointId: string) =>
    (story?.attempts ?? []).filter((attempt) => attempt.endpointId === endpointId).length;
  const isAwaited = (story: Story | undefined, endpointId: string, now: number) => {
    const one = asked[endpointId];
    return one !== undefined && now < one.until && attemptsAt(story, endpointId) <= one.attempts;
  };
  const query = useQuery({
    queryKey: [...keys.message(appId, id), 'story'],
    queryFn: () => readStory(appId, id),
    ...live<Story>(
      (story) =>
        story.destinations.every(isFinal) && !Object.keys(asked).some((endpointId) => isAwaited(story, endpointId, Date.now())),
    ),
  });
  const wish = useWishKey();
  const resend = useMutation({
    mutationFn: (endpointId: string) =>
      request('POST', applicationPath(appId, 'msg', id, 'endpoint', endpointId, 'resend'), {
        idempotencyKey: wish.of(endpointId),
      }),
    onMutate: (endpointId) => ({ attempts: attemptsAt(query.data, endpointId) }),
    onSuccess: (_, endpointId, { attempts }) => {
      wish.fulfilled();
      setAsked((now) => ({ ...now, [endpointId]: { attempts, until: Date.now() + FOLLOWED_MS } }));
      return client.invalidateQueries({ queryKey: [...keys.message(appId, id), 'story'] });
    },
  });
  return { ...query, resend, isAwaited: (endpointId: string) => isAwaited(query.data, endpointId, query.dataUpdatedAt) };
}

async function readStory(appId: string, id: string): Promise<Story> {
  const [destinations, attempts] = await Promise.all([
    readDestinations(appId, id),
    allPages((iterator) =>
      request<Page<WrittenAttempt>>('GET', applicationPath(appId, 'attempt', 'msg', id), { query: { iterator, limit: MOST } }),
    ),
  ]);
  return {
    destinations: destinations.data,
    attempts: attempts.data.map(readAttempt).toReversed(),
    hasMoreDestinations: !destinations.done,
    hasMoreAttempts: !attempts.done,
  };
}

async function readDestinations(appId: string, id: string): Promise<{ data: Destination[]; done: boolean }> {
  const { data, done } = await allPages((iterator) =>
    request<Page<WrittenDestination>>('GET', applicationPath(appId, 'msg', id, 'endpoint'), {
      query: { iterator, limit: MOST, include_waiting: true },
    }),
  );
  return { data: data.map(readDestination), done };
}

const readDestination = (row: WrittenDestination): Destination => ({
  ...row,
  nextAttempt: row.nextAttempt === null ? null : new Date(row.nextAttempt),
});

const readAttempt = (row: WrittenAttempt): Attempt => ({
  id: row.id,
  endpointId: row.endpointId,
  url: row.url,
  success: row.status === 0,
  manual: row.triggerType === 1,
  statusCode: row.responseStatusCode,
  durationMs: row.responseDurationMs,
  response: row.response,
  at: new Date(row.timestamp),
});

/** How a message stands at each endpoint, for a row of a list. What is final is not asked for again by itself. */
export function useDestinations(id: string, enabled: boolean) {
  const { appId } = useApplication();
  const rule = live<{ data: Destination[] }>(({ data }) => data.every(isFinal));
  return useQuery({
    queryKey: [...keys.message(appId, id), 'destinations'],
    queryFn: () => readDestinations(appId, id),
    enabled,
    staleTime: 15_000,
    refetchInterval: (query) =>
      enabled && !(query.state.data?.data.every(isFinal) ?? query.state.status === 'error') ? rule.refetchInterval(query) : false,
    refetchIntervalInBackground: false,
  });
}

/** What an endpoint is now: null if it was deleted. For deliveries that did not succeed: the reason may be there. */
export function useEndpointNow(id: string, enabled: boolean) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.endpoint(appId, id), 'now'],
    queryFn: async () => {
      try {
        return await request<Pick<Endpoint, 'disabled' | 'unreadable'>>('GET', applicationPath(appId, 'endpoint', id));
      } catch (error) {
        if (faultOf(error).status === 404) return null;
        throw error;
      }
    },
    enabled,
    staleTime: 15_000,
  });
}

/** The headers that an endpoint adds to its requests now. Sensitive ones have a name only. */
export function useAddedHeaders(endpointId: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.endpoint(appId, endpointId), 'headers'],
    queryFn: () =>
      request<{ headers: Record<string, string>; sensitive: string[] }>(
        'GET',
        applicationPath(appId, 'endpoint', endpointId, 'headers'),
      ),
    staleTime: 60_000,
  });
}

/** The endpoints of the application, for a choice and for why one of them did not get a message: the newest 1,000. */
export function useEndpointChoices() {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.endpoints(appId), 'choices'],
    queryFn: async () => {
      const { data } = await allPages((iterator) =>
        request<Page<Omit<Endpoint, 'createdAt'> & { createdAt: string }>>('GET', applicationPath(appId, 'endpoint'), {
          query: { iterator, limit: MOST },
        }),
      );
      return data.map((row) => ({ ...row, createdAt: new Date(row.createdAt) }));
    },
    staleTime: 30_000,
  });
}

/** The names of the event types, for a choice: the first 250. */
export function useEventTypeNames(): string[] {
  const { data } = useQuery({
    queryKey: [...keys.eventTypes, 'names'],
    queryFn: async () =>
      (await request<Page<{ name: string }>>('GET', '/api/v1/event-type', { query: { limit: MOST } })).data.map(
        ({ name }) => name,
      ),
    staleTime: 300_000,
    retry: false,
  });
  return data ?? [];
}
