// npm run bench:hanging; see USAGE.
import { Endpoints } from './fairness/installation.js';
import { median, percentile } from './figures.js';
import { Load, messages } from './load/load.js';
import { namesOf, optionsOf } from './parts/arguments.js';
import { Counters } from './parts/counters.js';
import { posthorn } from './parts/posthorn.js';
import { startStack, type Stack } from './parts/stack.js';
import { usageOfAll } from './parts/usage.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';
import { ownPids, type OwnTarget } from './target.js';

const USAGE = `Usage: npm run bench:hanging -- [options]

What an endpoint costs that accepts requests and never answers, and what its neighbour notices.
It starts the servers and the service for itself.

  --dist FOLDER     the build (default dist)
  --before FOLDER   another build, measured in turn with it
  --only a,b        only these of: alone, good, hanging, four
  --rate N          messages a second to each endpoint (default 100)
  --seconds N       length of each case in a round (default 20)
  --rounds N        (default 3)
  --handoff on|off  (default on)
  --node-arg ARG    argument of the service's node, such as --cpu-prof; repeatable
  --into FILE       puts the table into a document, between <!-- table: hanging --> and <!-- end -->`;

/** So long before the measurement the load beside the neighbour begins: its backlog is there by then. */
const LEAD_SECONDS = 10;
const CONNECTIONS = 64;
const ARRIVAL_LIMIT_MS = 20_000;

const CASES = [
  { name: 'alone', title: 'nothing', beside: 0, hangs: false },
  { name: 'good', title: 'an endpoint that answers', beside: 1, hangs: false },
  { name: 'hanging', title: 'an endpoint that hangs', beside: 1, hangs: true },
  { name: 'four', title: 'four endpoints that hang', beside: 4, hangs: true },
];
type Case = (typeof CASES)[number];

/** What one case brought in a round. CPU and statements are those of the whole measurement. */
interface Measured {
  cpuMs: number;
  databaseMs: number;
  statements: number;
  /** Messages beside the neighbour. */
  messages: number;
  p50: number;
  p99: number;
  missing: number;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, {
  dist: { type: 'string', default: 'dist' },
  before: { type: 'string' },
  only: { type: 'string', default: '' },
  rate: { type: 'string', default: '100' },
  seconds: { type: 'string', default: '20' },
  rounds: { type: 'string', default: '3' },
  handoff: { type: 'string', default: 'on' },
  'node-arg': { type: 'string', multiple: true, default: [] },
  into: { type: 'string' },
});
const [rate, seconds, rounds] = [Number(options.rate), Number(options.seconds), Number(options.rounds)];
const builds = [...(options.before ? [{ build: 'before', dist: options.before }] : []), { build: 'now', dist: options.dist }];
const only = namesOf(
  USAGE,
  options.only,
  CASES.map(({ name }) => name),
);
await main();
process.exit(0);

async function main(): Promise<void> {
  const stack = await startStack();
  const [neighbour, beside] = [new Load(), new Load()];
  await Promise.all([neighbour.open(), beside.open()]);
  const endpoints = new Endpoints();
  const hangingUrl = `${await endpoints.open()}/hangs`;
  const found = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const one of CASES.filter(({ name }) => only.includes(name))) {
      for (const { build, dist } of builds) {
        progress(`round ${round} of ${rounds}: ${one.title}, ${build}`);
        const measured = await inNewProcess(stack, dist, (target) => measure(target, one, { neighbour, beside, hangingUrl }));
        const key = `${build} ${one.name}`;
        found.set(key, [...(found.get(key) ?? []), measured]);
        progress(JSON.stringify(measured));
      }
    }
  }
  const table = report(found);
  print(asText(table));
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
  await stack.stop();
}

/** Each case has a process and a database of its own: the backlog of the case before is not there. */
async function inNewProcess(stack: Stack, dist: string, work: (target: OwnTarget) => Promise<Measured>): Promise<Measured> {
  const settings = { dist, split: false, handoff: options.handoff, set: [], nodeArgs: options['node-arg'] };
  const counters = new Counters(stack);
  const { target } = await posthorn('hanging', settings, { stack, counters });
  await target.start();
  try {
    return await work(target);
  } finally {
    await target.stop();
    await counters.close();
  }
}

async function measure(
  target: OwnTarget,
  { beside: count, hangs }: Case,
  load: { neighbour: Load; beside: Load; hangingUrl: string },
): Promise<Measured> {
  const { appId, run } = await load.neighbour.application(target, 1);
  await load.neighbour.begin(run);
  const plan = messages(target, appId, 300, true);
  const others = await Promise.all(
    Array.from({ length: count }, () => load.beside.application(target, 1, hangs ? load.hangingUrl : undefined)),
  );
  const paths = others.map(({ appId: id }) => messages(target, id, 300, false).paths[0]!);
  const besidePlan = { ...plan, paths, keepIds: false };
  const besideLoop = { plan: besidePlan, rate: rate * count, seconds: LEAD_SECONDS + seconds, connections: CONNECTIONS };
  const under = count === 0 ? null : load.beside.openLoop(besideLoop);
  await load.neighbour.openLoop({ plan, rate, seconds: LEAD_SECONDS, connections: CONNECTIONS });
  const [before, counted] = [usage(target), await target.counters()];
  const sent = await load.neighbour.openLoop({ plan, rate, seconds, connections: CONNECTIONS });
  const [after, recounted] = [usage(target), await target.counters()];
  await under;
  await load.neighbour.arrivals({ deliveries: rate * (LEAD_SECONDS + seconds), withinMs: ARRIVAL_LIMIT_MS });
  const log = await load.neighbour.arrivalLog();
  const arrivedAt = new Map(log.ids.map((id, n) => [id, log.firstAt[n]!]));
  const delays = sent.ids.flatMap((id, n) => (arrivedAt.has(id) ? [arrivedAt.get(id)! - sent.answeredAt[n]!] : []));
  return {
    cpuMs: after.own - before.own,
    databaseMs: after.database - before.database,
    statements: recounted['sql statements']! - counted['sql statements']!,
    messages: rate * count * seconds,
    p50: percentile(delays, 0.5),
    p99: percentile(delays, 0.99),
    missing: sent.ids.length - delays.length,
  };
}

function usage(target: OwnTarget): { own: number; database: number } {
  const { database = [] } = target.pids();
  return { own: usageOfAll(ownPids(target)).cpuMs, database: usageOfAll(database).cpuMs };
}

/** What a message costs is what the case costs more than the neighbour alone. */
function report(found: ReadonlyMap<string, Measured[]>): Table {
  const rows = CASES.flatMap(({ name, title }) =>
    builds.flatMap(({ build }) => {
      const [own, alone, good] = [name, 'alone', 'good'].map((which) => found.get(`${build} ${which}`) ?? []) as Measured[][];
      if (own!.length === 0) return [];
      const middle = (all: Measured[], value: (one: Measured) => number) => (all.length === 0 ? NaN : median(all.map(value)));
      const each = (all: Measured[], value: (one: Measured) => number) =>
        (middle(all, value) - middle(alone!, value)) / middle(all, ({ messages: count }) => count);
      const cpu = each(own!, ({ cpuMs }) => cpuMs);
      const p99 = middle(own!, (one) => one.p99);
      const costs = [
        cpu,
        cpu / each(good!, ({ cpuMs }) => cpuMs),
        each(own!, (one) => one.databaseMs),
        each(own!, (one) => one.statements),
      ];
      return [
        [
          title,
          ...(builds.length > 1 ? [build] : []),
          ...(name === 'alone' ? ['–', '–', '–', '–'] : costs.map((value) => value.toFixed(2))),
          middle(own!, (one) => one.p50).toFixed(1),
          p99.toFixed(1),
          (p99 / middle(alone!, (one) => one.p99)).toFixed(1),
        ],
      ];
    }),
  );
  const cost = ['CPU of a message, ms', '× a good one', 'database, ms', 'statements'];
  const columns = ['beside the neighbour', ...(builds.length > 1 ? ['build'] : []), ...cost, 'p50, ms', 'p99, ms', '× alone'];
  return { name: 'hanging', title: 'The cost of an endpoint that hangs', columns, rows };
}
