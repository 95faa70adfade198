// node --import ./bench/typescript.mjs bench/scale.ts [--from bench/results/one-process.json] [--service-ms 0.4] …
// Checks the arithmetic of sizing: how many tasks and database cores a rate needs, what waits where, and for how long. Each station is
// counted by formula and simulated event by event; where the two disagree, the formula is not to be used.
import { parseArgs } from 'node:util';
import { load, type Results } from './report/results.js';
import { aligned, shown } from './report/table.js';
import { print } from './report/terminal.js';
import { erlangWait, simulate, type Waiting } from './scale/queueing.js';

const RATES = [100, 1_000, 10_000, 100_000];
const DEFAULTS = {
  /** CPU of the service a message, both roles, in ms: measured by the step "cost". */
  'service-ms': 0.5,
  /** CPU of the database a message, in ms: measured there too. */
  'database-ms': 0.15,
  /** Deliveries a message. */
  'fan-out': 1,
  /** A core of the cloud against one of the machine that measured: below 1 it is slower. */
  'core-speed': 0.7,
  /** How far a core may be used, on average, so that peaks find room. */
  utilization: 0.6,
  /** Cores of a task. Node uses one for its own work, and a second for sockets, compression and garbage: 2 serve 1.25. */
  'task-cores': 1.25,
  /** Attempts that a task has under way at most: DELIVERY_CONCURRENCY. */
  permits: 256,
  /** Share of them that new messages may have. */
  'permit-share': 0.75,
  /** What customers' servers take for an answer, in ms, on average. */
  'endpoint-ms': 150,
  /** Cores of the largest database that one wants to run. */
  'database-cores': 32,
};
const ARRIVALS = 300_000;

type Inputs = typeof DEFAULTS;

/** Tasks, and why so many; a task's cores (used, mean wait by formula and simulated, its p99, how many wait); its permits; databases. */
const COLUMNS =
  'messages/s||tasks|by CPU|by permits|CPU %|wait ms (formula)|wait ms|p99 ms|waiting|at most|permits %|wait ms|p99 ms|DB cores|databases|'.split(
    '|',
  );

const inputs = readInputs(process.argv.slice(2));
print(
  `inputs: ${Object.entries(inputs)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(' · ')}\n`,
);
print(aligned([COLUMNS, ...RATES.map((rate) => line(rate, inputs))]).join('\n'));
print('\nafter an hour without deliveries, the backlog is gone after (at the same rate of new messages, capacity at 90 %):');
print(aligned([['messages/s', 'backlog', 'minutes'], ...RATES.map((rate) => backlog(rate, inputs))]).join('\n'));

function line(rate: number, own: Inputs): string[] {
  const { tasks, byCpu, byPermits } = tasksFor(rate, own);
  const serviceMs = own['service-ms'] / own['core-speed'];
  // The station is a task: a load balancer gives each its share, and no task helps another with requests that it was given.
  const cpu = waits(rate / tasks, own['task-cores'], serviceMs);
  const permits = own.permits * own['permit-share'];
  const sends = waits((rate * own['fan-out']) / tasks, permits, own['endpoint-ms']);
  const cores = coresFor(rate, own);
  return [
    rate.toLocaleString('en'),
    '',
    String(tasks),
    String(byCpu),
    String(byPermits),
    shown(cpu.used * 100),
    shown(cpu.formulaMs),
    shown(cpu.simulated.meanMs),
    shown(cpu.simulated.p99Ms),
    shown(cpu.simulated.meanDepth),
    shown(cpu.simulated.mostDepth),
    shown(sends.used * 100),
    shown(sends.simulated.meanMs),
    shown(sends.simulated.p99Ms),
    shown(cores),
    String(Math.ceil(cores / own['database-cores'])),
    '',
  ];
}

/** At least two, in two zones. */
function tasksFor(rate: number, own: Inputs): { tasks: number; byCpu: number; byPermits: number } {
  const coreSeconds = (rate * own['service-ms']) / 1000 / own['core-speed'];
  const byCpu = Math.ceil(coreSeconds / (own['task-cores'] * own.utilization));
  // Little: as many sends are under way as arrive while one takes.
  const underWay = (rate * own['fan-out'] * own['endpoint-ms']) / 1000;
  const byPermits = Math.ceil(underWay / (own.permits * own['permit-share'] * own.utilization));
  return { tasks: Math.max(2, byCpu, byPermits), byCpu, byPermits };
}

function coresFor(rate: number, own: Inputs): number {
  return (rate * own['database-ms']) / 1000 / own['core-speed'] / own.utilization;
}

/** Whole servers; a quarter of a core more makes them faster, not more. */
function waits(rate: number, servers: number, serviceMs: number): { used: number; formulaMs: number; simulated: Waiting } {
  const whole = Math.floor(servers);
  const ms = serviceMs * (whole / servers);
  return {
    used: (rate * ms) / 1000 / whole,
    formulaMs: erlangWait(rate, whole, ms),
    simulated: simulate({ rate, servers: whole, serviceMs: ms, arrivals: ARRIVALS }),
  };
}

function backlog(rate: number, own: Inputs): string[] {
  const { tasks } = tasksFor(rate, own);
  const byCpu = (tasks * own['task-cores'] * own['core-speed'] * 1000) / own['service-ms'];
  const byPermits = (tasks * own.permits * 1000) / own['endpoint-ms'] / own['fan-out'];
  const spare = Math.min(byCpu, byPermits) * 0.9 - rate;
  const waiting = rate * 3600;
  return [rate.toLocaleString('en'), waiting.toLocaleString('en'), spare > 0 ? shown(waiting / spare / 60) : 'never'];
}

function readInputs(args: string[]): Inputs {
  const names = Object.keys(DEFAULTS) as (keyof Inputs)[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args, options: { ...options, from: { type: 'string' } } });
  const given = values as Record<string, string | undefined>;
  const measured = given.from ? measuredIn(load(given.from)) : {};
  const read = (name: keyof Inputs) => (given[name] === undefined ? (measured[name] ?? DEFAULTS[name]) : Number(given[name]));
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Inputs;
}

/** What the step "cost" found out about the service and the database. */
function measuredIn({ steps }: Results): Partial<Inputs> {
  const target = steps.find(({ name }) => name === 'cost')?.rows['CPU ms'];
  const figures = target?.posthorn?.figures ?? target?.server?.figures;
  if (!figures) throw new Error('These results are without the step "cost".');
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (figures[name]?.median ?? 0), 0);
  return { 'service-ms': of('service', 'api', 'worker'), 'database-ms': of('database') };
}
