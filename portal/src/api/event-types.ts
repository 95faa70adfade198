import { useQuery } from '@tanstack/react-query';
import type { EventTypeOut } from 'svix';
import { svix } from './client.js';
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

/** One event type with its schemas. */
export function useEventType(name: string) {
  return useQuery({
    queryKey: [...keys.eventTypes, 'one', name],
    queryFn: () => svix().eventType.get(name),
    staleTime: FRESH_MS,
  });
}
