// npm run bench:turns; see USAGE.
import { optionsOf } from './parts/arguments.js';
import { Counters } from './parts/counters.js';
import { posthorn } from './parts/posthorn.js';
import { startStack } from './parts/stack.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';
import { operationsOf, type Operation } from './turns/operations.js';

const USAGE = `Usage: npm run bench:turns -- [options]

The longest turn of the event loop for each operation at its largest legal input.
It starts the servers and the service for itself.

  --dist FOLDER   the build (default dist)
  --into FILE     puts the table into a document, between <!-- table: turns --> and <!-- end -->`;

const ENDPOINTS = 20;
const WARM_UP = 5;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, { dist: { type: 'string', default: 'dist' }, into: { type: 'string' } });
await main();
process.exit(0);

async function main(): Promise<void> {
  const stack = await startStack();
  const counters = new Counters(stack);
  const settings = {
    dist: options.dist,
    split: false,
    handoff: 'on',
    set: ['ROLES=api'],
    nodeArgs: ['--max-old-space-size=768'],
  };
  const { target } = await posthorn('turns', settings, { stack, counters });
  await target.start();
  const [program] = target.programs();
  const request = async ({ method, path, body }: Pick<Operation, 'method' | 'path' | 'body'>) => {
    const headers = { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${target.url}/api/v1${path}`, { method, headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  const create = async (path: string, body: object) =>
    (JSON.parse((await request({ method: 'POST', path, body: JSON.stringify(body) })).text) as { id: string }).id;
  const appId = await create('/app', { name: 'turns' });
  const wideAppId = await create('/app', { name: 'wide' });
  for (let n = 0; n < ENDPOINTS; n++)
    await create(`/app/${wideAppId}/endpoint`, { url: 'https://127.0.0.1:9/', disabled: false });
  const rows: string[][] = [];
  const operations = operationsOf({ appId, wideAppId });
  // The first requests of a process run code that is not compiled yet.
  for (let n = 0; n < WARM_UP; n++) await request(operations[0]!);
  for (const operation of operations) {
    progress(operation.title);
    await program!.longestTurn();
    const { status, text } = await request(operation);
    const longestMs = await program!.longestTurn();
    if (status !== operation.status) throw new Error(`${operation.title}: ${status} ${text.slice(0, 300)}`);
    rows.push([operation.title, megabytes(operation.body ?? ''), parseMs(operation.body).toFixed(0), longestMs.toFixed(0)]);
  }
  const columns = ['operation', 'body, MB', 'one parse, ms', 'longest turn, ms'];
  const table: Table = { name: 'turns', title: 'The longest turn of the event loop', columns, rows };
  print(asText(table));
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
  await target.stop();
  await counters.close();
  await stack.stop();
}

function megabytes(text: string): string {
  return (Buffer.byteLength(text) / 1_000_000).toFixed(1);
}

/** CPU time of one parse of the body, in this process. */
function parseMs(body: string | null): number {
  if (body === null) return 0;
  const bytes = Buffer.from(body);
  const before = process.threadCpuUsage();
  JSON.parse(bytes.toString());
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
