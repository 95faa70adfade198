/** What an endpoint wants to receive. Null means no restriction. Names are compared exactly, with case. */
export interface Filter {
  disabled: boolean;
  eventTypes: readonly string[] | null;
  channels: readonly string[] | null;
}

type Addressed = { eventType: string; channels: readonly string[] | null };

/** Whether a message goes to an endpoint. Deleted endpoints are not in the lists that callers use. */
export function matches(endpoint: Filter, message: Addressed): boolean {
  return mismatch(endpoint, message) === null;
}

/** The first reason why a message does not go to an endpoint; null if it does. */
export function mismatch(
  endpoint: Filter,
  message: Addressed,
): 'endpoint disabled' | 'event type filtered out' | 'channel filtered out' | null {
  if (endpoint.disabled) return 'endpoint disabled';
  if (endpoint.eventTypes !== null && !includes(endpoint.eventTypes, message.eventType)) return 'event type filtered out';
  if (endpoint.channels !== null && !shareOne(endpoint.channels, message.channels ?? [])) return 'channel filtered out';
  return null;
}

function shareOne(wanted: readonly string[], given: readonly string[]): boolean {
  return given.some((channel) => wanted.includes(channel));
}

/** A longer list is searched by way of a set. An endpoint may have thousands of event types, and is asked for each message. */
const LONG = 32;
const SETS = new WeakMap<readonly string[], ReadonlySet<string>>();

function includes(names: readonly string[], name: string): boolean {
  if (names.length <= LONG) return names.includes(name);
  let set = SETS.get(names);
  if (!set) SETS.set(names, (set = new Set(names)));
  return set.has(name);
}
