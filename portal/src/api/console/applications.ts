import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApplicationIn, ApplicationOut } from 'svix';
import { svix } from '../client.js';
import { useWishKey } from '../idempotency.js';
import { useList, type List } from '../list.js';
import { consoleKeys } from './names.js';

/** The applications of the organisation, newest first. */
export function useApplications(enabled: boolean): List<ApplicationOut> {
  return useList({
    key: consoleKeys.applications,
    page: (iterator) => svix().application.list({ iterator, limit: 50, order: 'descending' as never }),
    enabled,
    gather: false,
  });
}

/** The names of an application of the organisation. Asked for beside its id alone, so they are kept for long. */
export function useApplicationNames(id: string) {
  return useQuery({
    queryKey: [...consoleKeys.applications, id, 'names'],
    queryFn: async () => {
      const { name, uid } = await svix().application.get(id);
      return { name, uid: uid ?? null };
    },
    staleTime: 300_000,
  });
}

/** The draft of what is made. */
export const NEW_APPLICATION = 'new application';

/** Makes an application. */
export function useCreateApplication() {
  const client = useQueryClient();
  const key = useWishKey(NEW_APPLICATION);
  const made = useMutation({
    mutationFn: (application: ApplicationIn) => svix().application.create(application, { idempotencyKey: key.of(application) }),
    onSuccess: () => client.invalidateQueries({ queryKey: consoleKeys.applications }),
  });
  return { ...made, fulfilled: key.fulfilled };
}
