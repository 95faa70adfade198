import { useMutation } from '@tanstack/react-query';
import { useApplication } from './application.js';
import { request } from './client.js';
import { endpointPath } from './endpoints.js';

/** An event type that every application has: a test of the connection. */
export const PING = 'svix.ping';

/** Sends the example of an event type to an endpoint, whatever its filters are. */
export function useSendExample(id: string) {
  const { appId } = useApplication();
  return useMutation({
    mutationFn: ({ eventType, idempotencyKey }: { eventType: string; idempotencyKey: string }) =>
      request<{ id: string }>('POST', `${endpointPath(appId, id)}/test-event`, { body: { eventType }, idempotencyKey }),
  });
}
