import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApplication } from './application.js';
import { request } from './client.js';
import { endpointPath } from './endpoints.js';
import { keys } from './keys.js';

/** The custom headers of an endpoint. Of those that look like credentials only the names are known. */
export interface EndpointHeaders {
  headers: Record<string, string>;
  sensitive: string[];
}

const keyOf = (appId: string, id: string) => [...keys.endpoint(appId, id), 'headers'];

/** The custom headers of an endpoint. Asked for once: only the reader changes them. */
export function useEndpointHeaders(id: string) {
  const { appId } = useApplication();
  return useQuery({
    queryKey: keyOf(appId, id),
    queryFn: () => request<EndpointHeaders>('GET', `${endpointPath(appId, id)}/headers`),
    staleTime: 60_000,
  });
}

/** Sets and deletes custom headers; null deletes one. */
export function usePatchHeaders(id: string) {
  const { appId } = useApplication();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (headers: Record<string, string | null>) =>
      request<null>('PATCH', `${endpointPath(appId, id)}/headers`, { body: { headers } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keyOf(appId, id) }),
  });
}
