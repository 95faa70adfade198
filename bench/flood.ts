// npm run bench:flood; see USAGE.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { claimsFor, randomOrgId, signToken } from '../test/support/tokens.js';
import type { OpenLoop, OpenOutcome } from './load/generator.js';
import { startRemote } from './load/remote.js';
import { optionsOf } from './parts/arguments.js';
import { Counters } from './parts/counters.js';
import { posthorn } from './parts/posthorn.js';
import { startStack } from './parts/stack.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';

const USAGE = `Usage: npm run bench:flood -- [options]

What one organisation notices of another that sends five times its rate.
It starts the servers and the service for itself.

  --dist FOLDER     the build (default dist)
  --rate N          requests a second that each organisation may make (default 100)
  --seconds N       length of each case in a round (default 6)
  --rounds N        (default 10)
  --repeats N       how often the flood repeats a refused request at once (default 0, as the official clients: they do not repeat a 429)
  --into FILE       puts the table into a document, between <!-- table: flood --> and <!-- end -->`;

const FACTOR = 5;
const QUIET_RATE = 25;
const CONNECTIONS = 64;
const WARM_UP_SECONDS = 5;
/** So long before the quiet organisation, the flood begins. */
const LEAD_SECONDS = 2;
const BODY = JSON.stringify({ eventType: 'order.paid', payload: { text: 'x'.repeat(300) } });

interface Case {
  title: string;
  flood: boolean;
  throttled: boolean;
}

const CASES: Case[] = [
  { title: 'alone', flood: false, throttled: true },
  { title: 'beside the flood', flood: true, throttled: true },
  { title: 'beside the flood, no rates', flood: true, throttled: false },
];

/** What the flood brought and what was refused, of all rounds; and the latencies of the quiet organisation. */
interface Measured {
  latencies: number[];
  seconds: number;
  accepted: number;
  refused: number;
  failed: number;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, {
  dist: { type: 'string', default: 'dist' },
  rate: { type: 'string', default: '100' },
  seconds: { type: 'string', default: '6' },
  rounds: { type: 'string', default: '10' },
  repeats: { type: 'string', default: '0' },
  into: { type: 'string' },
});
await main();
process.exit(0);

async function main(): Promise<void> {
  const [rate, seconds, rounds] = [Number(options.rate), Number(options.seconds), Number(options.rounds)];
  const stack = await startStack();
  const secret = randomBytes(32).toString('hex');
  const set = [`JWT_SECRET=${secret}`];
  const settings = { dist: options.dist, split: false, handoff: 'on', set, nodeArgs: [] };
  const counters = new Counters(stack);
  const { target } = await posthorn('flood', settings, { stack, counters });
  await target.start();
  const operator = signToken(secret, { ...claimsFor({ sub: 'operator' }), operator: true });
  const call = async (token: string, method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${target.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const sender = async () => {
    const orgId = randomOrgId();
    const token = signToken(secret, claimsFor({ sub: orgId }));
    const { id } = await call(token, 'POST', '/app', { name: 'flood' });
    const limit = (throttleRate: number) => call(operator, 'PUT', `/admin/organization/${orgId}/limits`, { throttleRate });
    const paths = [`/api/v1/app/${id}/msg`];
    return { limit, plan: { url: target.url, token, method: 'POST' as const, paths, body: BODY, keepIds: false } };
  };
  const [quiet, loud] = [await sender(), await sender()];
  const generators = [0, 1].map(() => startRemote(join(import.meta.dirname, 'load/generator.ts')));
  const open = (generator: number, loop: OpenLoop) =>
    generators[generator]!.call<OpenOutcome>('open', loop, loop.seconds * 1000 + 60_000);
  const floodLoop = { plan: { ...loud.plan, repeats: Number(options.repeats) }, rate: rate * FACTOR, connections: CONNECTIONS };
  const quietLoop = { plan: quiet.plan, rate: QUIET_RATE, connections: 8 };

  const measured = new Map<string, Measured>(
    CASES.map(({ title }) => [title, { latencies: [], seconds: 0, accepted: 0, refused: 0, failed: 0 }]),
  );
  progress('warming up');
  await Promise.all([open(0, { ...quietLoop, seconds: WARM_UP_SECONDS }), open(1, { ...floodLoop, seconds: WARM_UP_SECONDS })]);
  for (let round = 1; round <= rounds; round++) {
    for (const { title, flood, throttled } of CASES) {
      progress(`round ${round}: ${title}`);
      for (const one of [quiet, loud]) await one.limit(throttled ? rate : 0);
      const under = flood ? open(1, { ...floodLoop, seconds: LEAD_SECONDS + seconds + 1 }) : null;
      // Its connections are made, and the first burst is over.
      await new Promise((later) => setTimeout(later, LEAD_SECONDS * 1000));
      const { latencies, failures } = await open(0, { ...quietLoop, seconds });
      const brought = await under;
      const sum = measured.get(title)!;
      const refusals = Object.values(failures).reduce((total, count) => total + count, 0);
      if (refusals > 0) throw new Error(`The quiet organisation was refused: ${JSON.stringify(failures)}`);
      sum.latencies.push(...latencies);
      if (!brought) continue;
      const { 429: refused = 0, ...others } = brought.failures;
      sum.seconds += (brought.endedAt - brought.startedAt) / 1000;
      sum.accepted += brought.latencies.length;
      sum.refused += refused;
      sum.failed += Object.values(others).reduce((total, count) => total + count, 0);
    }
  }
  for (const generator of generators) generator.stop();
  report(measured);
  await target.stop();
  await counters.close();
  await stack.stop();
}

function report(measured: ReadonlyMap<string, Measured>): void {
  const base = quantile(measured.get('alone')!.latencies, 0.99);
  const rows = [...measured].map(([title, { latencies, seconds, accepted, refused, failed }]) => {
    const p99 = quantile(latencies, 0.99);
    const perSecond = (count: number) => (seconds === 0 ? '0' : (count / seconds).toFixed(0));
    const times = [quantile(latencies, 0.5), p99].map((ms) => ms.toFixed(1));
    return [title, String(latencies.length), ...times, (p99 / base).toFixed(1), ...[accepted, refused, failed].map(perSecond)];
  });
  const columns = ['the quiet organisation', 'requests', 'p50, ms', 'p99, ms', '× alone', 'flood: 202/s', '429/s', 'others/s'];
  const table: Table = { name: 'flood', title: 'One organisation beside the flood of another', columns, rows };
  print(asText(table));
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))]!;
}
