// node --import ./bench/typescript.mjs bench/scale.ts [--from bench/results/one-process.json] [--service-ms 0.4] [--usd-log-gb 0.25] …
// The arithmetic of sizing: what a rate needs on AWS, by the measured cost of a message, and what a month of it costs. What waits where
// is counted by formula and simulated event by event; where the two disagree, the formula is not to be used, and the last lines say so.
//   --markdown       the tables as Markdown
//   --into FILE      puts them into a document, between <!-- table: NAME --> and <!-- end -->
// All inputs: bench/scale/inputs.ts; all prices: bench/scale/money.ts. Each can be given by its name.
import { print } from './report/terminal.js';
import { readOptions } from './scale/inputs.js';
import { asMarkdown, asText, replaceTables } from './report/layout.js';
import { needsOf } from './scale/needs.js';
import * as tables from './scale/tables.js';
import { disagreements, groupsTable, waitsTable, type Checked } from './scale/waits.js';

const RATES = [100, 1_000, 10_000, 100_000];
const RATES_OF_A_PROCESS = [10, 100, 300, 1_000, 2_000, 4_000];

const { inputs, prices, markdown, into } = readOptions(process.argv.slice(2));
const needs = RATES.map((rate) => needsOf(rate, inputs));
const checks: Checked[] = [];
const all = [
  tables.needsTable(needs),
  tables.dataTable(needs, inputs),
  tables.moneyTable(needs, inputs, prices),
  tables.databaseTable(needs, inputs, prices),
  tables.sensitivityTable(inputs, prices),
  groupsTable(inputs, RATES_OF_A_PROCESS, checks),
  waitsTable(needs, inputs, checks),
  tables.backlogTable(needs, inputs),
];
const inputsLine = tables.inputsLine(inputs);
const off = disagreements(checks);
const verdict =
  off.length === 0
    ? `formula and simulation agree within 20 % (${checks.length} compared)`
    : ['FORMULA AND SIMULATION DISAGREE by more than 20 %; there the simulation counts:', ...off.map((line) => `- ${line}`)].join(
        '\n',
      );

if (into !== undefined) {
  const contents = all.map((table) => [table.name, asMarkdown(table)] as const);
  replaceTables(into, new Map([...contents, ['inputs', `\`${inputsLine}\``], ['verdict', verdict]]));
} else if (markdown) {
  const blocks = all.map((table) => `<!-- table: ${table.name} -->\n\n${asMarkdown(table)}\n\n<!-- end -->`);
  print([`inputs: \`${inputsLine}\``, ...blocks, verdict].join('\n\n'));
} else {
  print([`inputs: ${inputsLine}`, ...all.map(asText), verdict].join('\n\n'));
}
