import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { serverNow } from '../../clock.js';
import { useEndpointChoices } from '../../api/message-story.js';
import { STATUS, type MessageFilter } from '../../api/messages.js';

const HOUR_MS = 3_600_000;
const SPANS = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS } as const;
/** A list covers at most 90 days. */
const MOST_MS = 89 * 24 * HOUR_MS;

/** A list by state at any endpoint asks each endpoint, with each of its pages. */
const MOST_ASKED = 20;

/** The names of the filters in the address. */
export const FILTERS = ['type', 'endpoint', 'state', 'channel', 'tag', 'time', 'from', 'to'] as const;

/** The filter that stands in the address, and how many parts of it are set. */
export function useFilter(): { filter: MessageFilter; set: number; clear: () => void } {
  const [search, setSearch] = useSearchParams();
  const written = FILTERS.map((name) => search.get(name) ?? '').join('\n');
  // Made anew only when it changes: a time that is counted from now must not move with each drawing.
  const filter = useMemo(() => filterOf((name) => written.split('\n')[FILTERS.indexOf(name)] ?? ''), [written]);
  return {
    filter,
    set: Object.keys(filter).filter((name) => name !== 'before' || filter.after === undefined).length,
    clear: () => setSearch(new URLSearchParams([...search].filter(([name]) => !(FILTERS as readonly string[]).includes(name)))),
  };
}

/** The endpoints that a list by state asks, whether they are few enough for it, and whether they could not be read. */
export function useAsked(): { ids: string[] | undefined; areFew: boolean; isUnknown: boolean } {
  const { data, isError } = useEndpointChoices();
  return { ids: data?.map(({ id }) => id), areFew: !isError && (data?.length ?? 0) <= MOST_ASKED, isUnknown: isError };
}

function filterOf(get: (name: (typeof FILTERS)[number]) => string): MessageFilter {
  const types = get('type')
    .split(',')
    .map((type) => type.trim())
    .filter(Boolean);
  const endpointId = get('endpoint');
  const state = get('state');
  return {
    ...(types.length > 0 && { eventTypes: types }),
    ...(endpointId !== '' && { endpointId }),
    ...(Object.hasOwn(STATUS, state) && { status: state as keyof typeof STATUS }),
    ...(get('channel') !== '' && { channel: get('channel') }),
    ...(get('tag') !== '' && { tag: get('tag') }),
    ...timesOf(get('time'), get('from'), get('to')),
  };
}

/** With an `after` alone the API would begin with the oldest: so there is always a `before` too. */
function timesOf(time: string, from: string, to: string): Pick<MessageFilter, 'after' | 'before'> {
  if (Object.hasOwn(SPANS, time)) return between(new Date(serverNow() - SPANS[time as keyof typeof SPANS]), null);
  return time === 'range' ? between(dateOf(from), dateOf(to)) : {};
}

function between(after: Date | null, before: Date | null): Pick<MessageFilter, 'after' | 'before'> {
  if (after === null) return before === null ? {} : { before };
  return { after, before: before ?? new Date(after.getTime() + MOST_MS) };
}

function dateOf(text: string): Date | null {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}
