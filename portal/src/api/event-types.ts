import { useQuery } from '@tanstack/react-query';
import type { EventTypeOut } from 'svix';
import { requestText, svix } from './client.js';
import { childrenOf, memberSource } from './json-source.js';
import { keys } from './keys.js';

const PAGE = 250;
/** A catalogue is read as a whole, to search and group it here. Nobody reads more than this. */
const MOST_PAGES = 20;
/** A catalogue changes with releases, not by the minute. */
const FRESH_MS = 60_000;

/** All event types that this page may see, by name, without archived ones and without schemas. */
export function useEventTypes() {
  return useQuery({
    queryKey: [...keys.eventTypes, 'all'],
    queryFn: async () => {
      const found: EventTypeOut[] = [];
      let iterator: string | null = null;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await svix().eventType.list({ limit: PAGE, withContent: false, ...(iterator !== null && { iterator }) });
        found.push(...answer.data);
        iterator = answer.iterator;
        if (answer.done) break;
      }
      return found;
    },
    staleTime: FRESH_MS,
  });
}

/** An event type as it is read. */
export interface ReadEventType extends Omit<EventTypeOut, 'schemas'> {
  /** By version, as JSON: large numbers would not survive being parsed. */
  schemas: Record<string, string>;
}

/** One event type with its schemas. */
export function useEventType(name: string) {
  return useQuery({
    // Not the key of the console's form: that keeps something else of it.
    queryKey: [...keys.eventTypes, 'read', name],
    queryFn: async ({ signal }) => read(await requestText('GET', `/api/v1/event-type/${encodeURIComponent(name)}`, { signal })),
    staleTime: FRESH_MS,
  });
}

function read(text: string): ReadEventType {
  const type = JSON.parse(text) as EventTypeOut;
  const schemas = childrenOf(memberSource(text, 'schemas') ?? '{}').map(({ name, source }) => [name!, source]);
  return {
    ...type,
    createdAt: new Date(type.createdAt),
    updatedAt: new Date(type.updatedAt),
    schemas: Object.fromEntries(schemas) as Record<string, string>,
  };
}
