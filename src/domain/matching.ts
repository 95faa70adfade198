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
  if (endpoint.eventTypes !== null && !endpoint.eventTypes.includes(message.eventType)) return 'event type filtered out';
  if (endpoint.channels !== null && !shareOne(endpoint.channels, message.channels ?? [])) return 'channel filtered out';
  return null;
}

function shareOne(wanted: readonly string[], given: readonly string[]): boolean {
  return given.some((channel) => wanted.includes(channel));
}
