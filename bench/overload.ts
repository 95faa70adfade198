// npm run bench:overload; see USAGE.
import { missed, tableOf, type Measured } from './overload/judge.js';
import { KINDS } from './overload/kinds.js';
import { measure } from './overload/measure.js';
import { openStage, type Form } from './overload/stage.js';
import { namesOf, optionsOf } from './parts/arguments.js';
import { asMarkdown, asText, replaceTables } from './report/layout.js';
import { print, progress } from './report/terminal.js';

const USAGE = `Usage: npm run bench:overload -- [options]

What processes do with three times the requests that they can serve, the repeats of the clients among them: what is accepted
and how soon, what is refused and how soon, what a neighbour notices, and when all is as before. If a bound is missed, the exit code is 1.
Without --processes and --embedded: one process, two processes and the embedded parts, in about five minutes.

  --dist FOLDER     the build (default dist)
  --processes N     so many processes on MariaDB, Redis and the SQS emulator
  --embedded        one process with the embedded parts
  --only KINDS      some of message, batch, resend, recover
  --seconds N       length of the overload by messages (default 20); the others take 0.3 of it, at least 6 s
  --factor N        requests, times the capacity, the repeats of the clients among them (default 3)
  --repeats N       how often a client repeats a refused request (default 2, as the official clients)
  --on-top          the factor is that of new requests, and the repeats come on top: about eight times the capacity
  --no-pin          do not give the service a core of its own
  --node-arg ARG    for the service, such as --cpu-prof
  --into FILE       puts the table into a document, between <!-- table: overload --> and <!-- end -->`;

/** Far above what all forms take: the command ends, whatever hangs. */
const LIMIT_MS = 15 * 60_000;
const CAPACITY_SECONDS = 6;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, {
  dist: { type: 'string', default: 'dist' },
  processes: { type: 'string' },
  embedded: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  seconds: { type: 'string', default: '20' },
  factor: { type: 'string', default: '3' },
  repeats: { type: 'string', default: '2' },
  'on-top': { type: 'boolean', default: false },
  'no-pin': { type: 'boolean', default: false },
  'node-arg': { type: 'string', multiple: true, default: [] },
  into: { type: 'string' },
});
setTimeout(() => {
  process.stderr.write(`bench:overload did not end within ${LIMIT_MS / 60_000} minutes\n`);
  process.exit(1);
}, LIMIT_MS).unref();
process.exit((await main()) ? 0 : 1);

async function main(): Promise<boolean> {
  const only = namesOf(USAGE, options.only, KINDS.map(shortNameOf));
  const kinds = KINDS.filter((kind) => only.includes(shortNameOf(kind)));
  const lengths = {
    overload: Number(options.seconds),
    capacity: CAPACITY_SECONDS,
    factor: Number(options.factor),
    repeats: Number(options.repeats),
    repeatsOnTop: options['on-top'],
  };
  const settings = { dist: options.dist, pin: !options['no-pin'], nodeArgs: options['node-arg'] };
  const measured: Measured[] = [];
  for (const form of formsOf()) {
    progress(`${form.title}: starting`);
    const stage = await openStage(form, settings);
    for (const kind of kinds) {
      const row = await measure(stage, form.title, kind, lengths);
      const [service, generator] = [row.serviceShare, row.generatorShare].map((share) => share.toFixed(2));
      print(`${form.title}, ${kind.name}: the service used ${service} cores and the generator ${generator} during the overload`);
      measured.push(row);
    }
    await stage.close();
  }
  const table = tableOf(measured);
  print(asText(table));
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
  const broken = measured.flatMap(missed);
  for (const text of broken) print(`missed: ${text}`);
  return broken.length === 0;
}

function shortNameOf({ name }: { name: string }): string {
  return name.split(' ', 1)[0]!;
}

function formsOf(): Form[] {
  const several = (processes: number): Form => ({
    title: processes === 1 ? 'one' : processes === 2 ? 'two' : String(processes),
    processes,
    embedded: false,
  });
  const embedded: Form = { title: 'one, embedded', processes: 1, embedded: true };
  if (options.processes === undefined && !options.embedded) return [several(1), several(2), embedded];
  return [
    ...(options.processes === undefined ? [] : [several(Number(options.processes))]),
    ...(options.embedded ? [embedded] : []),
  ];
}
