import { useMutation, useQueryClient } from '@tanstack/react-query';
import { serverNow } from '../clock.js';
import { useApplication } from './application.js';
import { request } from './client.js';
import { endpointPath } from './endpoints.js';
import { keys } from './keys.js';

/** Reads the signing secret of an endpoint, only when asked for. It is not kept in the cache of answers. */
export function useRevealSecret() {
  const { appId } = useApplication();
  return useMutation({
    mutationFn: async (id: string) => (await request<{ key: string }>('GET', `${endpointPath(appId, id)}/secret`)).key,
    gcTime: 0,
  });
}

/** A rotation: an own secret, or null for a generated one, and how long the previous one still signs. */
export interface Rotation {
  key: string | null;
  gracePeriodSeconds: number;
  idempotencyKey: string;
}

/** Gives the endpoint a new signing secret. Answers until when the previous one signs too; it may be now. */
export function useRotateSecret(id: string) {
  const { appId } = useApplication();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ key, gracePeriodSeconds, idempotencyKey }: Rotation) => {
      const body = { gracePeriodSeconds, ...(key !== null && { key }) };
      await request<null>('POST', `${endpointPath(appId, id)}/secret/rotate`, { body, idempotencyKey });
      return new Date(serverNow() + gracePeriodSeconds * 1000);
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keys.endpoint(appId, id) }),
  });
}
