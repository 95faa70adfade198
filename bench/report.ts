// node --import ./bench/typescript.mjs bench/report.ts docs/performance.md
// Puts the results of the benchmark into a document: between <!-- table: LABEL/STEP --> and <!-- end --> comes that step's table of
// bench/results/LABEL.json, between <!-- table: LABEL/machine --> and <!-- end --> what it was measured on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asMarkdown, replaceTables } from './report/layout.js';
import { load, type Results, type StepResult } from './report/results.js';
import { shown } from './report/table.js';
import { print } from './report/terminal.js';

const [document, folder = 'bench/results'] = process.argv.slice(2);
if (document === undefined) {
  print('Which document? node --import ./bench/typescript.mjs bench/report.ts docs/performance.md');
  process.exit(2);
}
const named = [...readFileSync(document, 'utf8').matchAll(/<!-- table: (\S+)\/(\S+) -->/g)];
const contents = named.map(([, label, part]) => {
  const results = load(join(folder, `${label!}.json`));
  return [`${label!}/${part!}`, part === 'machine' ? machineOf(results) : blocksOf(stepOf(results, part!))] as const;
});
replaceTables(document, new Map(contents));

function stepOf({ label, steps }: Results, name: string): StepResult {
  const step = steps.find((one) => one.name === name);
  if (!step) throw new Error(`${label} was run without the step ${name}.`);
  return step;
}

function machineOf({ at, quick, machine, command }: Results): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${typeof value === 'number' ? shown(value) : value}`);
  return `${at.slice(0, 10)} · ${facts.join(' · ')} · \`npm run bench -- ${command.join(' ')}\`${quick ? ' · quick, no measurement' : ''}`;
}

/** Rows with the same figures share a table. */
function blocksOf({ name, rows }: StepResult): string {
  const blocks = new Map<string, string[][]>();
  for (const [row, targets] of Object.entries(rows)) {
    const columns = [...new Set(Object.values(targets).flatMap(({ figures }) => Object.keys(figures)))];
    const lines = Object.entries(targets).map(([target, { figures, ofFloor }]) => [
      row,
      target,
      ...columns.map((column) => shown(figures[column]?.median)),
      ofFloor === null ? '–' : ofFloor.toFixed(2),
    ]);
    blocks.set(columns.join('|'), [...(blocks.get(columns.join('|')) ?? []), ...lines]);
  }
  return [...blocks]
    .map(([columns, lines]) => {
      const table = { name, title: name, columns: ['', 'of', ...columns.split('|'), '÷ floor'], rows: lines };
      return asMarkdown(table);
    })
    .join('\n\n');
}
