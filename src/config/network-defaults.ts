import { setDefaultAutoSelectFamily, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/**
 * How long Node tries each address of a host before it tries the next one, when a library connects (database, cache, queue, AWS, `fetch`).
 * Node's default of 250 ms is too short: a busy process can be later than that. Two tries fit into the shortest time limit for connecting,
 * 1 s. Deliveries do not use this (see delivery/happy-eyeballs.ts).
 */
export const ADDRESS_LIMIT_MS = 500;

/** Sets Node's network defaults. Call it once, before anything connects. */
export function setNetworkDefaults(): void {
  setDefaultAutoSelectFamily(true);
  setDefaultAutoSelectFamilyAttemptTimeout(ADDRESS_LIMIT_MS);
}
