import { optionsOf } from '../../bench/parts/arguments.js';
import { KINDS } from './faults/kinds.js';
import { TOPOLOGIES, type Topology } from './topologies.js';

const USAGE = `Usage: npm run test:faults -- [options]

Processes of the service under a steady load, while they and everything around them are killed, frozen and lied to.
It starts the servers that it needs, and ends with 1 if an invariant was broken.

  --short             a few faults in each topology, in less than four minutes
  --topology NAME     only this one (may be repeated): ${TOPOLOGIES.map(({ name }) => name).join(', ')}
  --fault NAME        only this kind of fault (may be repeated)
  --seed N            the faults, moments and targets of the run that printed this number
  --messages N        how many messages are sent at least, over all topologies; those that are refused count too (default 125000; short 5000)
  --faults N          how many faults, over all topologies (default 110; short 15)
  --rate N            messages a second (default 100; short 50)
  --into FILE         puts the tables into a document, between <!-- table: faults --> and <!-- end -->, and so on
  --outputFile=FILE   writes the number of invariants that held, and that did not, as Jest would
  --json              ignored, as with Jest it goes with --outputFile

DATABASE_SERVER names another MySQL server, with a user who may do everything there: mysql://root@127.0.0.1:4000. What can't be
done to it is left out, and the report says so.`;

const WHOLE = { messages: 125_000, faults: 110, rate: 100, pauseMs: [1_500, 4_000] as [number, number], hangMs: null };
const SHORT = { messages: 5_000, faults: 15, rate: 50, pauseMs: [500, 1_500] as [number, number], hangMs: 3_000 };

export interface Options {
  seed: number;
  topologies: Topology[];
  /** Names of kinds; none for all. */
  only: string[];
  /** Of one topology. */
  messages: number;
  /** Of one topology. */
  faults: number;
  rate: number;
  pauseMs: [number, number];
  /** Null: requests hang for ever. */
  hangMs: number | null;
  into: string | undefined;
  outputFile: string | undefined;
  databaseUrl: string | undefined;
}

/** The command line and DATABASE_SERVER. Throws where a topology or a fault is not known. */
export function readOptions(): Options {
  const given = optionsOf(USAGE, {
    short: { type: 'boolean', default: false },
    topology: { type: 'string', multiple: true, default: [] },
    fault: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string' },
    messages: { type: 'string' },
    faults: { type: 'string' },
    rate: { type: 'string' },
    into: { type: 'string' },
    outputFile: { type: 'string' },
    json: { type: 'boolean' },
  });
  const usual = given.short ? SHORT : WHOLE;
  const named = given.topology.map((name) => {
    const found = TOPOLOGIES.find((topology) => topology.name === name);
    if (!found) throw new Error(`There is no topology ${name}: npm run test:faults -- --help names them.`);
    return found;
  });
  const topologies = named.length > 0 ? named : [...TOPOLOGIES];
  for (const name of given.fault)
    if (!KINDS.some((kind) => kind.name === name))
      throw new Error(`There is no fault "${name}", but: ${KINDS.map((kind) => kind.name).join('; ')}.`);
  const share = (text: string | undefined, all: number) =>
    Math.ceil(Number(text ?? all) / (text ? topologies.length : TOPOLOGIES.length));
  return {
    seed: Number(given.seed ?? Math.floor(Math.random() * 1_000_000)),
    topologies,
    only: given.fault,
    messages: share(given.messages, usual.messages),
    faults: share(given.faults, usual.faults),
    rate: Number(given.rate ?? usual.rate),
    pauseMs: usual.pauseMs,
    hangMs: usual.hangMs,
    into: given.into,
    outputFile: given.outputFile,
    databaseUrl: process.env['DATABASE_SERVER'],
  };
}
