import { useMutation } from '@tanstack/react-query';
import { useApplication } from './application.js';
import { request } from './client.js';
import { endpointPath } from './endpoints.js';
import { useWishKey } from './idempotency.js';

/** An event type that every application has: a test of the connection. */
export const PING = 'svix.ping';

/** Sends the example of an event type to an endpoint, whatever its filters are. */
export function useSendExample(id: string) {
  const { appId } = useApplication();
  const wish = useWishKey();
  return useMutation({
    mutationFn: (body: { eventType: string }) =>
      request<{ id: string }>('POST', `${endpointPath(appId, id)}/test-event`, { body, idempotencyKey: wish.of(body) }),
    onSuccess: wish.fulfilled,
  });
}
