// npm run bench:memory; see USAGE.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { optionsOf } from './parts/arguments.js';
import { Counters } from './parts/counters.js';
import { posthorn } from './parts/posthorn.js';
import { startStack, type Stack } from './parts/stack.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';

const USAGE = `Usage: npm run bench:memory -- [options]

The largest memory of a process under large bodies and answers at the same time.
It starts the servers and the service for itself.

  --dist FOLDER   the build (default dist)
  --into FILE     puts the table into a document, between <!-- table: memory --> and <!-- end -->`;

const AT_ONCE = 20;
const BATCH_BYTES = 16_777_216;
const MIB = 1_048_576;
/** What remains of a task of 1 GiB for the heap. */
const HEAP_MIB = 768;
/** Of a slow upload: it sends half of its body and then nothing. */
const STALLED_MS = 3_000;

type Load = (url: string, token: string) => Promise<number[]>;

const LOADS: [string, Load][] = [
  [`${AT_ONCE} batches of 16 MiB`, (url, token) => times(async () => send(url, token, await anApp(url, token), batch()))],
  [`${AT_ONCE} batches of 16 MiB, half of them arrived`, stalled],
  [`${AT_ONCE} pages of messages of 2 MiB`, pages],
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, { dist: { type: 'string', default: 'dist' }, into: { type: 'string' } });
await main();
process.exit(0);

async function main(): Promise<void> {
  const stack = await startStack();
  const rows: string[][] = [];
  for (const [title, load] of LOADS) {
    progress(title);
    const row = await measured(stack, title, load);
    progress(row.join(' · '));
    rows.push(row);
  }
  const columns = ['at the same time', 'before, MiB', 'at most, MiB', 'answers'];
  const table: Table = { name: 'memory', title: 'The largest memory of a process', columns, rows };
  print(asText(table));
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
  await stack.stop();
}

/** Each load has a process of its own, because the kernel remembers only the largest memory of all. */
async function measured(stack: Stack, title: string, load: Load): Promise<string[]> {
  const nodeArgs = [`--max-old-space-size=${HEAP_MIB}`];
  const settings = { dist: options.dist, split: false, handoff: 'on', set: ['ROLES=api'], nodeArgs };
  const counters = new Counters(stack);
  const { target } = await posthorn('memory', settings, { stack, counters });
  await target.start();
  const { pid } = target.programs()[0]!;
  const before = memoryMib(pid, 'VmRSS');
  const statuses = await load(`${target.url}/api/v1`, target.token);
  const most = memoryMib(pid, 'VmHWM');
  await target.stop();
  await counters.close();
  const counts = Map.groupBy(statuses, (status) => status);
  const answers = [...counts]
    .toSorted(([one], [other]) => one - other)
    .map(([status, all]) => `${all.length} × ${status || 'none'}`);
  return [title, before.toFixed(0), most.toFixed(0), answers.join(', ')];
}

function memoryMib(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line![1]) / 1_024;
}

async function stalled(url: string, token: string): Promise<number[]> {
  const app = await anApp(url, token);
  return times(() => send(url, token, app, batch().subarray(0, BATCH_BYTES / 2), BATCH_BYTES));
}

async function pages(url: string, token: string): Promise<number[]> {
  const app = await anApp(url, token);
  const large = Buffer.from(JSON.stringify({ eventType: 'a', payload: { a: 'x'.repeat(2 * MIB - 100) } }));
  const statuses: number[] = [];
  for (let n = 0; n < 4; n++) statuses.push(await send(url, token, app, large, large.length, 'msg'));
  const headers = { authorization: `Bearer ${token}` };
  return times(async () => {
    const answer = await fetch(`${url}/app/${app}/msg?with_content=true&limit=250`, { headers });
    await answer.arrayBuffer();
    return answer.status;
  });
}

function times(work: () => Promise<number>): Promise<number[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function anApp(url: string, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/app`, { method: 'POST', headers, body: '{"name":"memory"}' });
  return ((await answer.json()) as { id: string }).id;
}

function batch(): Buffer {
  const item = `{"eventType":"a","payload":{"a":[${'{"b":1},'.repeat(2_000)}{}]}},`;
  const count = Math.floor((BATCH_BYTES - 10) / item.length);
  return Buffer.from(`[${item.repeat(Math.min(count, 999))}{"eventType":"a","payload":{}}]`.padEnd(BATCH_BYTES));
}

/** The status of the answer; 0 if there was none before the request was given up, because its body does not end. */
function send(url: string, token: string, app: string, body: Buffer, length = body.length, path = 'msg/batch'): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': length };
    const sent = request(`${url}/app/${app}/${path}`, { method: 'POST', headers, agent: false });
    sent.on('error', () => resolve(0));
    sent.on('response', (answer) => (answer.resume(), resolve(answer.statusCode ?? 0)));
    if (length === body.length) return void sent.end(body);
    sent.write(body, () => undefined);
    setTimeout(() => sent.destroy(), STALLED_MS + 10_000);
  });
}
