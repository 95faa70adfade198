import { setDefaultAutoSelectFamily, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/**
 * How long Node gives each address of a name before it goes on to the next, where a library connects (database, cache, queue, AWS, `fetch`).
 * Its own 250 ms are less than a busy process may be late by; and two of these fit into the shortest limit on a connect, 1 s. Deliveries have their
 * own way (delivery/connection-race.ts).
 */
export const ADDRESS_LIMIT_MS = 500;

/** What a process says of Node's network defaults, once, before anything connects. */
export function setNetworkDefaults(): void {
  setDefaultAutoSelectFamily(true);
  setDefaultAutoSelectFamilyAttemptTimeout(ADDRESS_LIMIT_MS);
}
