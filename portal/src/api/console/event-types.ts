import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EventTypeIn, EventTypeOut } from 'svix';
import { JsonSource, request, requestText, svix } from '../client.js';
import { deleted } from '../errors.js';
import { childrenOf, memberSource, objectSource } from '../json-source.js';
import { useWishKey } from '../idempotency.js';
import { keys } from '../keys.js';
import { useList, type List } from '../list.js';
import type { Catalogued, CataloguedPatch, SchemaSource } from './catalogued.js';

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
    queryFn: async ({ signal }) => readType(await requestText('GET', pathOf(name!), { signal })),
    enabled: name !== null,
    // Nothing that is being edited is replaced.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Makes an event type. */
export function useCreateEventType() {
  const forget = useForget();
  const wish = useWishKey();
  return useMutation({
    mutationFn: ({ schemas, ...fields }: CataloguedPatch) =>
      request('POST', '/api/v1/event-type', {
        body: written(fields, schemas),
        idempotencyKey: wish.of({ ...fields, schemas }),
      }),
    onSuccess: () => {
      wish.fulfilled();
      return forget();
    },
  });
}

/** Changes what is given of an event type. */
export function usePatchEventType() {
  const onSuccess = useForget();
  return useMutation({
    mutationFn: async ({ name, schemas: changed, ...fields }: CataloguedPatch) => {
      // Others may have added versions since the form was opened.
      const schemas = changed && { ...readType(await requestText('GET', pathOf(name))).schemas, ...changed };
      return request('PATCH', pathOf(name), { body: written(fields, schemas) });
    },
    onSuccess,
  });
}

const pathOf = (name: string) => `/api/v1/event-type/${encodeURIComponent(name)}`;

function readType(text: string): Catalogued {
  const { name, description, deprecated, groupName, featureFlags } = JSON.parse(text) as EventTypeIn;
  const schemas = childrenOf(memberSource(text, 'schemas') ?? '{}').map((version) => [version.name!, readSchema(version.source)]);
  return {
    name,
    description,
    deprecated: deprecated ?? false,
    groupName: groupName ?? null,
    featureFlags: featureFlags ?? null,
    schemas: Object.fromEntries(schemas) as Record<string, SchemaSource>,
  };
}

function readSchema(source: string): SchemaSource {
  const own = childrenOf(source).flatMap((child) => (child.name === 'examples' ? [] : [[child.name!, child.source] as const]));
  const examples = childrenOf(memberSource(source, 'examples') ?? '[]').map((example) => example.source);
  return { schema: own.length === 0 && examples.length > 0 ? null : objectSource(own), examples, whole: source };
}

function written(fields: object, schemas: Catalogued['schemas'] | undefined): JsonSource {
  const members = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const versions = Object.entries(schemas ?? {})
    .filter(([, { schema, examples }]) => schema !== null || examples.length > 0)
    .map(([version, source]) => [version, writtenSchema(source)] as const);
  if (schemas) members.push(['schemas', versions.length === 0 ? 'null' : objectSource(versions)]);
  return new JsonSource(objectSource(members));
}

function writtenSchema({ schema, examples, whole }: SchemaSource): string {
  if (whole !== undefined) return whole;
  const own = childrenOf(schema ?? '{}').flatMap((child) =>
    child.name === 'examples' ? [] : [[child.name!, child.source] as const],
  );
  return objectSource(examples.length === 0 ? own : [...own, ['examples', `[${examples.join(',')}]`]]);
}

/** Removes an event type for good. Archiving is a change of it. */
export function useExpungeEventType() {
  const onSuccess = useForget();
  return useMutation({ mutationFn: (name: string) => deleted(svix().eventType.delete(name, { expunge: true })), onSuccess });
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
