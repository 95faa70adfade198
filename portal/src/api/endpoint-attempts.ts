import { useQuery } from '@tanstack/react-query';
import { serverNow } from '../clock.js';
import { useApplication } from './application.js';
import { request } from './client.js';
import { endpointPath, stateOf, type EndpointState } from './endpoints.js';
import { keys } from './keys.js';
import { useList, type List } from './list.js';
import type { Page } from './page.js';
import { live } from './live.js';
import { STATUS } from './messages.js';

/** One request to an endpoint, and its answer. */
export interface Attempt {
  id: string;
  msgId: string;
  endpointId: string;
  url: string;
  status: 0 | 1 | 2 | 3 | 4;
  /** 1 if somebody asked for it. */
  triggerType: 0 | 1;
  /** The body of the answer, or why there was none. */
  response: string;
  /** 0 if there was no answer. */
  responseStatusCode: number;
  responseDurationMs: number;
  timestamp: Date;
  msg?: { id: string; eventType: string; eventId: string | null };
}

type Written = Omit<Attempt, 'timestamp'> & { timestamp: string };
type Query = Record<string, string | number | boolean | Date | null>;

const HOUR_MS = 3_600_000;
/** A page covers 90 days. */
const MOST_MS = 89 * 24 * HOUR_MS;
const DELIVERED = 0;
const FAILED = 2;
const read = (row: Written): Attempt => ({ ...row, timestamp: new Date(row.timestamp) });

async function attemptsOf(path: string, query: Query): Promise<Page<Attempt>> {
  const page = await request<Page<Written>>('GET', path, { query });
  return { ...page, data: page.data.map(read) };
}

const endpointAttempts = (appId: string, id: string, query: Query) =>
  attemptsOf(`/api/v1/app/${encodeURIComponent(appId)}/attempt/endpoint/${encodeURIComponent(id)}`, query);

/** What a list of attempts is narrowed to. */
export interface AttemptFilter {
  status: 'all' | 'delivered' | 'failed';
  /** Only attempts of the last so many hours; null for all. */
  hours: number | null;
}

/** The attempts at an endpoint, newest first, without their answers' bodies. */
export function useAttempts(id: string, { status, hours }: AttemptFilter): List<Attempt> {
  const { appId } = useApplication();
  return useList({
    key: [...keys.endpoint(appId, id), 'attempts', status, hours],
    page: (iterator) =>
      endpointAttempts(appId, id, {
        iterator,
        limit: 50,
        with_content: false,
        with_msg: true,
        status: status === 'all' ? null : status === 'delivered' ? DELIVERED : FAILED,
        // With an `after` alone the API would begin with the oldest.
        ...(hours !== null && { after: new Date(serverNow() - hours * HOUR_MS), before: new Date(serverNow() + HOUR_MS) }),
      }),
  });
}

/** More than these are not counted. */
export const MOST_UNDELIVERED = 100;

/** How many messages have not arrived at an endpoint; each number is at most MOST_UNDELIVERED. */
export interface Undelivered {
  /** Not tried again. */
  givenUp: number;
  waiting: number;
}

/** What has not arrived at an endpoint, whenever it was sent. */
export function useUndelivered(id: string) {
  const { appId } = useApplication();
  const messages = async (status: number) =>
    (
      await request<Page<unknown>>('GET', `${endpointPath(appId, id)}/msg`, {
        query: { status, limit: MOST_UNDELIVERED, with_content: false },
      })
    ).data.length;
  return useQuery({
    queryKey: [...keys.endpoint(appId, id), 'undelivered'],
    queryFn: async (): Promise<Undelivered> => {
      const [givenUp, waiting] = await Promise.all([messages(STATUS.failed), messages(STATUS.waiting)]);
      return { givenUp, waiting };
    },
    ...live<Undelivered>(),
  });
}

/** One attempt with the body of its answer. It never changes. */
export function useAttempt(msgId: string, id: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.message(appId, msgId), 'attempts', id],
    queryFn: async () =>
      read(
        await request<Written>(
          'GET',
          `/api/v1/app/${encodeURIComponent(appId)}/msg/${encodeURIComponent(msgId)}/attempt/${encodeURIComponent(id)}`,
        ),
      ),
    enabled: msgId !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The attempts of one message at one endpoint, newest first, asked for every 2 s until there is a delivery. */
export function useMessageAttempts(endpointId: string, msgId: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.message(appId, msgId), 'attempts-at', endpointId],
    queryFn: async () =>
      (
        await attemptsOf(`/api/v1/app/${encodeURIComponent(appId)}/attempt/msg/${encodeURIComponent(msgId)}`, {
          endpoint_id: endpointId,
          limit: 50,
        })
      ).data,
    enabled: msgId !== '',
    ...live<Attempt[]>((attempts) => attempts.length > 0),
  });
}

/** What the API and the last attempts at an endpoint say of it. */
export interface Course {
  state: EndpointState;
  last: Attempt | null;
  lastDelivered: Attempt | null;
  /** The first failure after the last delivery, or of all that are listed; null if the last attempt was delivered. */
  failingFrom: Attempt | null;
  lastFailed: Attempt | null;
}

/** The state of an endpoint, its last attempts, and since when they fail: four requests for one row each. */
export function useCourse(id: string) {
  const { appId } = useApplication();
  const one = async (query: Query) => (await endpointAttempts(appId, id, { limit: 1, ...query })).data[0] ?? null;
  return useQuery({
    queryKey: [...keys.endpoint(appId, id), 'course'],
    queryFn: async (): Promise<Course> => {
      const [state, last, lastDelivered, lastFailed] = await Promise.all([
        stateOf(appId, id),
        one({}),
        one({ status: DELIVERED }),
        one({ status: FAILED }),
      ]);
      const fails = last?.status === FAILED;
      // A page that is read backward ends before the given row, so the row next to it is the first failure after the last delivery.
      const next: Query =
        lastDelivered === null ? { after: new Date(serverNow() - MOST_MS) } : { iterator: `-${lastDelivered.id}` };
      const failingFrom = fails ? ((await one({ status: FAILED, ...next })) ?? last) : null;
      return { state, last, lastDelivered, lastFailed, failingFrom };
    },
    ...live<Course>(),
  });
}

const MAX_COUNTED = 250;
const SENDING = 3;

/** How many messages wait for another attempt at an endpoint: asked for before something that ends them. */
export function useWaiting(id: string, enabled: boolean) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.endpoint(appId, id), 'waiting'],
    queryFn: async () => {
      const query = { status: SENDING, limit: MAX_COUNTED, with_content: false };
      const { data, done } = await request<Page<{ id: string }>>('GET', `${endpointPath(appId, id)}/msg`, { query });
      return { count: data.length, more: !done };
    },
    enabled,
    staleTime: 5_000,
  });
}
