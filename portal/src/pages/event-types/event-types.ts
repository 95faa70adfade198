import type { EventTypeOut } from 'svix';
import type { Endpoint } from '../../api/endpoints.js';

/** Those whose name or description has all words of the text. */
export function matching(types: readonly EventTypeOut[], text: string): EventTypeOut[] {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  return types.filter(({ name, description }) => {
    const own = `${name} ${description}`.toLowerCase();
    return parts.every((part) => own.includes(part));
  });
}

/** In their groups, by name; those without a group last. */
export function groupsOf(types: readonly EventTypeOut[]): { name: string | null; types: EventTypeOut[] }[] {
  const groups = Map.groupBy(types, ({ groupName }) => groupName ?? null);
  return [...groups]
    .map(([name, own]) => ({ name, types: own }))
    .toSorted((a, b) => (a.name === null ? 1 : b.name === null ? -1 : a.name.localeCompare(b.name)));
}

/** Whether the endpoint's filter of event types lets it through. */
export function getsIt({ eventTypes }: Endpoint, name: string): boolean {
  return eventTypes === null || eventTypes === undefined || eventTypes.includes(name);
}
