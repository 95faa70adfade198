import { useQuery } from '@tanstack/react-query';
import { request } from './client.js';
import { keys } from './keys.js';
import type { Page } from './page.js';

/** An event type as a choice in a form. */
export interface EventTypeChoice {
  name: string;
  description: string;
  groupName: string | null;
  deprecated: boolean;
}

/** More are not useful as a list of choices; names that are not in it can still be written. */
const MAX_PAGES = 8;
const PAGE = 250;
/** A list of this length does not have all of them. */
export const MAX_CHOICES = MAX_PAGES * PAGE;

/** The catalogue of event types, for choices: names and descriptions, sorted by name. */
export function useEventTypeChoices() {
  return useQuery({
    queryKey: [...keys.eventTypes, 'choices'],
    queryFn: async () => {
      const all: EventTypeChoice[] = [];
      let iterator: string | null = null;
      for (let pages = 0; pages < MAX_PAGES; pages++) {
        const page: Page<EventTypeChoice> = await request('GET', '/api/v1/event-type', { query: { iterator, limit: PAGE } });
        all.push(...page.data);
        if (page.done) break;
        iterator = page.iterator ?? null;
      }
      return all;
    },
    staleTime: 60_000,
  });
}
