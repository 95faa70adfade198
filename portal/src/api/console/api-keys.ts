import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../client.js';
import { useWishKey } from '../idempotency.js';
import { useList, type List } from '../list.js';
import type { Page } from '../page.js';
import { live } from '../live.js';
import { consoleKeys } from './names.js';

const PATH = '/api/v1/auth/api-token';

export const SCOPES = ['full', 'send', 'read'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key without its secret. */
export interface ApiKey {
  id: string;
  censoredToken: string;
  name: string;
  createdAt: string;
  expiresAt: string | null;
  scopes: Scope[];
  appId: string | null;
  createdBy: string;
  lastUsedAt: string | null;
}

export interface NewApiKey {
  name: string;
  scopes: Scope[];
  appId: string | null;
  /** In seconds from now. */
  expiry: number | null;
}

/** The API keys of the organisation. */
export function useApiKeys(enabled: boolean): List<ApiKey> {
  return useList({
    key: consoleKeys.apiKeys,
    page: (iterator) => request<Page<ApiKey>>('GET', PATH, { query: { iterator, limit: 50, order: 'descending' } }),
    enabled,
    gather: false,
  });
}

/** The draft of what is made. */
export const NEW_KEY = 'new API key';

/** Makes a key. The answer is the only one that has its secret. */
export function useCreateApiKey() {
  const forget = useForget();
  const wish = useWishKey(NEW_KEY);
  const made = useMutation({
    mutationFn: (key: NewApiKey) => request<{ token: string }>('POST', PATH, { body: key, idempotencyKey: wish.of(key) }),
    onSuccess: forget,
    gcTime: 0,
  });
  return { ...made, fulfilled: wish.fulfilled };
}

/** Gives a key another secret. The old one is valid for a day more. */
export function useRotateApiKey() {
  const forget = useForget();
  const wish = useWishKey();
  return useMutation({
    // Twice, it would end the secret that is in use.
    mutationFn: (id: string) =>
      request<{ token: string }>('POST', `${PATH}/${encodeURIComponent(id)}/rotate`, { body: {}, idempotencyKey: wish.of(id) }),
    onSuccess: () => {
      wish.fulfilled();
      return forget();
    },
    gcTime: 0,
  });
}

/** Ends a key now. */
export function useExpireApiKey() {
  const onSuccess = useForget();
  return useMutation({
    mutationFn: (id: string) => request<null>('POST', `${PATH}/${encodeURIComponent(id)}/expire`, { body: {} }),
    onSuccess,
  });
}

/** What the organisation may do, and what of it is used. 0 is no limit. */
export interface LimitsUsage {
  limits: Record<string, number>;
  messages: { today: number; thisMonth: number };
}

/** Limits of the organisation, and what of its quotas is used. */
export function useLimits(enabled: boolean) {
  return useQuery({
    queryKey: [...consoleKeys.usage, 'limits'],
    queryFn: ({ signal }) => request<LimitsUsage>('GET', '/api/v1/stats/usage/limits', { signal }),
    enabled,
    ...live<LimitsUsage>(),
  });
}

/** What was done with one key on one day (UTC). */
export interface KeyUsage {
  id: string;
  orgId: string;
  day: string;
  keyId: string;
  requests: { ok: number; refused: number; failed: number };
  messages: number;
}

/** Requests and messages by key and day, newest day first. */
export function useKeyUsage(): List<KeyUsage> {
  return useList({
    key: [...consoleKeys.usage, 'keys'],
    page: async (iterator) => {
      const page = await request<Page<Omit<KeyUsage, 'id'>>>('GET', '/api/v1/stats/usage/key', {
        query: { iterator, limit: 50 },
      });
      return { ...page, data: page.data.map((row) => ({ ...row, id: `${row.day} ${row.orgId} ${row.keyId}` })) };
    },
    gather: false,
  });
}

function useForget(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: consoleKeys.apiKeys });
}
