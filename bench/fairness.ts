// npm run bench:fairness; see USAGE.
import { afterRestart, live, MAX_WAIT_MS, type Delays, type Setting } from './fairness/scenarios.js';
import { namesOf, optionsOf } from './parts/arguments.js';
import { startStack, type Stack } from './parts/stack.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';

const USAGE = `Usage: npm run bench:fairness -- [options]

How late a healthy endpoint's webhooks come while others' endpoints hang.
It starts the servers and the service for itself.

  --dist FOLDER     the build (default dist)
  --before FOLDER   another build, measured in turn with it
  --only a,b        only these of: handoff, queue, queue-restart, scanner-restart, organisation
  --hanging 12,100  only with so many hanging endpoints (default 12,40,100)
  --into FILE       puts the tables that were measured into a document, between <!-- table: NAME --> and <!-- end -->`;

/** Hanging endpoints, and messages to each. */
const MESSAGES: Record<number, number> = { 12: 200, 40: 150, 100: 60 };

const SCENARIOS: { name: string; title: string; run(stack: Stack, setting: Setting): Promise<Delays> }[] = [
  { name: 'handoff', title: 'by hand-off', run: (stack, setting) => live(stack, setting, 'on', false) },
  { name: 'queue', title: 'by the queue', run: (stack, setting) => live(stack, setting, 'off', false) },
  {
    name: 'queue-restart',
    title: 'restart, all in the queue',
    run: (stack, setting) => afterRestart(stack, setting, 'queue'),
  },
  {
    name: 'scanner-restart',
    title: 'restart, all due, queue empty',
    run: (stack, setting) => afterRestart(stack, setting, 'scanner'),
  },
];
const ORGANISATION = 'organisation';
/** One organisation with four applications of three of them, and a flood to an endpoint of its own that answers. */
const FLOOD = { hanging: 4, endpoints: 3, messages: 400 };

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, {
  dist: { type: 'string', default: 'dist' },
  before: { type: 'string' },
  only: { type: 'string', default: '' },
  hanging: { type: 'string', default: Object.keys(MESSAGES).join(',') },
  into: { type: 'string' },
});
const builds = [...(options.before ? [{ name: 'before', dist: options.before }] : []), { name: 'now', dist: options.dist }];
const only = namesOf(USAGE, options.only, [...SCENARIOS.map(({ name }) => name), ORGANISATION]);
await main();
process.exit(0);

async function main(): Promise<void> {
  const stack = await startStack();
  const rows: string[][] = [];
  const ofOrganisations: string[][] = [];
  for (const { name, title, run } of SCENARIOS.filter((one) => only.includes(one.name))) {
    for (const hanging of options.hanging.split(',').map(Number)) {
      const setting = { hanging, endpoints: 1, messages: MESSAGES[hanging] ?? 60 };
      rows.push(await measured([title, `${hanging} × ${setting.messages}`], (dist) => run(stack, { ...setting, dist }), name));
    }
  }
  if (only.includes(ORGANISATION)) {
    for (const [handoff, title] of Object.entries({ on: 'by hand-off', off: 'by the queue' }))
      ofOrganisations.push(
        await measured(
          [title, `${FLOOD.hanging} × ${FLOOD.endpoints} × ${FLOOD.messages}`],
          (dist) => live(stack, { ...FLOOD, dist }, handoff, true),
          title,
        ),
      );
  }
  const tables: Table[] = [
    { name: 'fairness', title: 'Worst delay of healthy endpoints', columns: columns('hanging × messages'), rows },
    {
      name: 'fairness-organisation',
      title: 'The same while another organisation floods',
      columns: columns('applications × endpoints × messages'),
      rows: ofOrganisations,
    },
  ].filter((table) => table.rows.length > 0);
  print(tables.map(asText).join('\n\n'));
  const contents = new Map(tables.map((table) => [table.name, asMarkdown(table)]));
  if (options.into) replaceTables(options.into, contents, true);
  await stack.stop();
}

function columns(setting: string): string[] {
  const each = builds.flatMap(({ name }) => [`known, ${name}`, `new, ${name}`, `SQL/s, ${name}`]);
  return ['way', setting, ...each];
}

async function measured(titles: string[], run: (dist: string) => Promise<Delays>, what: string): Promise<string[]> {
  const cells: string[] = [];
  for (const { name, dist } of builds) {
    progress(`${what}: ${titles[1]}, ${name}`);
    const { known, fresh, statements } = await run(dist);
    cells.push(asTime(known), asTime(fresh), Number.isNaN(statements) ? '' : String(Math.round(statements)));
    progress(cells.join('  '));
  }
  return [...titles, ...cells];
}

function asTime(ms: number): string {
  return ms === Infinity ? `> ${MAX_WAIT_MS / 1_000} s` : `${(ms / 1_000).toFixed(ms < 1_000 ? 2 : 1)} s`;
}
