import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useApplication } from './application.js';
import { request } from './client.js';
import { endpointPath } from './endpoints.js';
import { keys } from './keys.js';
import { live } from './live.js';

/** `recover` sends again what failed; `replay-missing` sends what was never tried. */
export type Recovery = 'recover' | 'replay-missing';

/** Long work of the server, and how far it is. */
export interface BackgroundTask {
  id: string;
  status: 'running' | 'finished' | 'failed';
  task: string;
  updatedAt: string;
  data?: { messagesSent?: number; error?: string } & Record<string, unknown>;
}

/** Starts a background task that sends messages again. */
export function useStartRecovery(id: string) {
  const { appId } = useApplication();
  return useMutation({
    mutationFn: ({ kind, since, idempotencyKey }: { kind: Recovery; since: Date; idempotencyKey: string }) =>
      request<BackgroundTask>('POST', `${endpointPath(appId, id)}/${kind}`, { body: { since }, idempotencyKey }),
  });
}

/** A background task, followed until it ends. What it has sent is asked for again then. */
export function useTask(id: string) {
  const { appId } = useApplication();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: [...keys.app(appId), 'tasks', id],
    queryFn: () => request<BackgroundTask>('GET', `/api/v1/background-task/${encodeURIComponent(id)}`),
    enabled: id !== '',
    ...live<BackgroundTask>(({ status }) => status !== 'running'),
  });
  const status = query.data?.status;
  useEffect(() => {
    if (status === 'finished') void client.invalidateQueries({ queryKey: keys.endpoints(appId) });
  }, [status, appId, client]);
  return query;
}
