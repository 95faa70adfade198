import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { OperationalWebhookEndpointIn, OperationalWebhookEndpointOut } from 'svix';
import { request, svix } from '../client.js';
import { deleted } from '../errors.js';
import { useWishKey } from '../idempotency.js';
import { useList, type List } from '../list.js';
import { consoleKeys } from './names.js';

const pathOf = (id: string) => `/api/v1/operational-webhook/endpoint/${encodeURIComponent(id)}`;

/** What operational webhooks tell of. */
export const OPERATIONAL_TYPES = [
  'endpoint.created',
  'endpoint.updated',
  'endpoint.deleted',
  'endpoint.disabled',
  'endpoint.unreadable',
  'message.attempt.failing',
  'message.attempt.exhausted',
  'message.attempt.recovered',
] as const;

/** The endpoints of the team. */
export function useOperationalEndpoints(enabled: boolean): List<OperationalWebhookEndpointOut> {
  return useList({
    key: consoleKeys.webhooks,
    page: (iterator) => svix().operationalWebhook.endpoint.list({ iterator, limit: 50 }),
    enabled,
    gather: false,
  });
}

/** The draft of what is made. */
export const NEW_OPERATIONAL_ENDPOINT = 'new operational endpoint';

/** Makes one. */
export function useCreateOperationalEndpoint() {
  const forget = useForget();
  const key = useWishKey(NEW_OPERATIONAL_ENDPOINT);
  const made = useMutation({
    mutationFn: (endpoint: OperationalWebhookEndpointIn) =>
      svix().operationalWebhook.endpoint.create(endpoint, { idempotencyKey: key.of(endpoint) }),
    onSuccess: forget,
  });
  return { ...made, fulfilled: key.fulfilled };
}

/** Changes what is given of one, and leaves the rest. The official client can only replace it. */
export function usePatchOperationalEndpoint() {
  const onSuccess = useForget();
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; disabled?: boolean }) => request<unknown>('PATCH', pathOf(id), { body }),
    onSuccess,
  });
}

/** Deletes one. */
export function useDeleteOperationalEndpoint() {
  const onSuccess = useForget();
  return useMutation({ mutationFn: (id: string) => deleted(svix().operationalWebhook.endpoint.delete(id)), onSuccess });
}

/** Asks for the signing secret of one. It is not kept. */
export function useOperationalSecret() {
  return useMutation({
    mutationFn: async (id: string) => (await svix().operationalWebhook.endpoint.getSecret(id)).key,
    gcTime: 0,
  });
}

function useForget(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: consoleKeys.webhooks });
}
