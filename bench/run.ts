// npm run bench: what this project's service, or any server with the same API, can do on this machine, beside a hand-written minimum.
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Row } from './figures.js';
import { Load } from './load/load.js';
import { readOptions, USAGE, type Options } from './options.js';
import { Counters } from './parts/counters.js';
import { floor, foreign } from './parts/others.js';
import { posthorn } from './parts/posthorn.js';
import { startStack, type Stack } from './parts/stack.js';
import { chartOf } from './report/chart.js';
import { machine, save, stepResult, type Results } from './report/results.js';
import { tableOf } from './report/table.js';
import { print, progress } from './report/terminal.js';
import { FULL, QUICK, type Sizes } from './sizes.js';
import { boot } from './steps/boot.js';
import { drain } from './steps/drain.js';
import { cost, endToEnd } from './steps/end-to-end.js';
import { latency } from './steps/latency.js';
import { listings, type NewTarget } from './steps/listings.js';
import { health, ingest, selfTest } from './steps/requests.js';
import { isOwn, type Step, type Target } from './target.js';

type Parts = { stack: Stack; counters: Counters };

// Whatever was started ends with this process; a signal must only end it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOrExit();
try {
  await main(options);
  process.exit(0);
} catch (error) {
  print(inspect(error));
  process.exit(1);
}

function optionsOrExit(): Options {
  try {
    const given = readOptions(process.argv.slice(2));
    if (!given.help) return given;
    print(USAGE);
    process.exit(0);
  } catch (error) {
    print(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function main(options: Options): Promise<void> {
  const sizes = options.quick ? QUICK : FULL;
  const rounds = options.rounds ? Number(options.rounds) : sizes.rounds;
  const results: Results = {
    label: options.label,
    at: new Date().toISOString(),
    quick: options.quick,
    command: process.argv.slice(2),
    machine: machine(),
    steps: [],
  };
  const load = new Load();
  await load.open();
  progress('starting the parts');
  const parts = options.floor || !(options.server || options.embedded) ? await startParts() : null;
  if (parts) results.machine.database = await parts.counters.databaseVersion();
  const targets = await startTargets(options, parts);

  const steps = stepsOf(load, sizes, newTargetOf(options, parts));
  for (const step of steps.filter(({ name }) => options.only.includes(name))) {
    const found = await measure(step, targets, rounds);
    if (found.size === 0) continue;
    const result = stepResult(step.name, found);
    results.steps.push(result);
    print(tableOf(result));
  }

  const file = join(options.results, options.label);
  save(`${file}.json`, `${JSON.stringify(results, null, 2)}\n`);
  save(`${file}.svg`, chartOf(results));
  print(`\n${file}.json, ${file}.svg`);
  load.close();
  for (const target of targets) if (isOwn(target)) await target.stop();
  await parts?.counters.close();
  await parts?.stack.stop();
}

/** Targets take turns, so that whatever else happens on the machine meets all of them. */
async function measure(step: Step, targets: readonly Target[], rounds: number): Promise<Map<string, Row[][]>> {
  const found = new Map<string, Row[][]>();
  const most = Math.min(rounds, step.rounds);
  const suited = targets.filter((target) => step.suits(target)).slice(0, step.instead ? 1 : targets.length);
  for (let round = 1; round <= most; round++) {
    for (const target of suited) {
      const name = step.instead ?? target.name;
      progress(`${step.name}: ${name}, round ${round} of ${most}`);
      found.set(name, [...(found.get(name) ?? []), await step.run(target)]);
    }
  }
  return found;
}

function stepsOf(load: Load, sizes: Sizes, newTarget: NewTarget): Step[] {
  return [
    selfTest(load, sizes),
    ingest(load, sizes),
    endToEnd(load, sizes),
    latency(load, sizes),
    cost(load, sizes),
    health(load, sizes),
    boot(sizes),
    drain(load, sizes),
    listings(load, sizes, newTarget),
  ];
}

async function startParts(): Promise<Parts> {
  const stack = await startStack();
  return { stack, counters: new Counters(stack) };
}

async function startTargets(options: Options, parts: Parts | null): Promise<Target[]> {
  const targets: Target[] = [];
  if (options.server) targets.push(foreign(options.server, options.token!, options.pids));
  else {
    const { split, embedded, dist, handoff, set } = options;
    const settings = { split, dist, handoff, set, nodeArgs: options['node-arg'] };
    const { target } = await posthorn('posthorn', settings, embedded ? null : parts);
    await target.start();
    targets.push(target);
  }
  if (options.floor) targets.push(await floor(parts!.stack, parts!.counters));
  return targets;
}

function newTargetOf(options: Options, parts: Parts | null): NewTarget {
  const { dist, handoff, set } = options;
  return async (name) => {
    const { target, databaseUrl } = await posthorn(name, { split: false, dist, handoff, set, nodeArgs: [] }, parts);
    return { target, databaseUrl: databaseUrl! };
  };
}
