import type { Build, ProcessOptions } from '../support/process.js';

/** How the service runs: its processes, and what they have in common. */
export interface Topology {
  name: string;
  /** For people: the row of the report. */
  what: string;
  /** Everything in the process: SQLite, the queue, the cache. Each process is an installation of its own, for no two may share a data folder. */
  embedded: boolean;
  processes: { role?: ProcessOptions['role']; build?: Build }[];
  env: Record<string, string>;
}

export const TOPOLOGIES: readonly Topology[] = [
  { name: 'both', what: 'two processes with both roles', embedded: false, processes: [{}, {}], env: {} },
  {
    name: 'apart',
    what: 'two API processes, two workers',
    embedded: false,
    processes: [{ role: 'api' }, { role: 'api' }, { role: 'worker' }, { role: 'worker' }],
    env: {},
  },
  {
    name: 'queue',
    what: 'two processes, everything through the queue',
    embedded: false,
    processes: [{}, {}],
    env: { HANDOFF: 'off' },
  },
  {
    name: 'two-builds',
    what: 'this build and the one before on one database',
    embedded: false,
    processes: [{ build: 'this build' }, { build: 'the build before' }],
    env: {},
  },
  // The last one, because it waits for no leases: a process that starts makes everything due that was under way.
  { name: 'embedded', what: 'two embedded processes, each with its folder', embedded: true, processes: [{}, {}], env: {} },
];
