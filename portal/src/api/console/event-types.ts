import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EventTypeIn, EventTypeOut, EventTypePatch } from 'svix';
import { svix } from '../client.js';
import { keys } from '../keys.js';
import { useList, type List } from '../list.js';

/** Event types, by name, without their schemas. */
export function useCatalogue(includeArchived: boolean, enabled: boolean): List<EventTypeOut & { id: string }> {
  return useList({
    key: [...keys.eventTypes, 'console', includeArchived],
    page: async (iterator) => {
      const page = await svix().eventType.list({ iterator, limit: 250, includeArchived });
      return { ...page, data: page.data.map((type) => ({ ...type, id: type.name })) };
    },
    enabled,
    gather: false,
  });
}

/** One event type with its schemas. */
export function useCatalogued(name: string | null) {
  return useQuery({
    queryKey: [...keys.eventTypes, 'one', name],
    queryFn: () => svix().eventType.get(name!),
    enabled: name !== null,
    // Nothing that is being edited is replaced.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Makes an event type. */
export function useCreateEventType() {
  const onSuccess = useForget();
  return useMutation({ mutationFn: (type: EventTypeIn) => svix().eventType.create(type), onSuccess });
}

/** Changes what is given of an event type. */
export function usePatchEventType() {
  const onSuccess = useForget();
  return useMutation({
    mutationFn: ({ name, ...patch }: EventTypePatch & { name: string }) => svix().eventType.patch(name, patch),
    onSuccess,
  });
}

/** Removes an event type for good. Archiving is a change of it. */
export function useExpungeEventType() {
  const onSuccess = useForget();
  return useMutation({ mutationFn: (name: string) => svix().eventType.delete(name, { expunge: true }), onSuccess });
}

/** Makes event types from the webhooks of an OpenAPI document, as JSON or YAML. A dry run says what would change. */
export function useImportEventTypes() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { specRaw: string; replaceAll: boolean; dryRun: boolean }) => svix().eventType.importOpenapi(given),
    onSuccess: (_, { dryRun }) => (dryRun ? undefined : client.invalidateQueries({ queryKey: keys.eventTypes })),
  });
}

function useForget(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.eventTypes });
}
