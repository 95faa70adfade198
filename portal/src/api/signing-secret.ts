import { useMutation } from '@tanstack/react-query';
import { useApplication } from './application.js';
import { svix } from './client.js';

/** Asks for the secret of an endpoint, once a person wants to see it. It is not kept in the cache of answers. */
export function useRevealSecret() {
  const { appId } = useApplication();
  return useMutation({
    mutationFn: async (endpointId: string) => (await svix().endpoint.getSecret(appId, endpointId)).key,
    gcTime: 0,
  });
}
