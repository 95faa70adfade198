// npm run bench:rows; see USAGE.
import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import { median, percentile } from './figures.js';
import { Load, reads } from './load/load.js';
import { optionsOf } from './parts/arguments.js';
import { Counters } from './parts/counters.js';
import { posthorn } from './parts/posthorn.js';
import { startStack } from './parts/stack.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';
import { filled, type Tables } from './rows/tables.js';

const USAGE = `Usage: npm run bench:rows -- [options]

Whether lists and the scan for due deliveries stay as fast when there is more in the tables.
It starts the servers and the service for itself. Exit code 1: something is more than twice as slow as with the fewest rows.

  --dist FOLDER    the build (default dist)
  --rows A,B,C     attempts in the tables (default 20000,2000000; 20000000 takes 21 GB of disk, and 20 to 40 minutes)
  --requests N     requests to each list in a round (default 200)
  --rounds N       (default 5)
  --memory-gb N    memory of the database for its pages (default 2)
  --into FILE      puts the table into a document, between <!-- table: rows --> and <!-- end -->`;

const MOST_TIMES = 2;
/** Less than this is noise. */
const FLOOR_MS = 2;
/** How often something slow is measured again. */
const REPEATS = 2;
const LIMIT_SECONDS = 60;
const DUE_ROWS = 200;
/** Longer than filling the tables takes: a scan looks back until the last one that found everything. */
const LOOK_BACK_MS = 86_400_000;

/** Takes this many measurements, in ms. */
type Measure = (tables: Tables, count: number) => Promise<number[]>;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, {
  dist: { type: 'string', default: 'dist' },
  rows: { type: 'string', default: '20000,2000000' },
  requests: { type: 'string', default: '200' },
  rounds: { type: 'string', default: '5' },
  'memory-gb': { type: 'string', default: '2' },
  into: { type: 'string' },
});
const sizes = options.rows.split(',').map(Number);
process.exit((await main()) ? 0 : 1);

async function main(): Promise<boolean> {
  const stack = await startStack();
  // Tables are filled faster without a flush for each commit; nothing is lost that anybody needs.
  const settings = `innodb_buffer_pool_size = ${Number(options['memory-gb']) * 2 ** 30}, GLOBAL innodb_flush_log_at_trx_commit = 0`;
  const connection = await mysql.createConnection({ uri: stack.database.url });
  await connection.query(`SET GLOBAL ${settings}`).finally(() => connection.destroy());
  const counters = new Counters(stack);
  const load = new Load();
  await load.open();
  const all: Tables[] = [];
  for (const attempts of sizes) {
    const service = { dist: options.dist, split: false, handoff: 'on', set: [], nodeArgs: [] };
    const { target, databaseUrl } = await posthorn(`rows_${randomBytes(2).toString('hex')}`, service, { stack, counters });
    all.push(await filled(load, target, databaseUrl!, attempts));
  }
  const rows: string[][] = [];
  const slow: string[] = [];
  for (const [what, measure] of measures(load, all[0]!)) {
    progress(`rows: ${what}`);
    let p99s = await compared(all, measure);
    // The p99 of a busy machine is noise: what is slow is slow again.
    for (let again = 0; isSlow(p99s) && again < REPEATS; again++) p99s = await compared(all, measure);
    const most = Math.max(...p99s);
    if (isSlow(p99s)) slow.push(what);
    rows.push([what, ...p99s.map(asMs), (most / p99s[0]!).toFixed(1)]);
    progress(`rows: ${what}: ${p99s.map(asMs).join(', ')} ms`);
  }
  const columns = ['what', ...sizes.map((attempts) => `p99 ms at ${attempts.toLocaleString('en')}`), 'times'];
  const table: Table = { name: 'rows', title: 'Lists and the scan for due deliveries, by attempts in the tables', columns, rows };
  print(asText(table));
  print(slow.length === 0 ? 'Nothing is more than twice as slow.' : `More than twice as slow: ${slow.join('; ')}`);
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
  for (const { target, store } of all) await Promise.all([target.stop(), store.close()]);
  await counters.close();
  load.close();
  await stack.stop();
  return slow.length === 0;
}

function asMs(ms: number): string {
  return ms === Infinity ? 'failed' : ms.toFixed(1);
}

function isSlow([first = 0, ...others]: readonly number[]): boolean {
  return others.some((ms) => ms > MOST_TIMES * first && ms - first > FLOOR_MS);
}

function measures(load: Load, { paths }: Tables): [string, Measure][] {
  return [
    ...Object.keys(paths).map((list): [string, Measure] => [list, listOf(load, list)]),
    ['scan for due deliveries', scan(LOOK_BACK_MS)],
    ['the same, everything that is due', scan(null)],
  ];
}

function listOf(load: Load, list: string): Measure {
  return async ({ target, paths }, count) => {
    const loop = { plan: reads(target, paths[list]!), concurrency: 1, seconds: LIMIT_SECONDS };
    // What the pages of the first requests have to be read from the disk for.
    await load.closed({ ...loop, most: Math.ceil(count / 4) });
    const { latencies, failures } = await load.closed({ ...loop, most: count });
    // What fails takes for ever. It does not end the run: filling large tables takes an hour.
    const failed = Object.values(failures).reduce((sum, one) => sum + one, 0);
    if (failed > 0) progress(`rows: ${list}: ${JSON.stringify(failures)}`);
    return [...latencies, ...Array<number>(failed).fill(Infinity)];
  };
}

function scan(withinMs: number | null): Measure {
  return async ({ store }, count) => {
    const times: number[] = [];
    for (let n = 0; n < count; n++) {
      const start = performance.now();
      const found = await store.due(DUE_ROWS, withinMs);
      times.push(performance.now() - start);
      if (found.length < DUE_ROWS) throw new Error(`Only ${found.length} deliveries are due.`);
    }
    return times;
  };
}

/** In turn, and the median of the rounds: what else happens on the machine meets all of them. */
async function compared(all: readonly Tables[], measure: Measure): Promise<number[]> {
  const found = all.map((): number[] => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [at, tables] of all.entries()) {
      found[at]!.push(percentile(Float64Array.from(await measure(tables, Number(options.requests))), 0.99));
    }
  }
  return found.map(median);
}
