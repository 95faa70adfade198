// npm run bench:retention; see USAGE.
import mysql from 'mysql2/promise';
import { median, percentile } from './figures.js';
import { Load, messages } from './load/load.js';
import { optionsOf } from './parts/arguments.js';
import { Counters } from './parts/counters.js';
import { posthorn } from './parts/posthorn.js';
import { startStack } from './parts/stack.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';
import { writeAttempts } from './steps/rows.js';
import type { OwnTarget } from './target.js';

const USAGE = `Usage: npm run bench:retention -- [options]

What deliveries notice of the removal of old rows. It starts the servers and the service for itself.

  --dist FOLDER     the build (default dist)
  --attempts N      old attempts in the tables at the start, two for each message (default 700000)
  --seconds N       length of each load (default 20)
  --rounds N        (default 3)
  --into FILE       puts the table into a document, between <!-- table: retention --> and <!-- end -->`;

const CONNECTIONS = 64;
/** Messages a second at which latencies are measured. */
const RATE = 100;
const ENDPOINTS = 10;
const ARRIVAL_LIMIT_MS = 60_000;

/** Of one round. */
interface Figures {
  rate: number;
  p50: number;
  p99: number;
  removed: number;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, {
  dist: { type: 'string', default: 'dist' },
  attempts: { type: 'string', default: '700000' },
  seconds: { type: 'string', default: '20' },
  rounds: { type: 'string', default: '3' },
  into: { type: 'string' },
});
await main();
process.exit(0);

async function main(): Promise<void> {
  const stack = await startStack();
  const set = ['RETENTION_DAYS=1', 'DELETED_DAYS=0'];
  const settings = { dist: options.dist, split: false, handoff: 'on', set, nodeArgs: [] };
  const counters = new Counters(stack);
  const { target, databaseUrl } = await posthorn('retention', settings, { stack, counters });
  const load = new Load();
  await load.open();
  await target.start();
  const old = await load.application(target, ENDPOINTS);
  await target.stop();
  await writeAttempts(databaseUrl!, old.appId, old.endpointIds, Number(options.attempts));
  const database = await mysql.createConnection({ uri: databaseUrl! });
  const count = async () => {
    const [rows] = await database.query('SELECT COUNT(*) AS found FROM attempt WHERE endpoint_id IN (?)', [old.endpointIds]);
    return Number((rows as { found: number }[])[0]!.found);
  };
  const found = { without: [] as Figures[], with: [] as Figures[] };
  for (let round = 1; round <= Number(options.rounds); round++) {
    const order = round % 2 === 1 ? (['without', 'with'] as const) : (['with', 'without'] as const);
    for (const which of order) {
      progress(`round ${round}: ${which} removal`);
      // The process asks for the work when it starts.
      const due = which === 'with' ? '2020-01-01' : '2099-01-01';
      await database.query("UPDATE shared_work SET owner = '', due_at = ?", [due]);
      const before = await count();
      await target.start();
      const figures = await measured(load, target);
      await target.stop();
      const removed = before - (await count());
      if (which === 'with' && removed === before) throw new Error('Too few old attempts: --attempts');
      found[which].push({ ...figures, removed });
    }
    // After each round, so that a run that is broken off has figures.
    report(found.without, found.with);
  }
  load.close();
  database.destroy();
  await counters.close();
  await stack.stop();
}

async function measured(load: Load, target: OwnTarget): Promise<Omit<Figures, 'removed'>> {
  const seconds = Number(options.seconds);
  const { appId, run } = await load.application(target, 1);
  const plan = messages(target, appId, 300, true);
  const arrived = async (deliveries: number) => {
    await load.arrivals({ deliveries, withinMs: ARRIVAL_LIMIT_MS });
    const log = await load.arrivalLog();
    if (log.ids.length < deliveries) throw new Error(`${deliveries - log.ids.length} of ${deliveries} messages did not arrive`);
    return log;
  };
  await load.begin(run);
  const warm = await load.openLoop({ plan, rate: RATE, connections: CONNECTIONS, seconds: 2 });
  await arrived(warm.ids.length);
  await load.begin(run);
  const begun = performance.now();
  const flood = await load.closed({ plan, concurrency: CONNECTIONS, seconds, most: 1_000_000 });
  await arrived(flood.ids.length);
  const rate = flood.ids.length / ((performance.now() - begun) / 1000);
  await load.begin(run);
  const sent = await load.openLoop({ plan, rate: RATE, connections: CONNECTIONS, seconds });
  const log = await arrived(sent.ids.length);
  const at = new Map(log.ids.map((id, n) => [id, log.firstAt[n]!]));
  const delays = sent.ids.map((id, n) => at.get(id)! - sent.answeredAt[n]! + sent.latencies[n]!);
  return { rate, p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
}

function report(without: readonly Figures[], beside: readonly Figures[]): void {
  const of = (figures: readonly Figures[], key: keyof Figures) => median(figures.map((one) => one[key]));
  const row = (title: string, figures: readonly Figures[]) => [
    title,
    of(figures, 'rate').toFixed(0),
    of(figures, 'p50').toFixed(1),
    of(figures, 'p99').toFixed(1),
    of(figures, 'removed').toFixed(0),
  ];
  const times = (key: keyof Figures) => median(without.map((one, n) => beside[n]![key] / one[key])).toFixed(2);
  const rows = [
    row('without removal', without),
    row('beside the removal', beside),
    ['ratio, median of the rounds', times('rate'), times('p50'), times('p99'), ''],
  ];
  const columns = ['', 'messages/s', 'p50, ms', 'p99, ms', 'old attempts removed in a round'];
  const table: Table = { name: 'retention', title: 'Retention beside a load', columns, rows };
  print(asText(table));
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
}
