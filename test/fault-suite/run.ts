// npm run test:faults; see USAGE in options.ts.
import { writeFileSync } from 'node:fs';
import { asMarkdown, asText, replaceTables, type Table } from '../../bench/report/layout.js';
import { Mutex } from '../../src/async/mutex.js';
import { jestResults, type Judged } from '../support/jest-results.js';
import { buildBefore } from '../versions/build-before.js';
import { judge } from './oracle/judge.js';
import { readOptions, type Options } from './options.js';
import { faultTable } from './report/fault-table.js';
import { keep } from './report/keep.js';
import type { Result } from './report/result.js';
import { runTable } from './report/run-table.js';
import { topologyTable } from './report/topology-table.js';
import { prepare, runTopology, Unfinished, type InTurn } from './run-topology.js';
import { TOPOLOGIES, type Topology } from './topologies.js';

const SHOWN = 10;

interface Run {
  /** In the order in which they finished. */
  results: Result[];
  /** Topologies that failed before their end, and why. */
  broken: Judged[];
  startedAt: number;
}

// One for each process that is to end with this one.
process.setMaxListeners(0);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.exit(await main(readOptions()));

async function main(options: Options): Promise<number> {
  say(`seed ${options.seed}: the same faults, moments and targets again with --seed ${options.seed}`);
  if (options.topologies.some(({ name }) => name === 'two-builds')) process.env['TEST_BUILD_BEFORE'] = buildBefore();
  const { topologies, databaseUrl } = options;
  const run: Run = { results: [], broken: [], startedAt: Date.now() };
  const finishing: Promise<void>[] = [];
  const prepared = (topology: Topology | undefined) => {
    const world = topology && prepare(topology, databaseUrl);
    // Whoever waits for it later gets the error.
    world?.catch(() => undefined);
    return world;
  };
  let next = prepared(topologies[0]);
  // What is open when a topology's load ends takes a lease's time. The next one runs meanwhile, on servers of its own, which start before. What is listed and judged
  // takes the CPU for seconds: receivers that stand still meanwhile look like a fault of the service.
  const machine = new Mutex();
  const inTurn: InTurn = (work) => machine.run(work);
  for (const [at, topology] of topologies.entries()) {
    const world = next!;
    const following = () => (next ??= prepared(topologies[at + 1]));
    next = undefined;
    const seed = options.seed * TOPOLOGIES.length + TOPOLOGIES.indexOf(topology);
    const loaded = await world
      .then((started) => (following(), inTurn(() => runTopology(started, { ...options, seed, say }))))
      .catch((error: unknown) => void failed(run, topology, error));
    following();
    if (loaded)
      finishing.push(
        loaded
          .finish(inTurn)
          .then(({ records, logs }) => inTurn(async () => judged(topology, { ...loaded, records, logs, seed: options.seed })))
          .then((result) => void run.results.push(result))
          .catch((error: unknown) => failed(run, topology, error))
          .finally(() => writeTables(run, options)),
      );
  }
  await Promise.all(finishing);
  report(run, options);
  const isBroken = ({ verdicts }: Result) => verdicts.some(({ violations }) => violations.length > 0);
  return run.broken.length === 0 && !run.results.some(isBroken) ? 0 : 1;
}

/** A topology that could not be run or asked to its end. The others go on. */
function failed(run: Run, topology: Topology, error: unknown): void {
  run.broken.push({ suite: topology.name, name: 'can be run to its end', failures: [(error as Error).message] });
  const known = error instanceof Unfinished ? `; what is known is in ${keep(topology.name, error.known, error.logs)}` : '';
  say(`FAIL ${topology.name}: ${(error as Error).stack}${known}`);
}

type Finished = Pick<Result, 'records' | 'skipped'> & { logs: Map<string, readonly string[]>; seed: number };

function judged(topology: Topology, { records, skipped, logs, seed }: Finished): Result {
  const verdicts = judge(records);
  for (const { invariant, checked, violations, exceptions } of verdicts) {
    say(`${violations.length === 0 ? 'ok  ' : 'FAIL'} ${topology.name}: ${invariant} (${checked} checked${textOf(exceptions)})`);
    for (const violation of violations.slice(0, SHOWN)) say(`       ${violation}`);
    if (violations.length > SHOWN) say(`       and ${violations.length - SHOWN} more`);
  }
  if (verdicts.some(({ violations }) => violations.length > 0))
    say(`${topology.name}: seed ${seed}; records and logs are in ${keep(topology.name, records, logs)}`);
  return { topology, records, verdicts, skipped };
}

function textOf(exceptions: Record<string, number>): string {
  return Object.entries(exceptions)
    .filter(([, times]) => times > 0)
    .map(([name, times]) => `; ${times} × ${name}`)
    .join('');
}

function tablesOf({ results, startedAt }: Run, { seed }: Options): Table[] {
  const inOrder = results.toSorted((a, b) => TOPOLOGIES.indexOf(a.topology) - TOPOLOGIES.indexOf(b.topology));
  return results.length > 0 ? [runTable(inOrder, { seed, startedAt }), topologyTable(inOrder), faultTable(inOrder)] : [];
}

/** After each topology, so that a run that is ended leaves what it knows. */
function writeTables(run: Run, options: Options): void {
  const tables = tablesOf(run, options);
  if (options.into) replaceTables(options.into, new Map(tables.map((table) => [table.name, asMarkdown(table)])), true);
}

function report(run: Run, options: Options): void {
  const { results, broken } = run;
  const { outputFile, seed } = options;
  for (const table of tablesOf(run, options)) process.stdout.write(`\n${asText(table)}\n`);
  for (const { topology, skipped } of results)
    if (skipped.length > 0)
      process.stdout.write(`\n${topology.name} left out: ${skipped.map(([kind, why]) => `${kind} (${why})`).join(', ')}\n`);
  const judgedOf = ({ topology, verdicts }: Result) =>
    verdicts.map(({ invariant, violations }): Judged => ({ suite: topology.name, name: invariant, failures: violations }));
  const all = [...results.flatMap(judgedOf), ...broken];
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  process.stdout.write(`\nseed ${seed}: ${all.length - failed} passed, ${failed} failed\n`);
  if (outputFile) writeFileSync(outputFile, jestResults(all));
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
