import { availableParallelism, loadavg } from 'node:os';

/** The suite, the servers and the service together keep so many processes per core busy on a machine of their own. */
const OWN_LOAD = 3;

/** How many times slower everything is than on a machine that does nothing else; at least 1. By the load average of the last minute. */
export function slowness(): number {
  return Math.max(1, loadavg()[0]! / (OWN_LOAD * availableParallelism()));
}
