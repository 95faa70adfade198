import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../client.js';
import { useWishKey } from '../idempotency.js';
import { useList, type List } from '../list.js';
import type { Page } from '../page.js';
import { consoleKeys } from './names.js';

const PATH = '/api/v1/admin/dead-letter';

/** A delivery or a task that the service gave up. */
export interface DeadLetter {
  id: string;
  kind: 'delivery' | 'task';
  reason: string;
  since: string;
  appId?: string;
  msgId?: string;
  endpointId?: string;
}

/** Dead letters of the organisation, or of all for an operator. */
export function useDeadLetters(kind: DeadLetter['kind'] | null): List<DeadLetter> {
  return useList({
    key: [...consoleKeys.deadLetters, kind],
    page: (iterator) => request<Page<DeadLetter>>('GET', PATH, { query: { iterator, kind, limit: 50 } }),
    gather: false,
  });
}

/** Tries one dead letter again, or with null all of them. */
export function useRedrive() {
  const client = useQueryClient();
  const wish = useWishKey();
  return useMutation({
    mutationFn: (id: string | null) =>
      request<null>('POST', id === null ? '/api/v1/admin/redrive-dlq' : `${PATH}/${encodeURIComponent(id)}/redrive`, {
        idempotencyKey: wish.of(id),
      }),
    onSuccess: () => {
      wish.fulfilled();
      return client.invalidateQueries({ queryKey: consoleKeys.deadLetters });
    },
  });
}
