import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EndpointIn, EndpointOut, EndpointPatch, EndpointStats } from 'svix';
import { serverNow } from '../clock.js';
import { useApplication } from './application.js';
import { request, svix } from './client.js';
import { deleted } from './errors.js';
import { useWishKey } from './idempotency.js';
import { keys } from './keys.js';
import { useList, type List } from './list.js';
import type { Page } from './page.js';
import { live } from './live.js';

const DAY_MS = 24 * 3_600_000;

/** An endpoint, with what the official client leaves out. */
export interface Endpoint extends EndpointOut {
  /** Why nothing can be sent to it: its secret or headers can not be opened. */
  unreadable?: string;
}

type Written = Omit<Endpoint, 'createdAt' | 'updatedAt'> & { createdAt: string; updatedAt: string };

/** The path of an endpoint in the API. */
export const endpointPath = (appId: string, id = '') =>
  `/api/v1/app/${encodeURIComponent(appId)}/endpoint${id && `/${encodeURIComponent(id)}`}`;
const read = (row: Written): Endpoint => ({ ...row, createdAt: new Date(row.createdAt), updatedAt: new Date(row.updatedAt) });

/** The endpoints of the application, newest first. */
export function useEndpoints(): List<Endpoint> {
  const { appId } = useApplication();
  return useList({
    key: [...keys.endpoints(appId), 'list'],
    page: async (iterator) => {
      const page = await request<Page<Written>>('GET', endpointPath(appId), { query: { iterator, limit: 50 } });
      return { ...page, data: page.data.map(read) };
    },
    gather: false,
  });
}

/** One endpoint, by id or uid. */
export function useEndpoint(id: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: keys.endpoint(appId, id),
    queryFn: async () => read(await request<Written>('GET', endpointPath(appId, id))),
    ...live<Endpoint>(),
  });
}

/** What the API knows of an endpoint besides its settings. */
export interface EndpointState {
  /** Null if it is not disabled, or if that is not known. */
  disabledSince: Date | null;
  disabledBecause: 'gone' | 'failing' | 'request' | null;
  /** When the first message was given up after the last delivery. */
  failingSince: Date | null;
  /** Until when messages are signed with an earlier secret too. */
  previousSecretsUntil: Date | null;
}

/** Reads the state of an endpoint. */
export async function stateOf(appId: string, id: string): Promise<EndpointState> {
  const state = await request<Record<keyof EndpointState, string | null>>('GET', `${endpointPath(appId, id)}/state`);
  const time = (text: string | null) => (text === null ? null : new Date(text));
  return {
    disabledSince: time(state.disabledSince),
    disabledBecause: state.disabledBecause as EndpointState['disabledBecause'],
    failingSince: time(state.failingSince),
    previousSecretsUntil: time(state.previousSecretsUntil),
  };
}

/** The state of an endpoint. */
export function useEndpointState(id: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: [...keys.endpoint(appId, id), 'state'],
    queryFn: () => stateOf(appId, id),
    ...live<EndpointState>(),
  });
}

/** Attempts at an endpoint in the last 24 hours, by status. Asked for each row of a list, so only now and then. */
export function useEndpointStats(id: string) {
  const { appId } = useApplication();
  return useQuery<EndpointStats>({
    queryKey: [...keys.endpoint(appId, id), 'day'],
    queryFn: () => svix().endpoint.getStats(appId, id, { since: new Date(serverNow() - DAY_MS) }),
    staleTime: 60_000,
  });
}

/** The draft of what is made. */
export const newEndpointOf = (appId: string) => `new endpoint of ${appId}`;

/** Makes an endpoint. A form that is sent twice makes one. */
export function useCreateEndpoint() {
  const { appId } = useApplication();
  const wish = useWishKey(newEndpointOf(appId));
  const done = useForget();
  const made = useMutation({
    mutationFn: (endpoint: EndpointIn) => svix().endpoint.create(appId, endpoint, { idempotencyKey: wish.of(endpoint) }),
    onSuccess: done,
  });
  return { ...made, fulfilled: wish.fulfilled };
}

/** Changes what is given of an endpoint, and leaves the rest. */
export function usePatchEndpoint() {
  const { appId } = useApplication();
  const done = useForget();
  return useMutation({
    mutationFn: ({ id, ...patch }: EndpointPatch & { id: string }) => svix().endpoint.patch(appId, id, patch),
    onSuccess: done,
  });
}

/** Deletes an endpoint. */
export function useDeleteEndpoint() {
  const { appId } = useApplication();
  const client = useQueryClient();
  // What is known of the endpoint itself is not asked for again: its row is there until the list is.
  const isOfOther = (id: string, { queryKey }: { queryKey: readonly unknown[] }) =>
    keys.endpoint(appId, id).some((part, at) => queryKey[at] !== part);
  return useMutation({
    mutationFn: (id: string) => deleted(svix().endpoint.delete(appId, id)),
    onSuccess: (_, id) =>
      client.invalidateQueries({ queryKey: keys.endpoints(appId), predicate: (query) => isOfOther(id, query) }),
  });
}

/** Asks for everything about endpoints again. */
export function useForget(): () => Promise<void> {
  const { appId } = useApplication();
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.endpoints(appId) });
}
