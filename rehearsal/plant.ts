// npm run rehearse:plants; see USAGE.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { asMarkdown, asText, replaceTables } from '../bench/report/layout.js';
import { PLANTS } from './plants/all.js';
import { editedIn, type Plant } from './plants/plant.js';
import { play } from './plants/play.js';
import { controlOf, findingOf, tableOf, type Ended, type Finding } from './plants/verdict.js';
import { sentenceOf } from './report/terminal.js';

const USAGE = `Usage: npm run rehearse:plants -- [options] [plant …]

Plants mistakes, each into a copy of this project, and plays a scenario with it that has to notice. Ends with 1 if one is not noticed.
Needs what a rehearsal needs. Each takes two to three minutes.

  --list         the plants, and what they are about
  --at-once N    how many are played at the same time (default 2)
  --control      plays the scenarios without a mistake too: everything has to hold
  --into FILE    puts the table into a document, between <!-- table: plants --> and <!-- end -->; only of all plants`;

/** Also of a scenario that is played a second time. */
const LIMIT_MS = 600_000;
const ROOT = resolve(import.meta.dirname, '..');

/** Something to play: a plant, or a scenario on a copy without one. */
interface Job {
  name: string;
  scenario: string;
  plant: Plant | null;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);
const { values: options, positionals } = parsed();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
const isGood = await main().catch((error: Error) => (say(sentenceOf(error)), false));
process.exit(stopping.signal.aborted ? 130 : isGood ? 0 : 1);

async function main(): Promise<boolean> {
  if (options.help) return (say(USAGE), true);
  const chosen = chosenOf(positionals);
  if (options.list) {
    for (const { name, area, mistake } of chosen) say(`${name.padEnd(24)} ${area.padEnd(24)} ${mistake}`);
    return true;
  }
  if (options.into && chosen.length < PLANTS.length) throw new Error('--into needs all plants.');
  requireTexts(chosen);
  const jobs = [...controlsOf(chosen), ...chosen.map((plant) => ({ name: plant.name, scenario: plant.scenario, plant }))];
  const findings = await inTurns(jobs, atOnce(), played);
  await playAlone(jobs, findings);
  if (stopping.signal.aborted) return false;
  const found = jobs.flatMap(({ plant }, at) => (plant ? [{ plant, finding: findings[at]! }] : []));
  const table = tableOf(found);
  say(`\n${asText(table)}`);
  if (options.into) replaceTables(options.into, new Map([[table.name, asMarkdown(table)]]), true);
  const missed = found.filter(({ finding }) => !finding.isGood).length;
  say(`\n${found.length - missed} plants caught, ${missed} not`);
  return findings.every((finding) => finding.isGood);
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        list: { type: 'boolean', default: false },
        'at-once': { type: 'string', default: '2' },
        control: { type: 'boolean', default: false },
        into: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    say(`${(error as Error).message}. --help shows the options.`);
    process.exit(1);
  }
}

function chosenOf(names: readonly string[]): readonly Plant[] {
  const unknown = names.filter((name) => !PLANTS.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`There is no plant ${unknown.join(', ')}. --list shows them.`);
  return names.length > 0 ? PLANTS.filter(({ name }) => names.includes(name)) : PLANTS;
}

function atOnce(): number {
  if (!/^[1-9]\d?$/.test(options['at-once'])) throw new Error('--at-once takes a number from 1 to 99.');
  return Number(options['at-once']);
}

/** Before anything is played: a plant whose text has changed is found in a moment, not after half an hour. */
function requireTexts(plants: readonly Plant[]): void {
  for (const { name, edits } of plants) for (const edit of edits) editedIn(ROOT, edit, name);
}

function controlsOf(plants: readonly Plant[]): Job[] {
  if (!options.control) return [];
  const scenarios = [...new Set(plants.map(({ scenario }) => scenario))];
  return scenarios.map((scenario) => ({ name: `nothing (${scenario})`, scenario, plant: null }));
}

/** Of the controls alone: what else runs beside them takes what p99 is judged by. A plant has to be noticed at once. */
async function playAlone(jobs: readonly Job[], findings: Finding[]): Promise<void> {
  for (const [at, job] of jobs.entries()) {
    if (job.plant || findings[at]?.isGood || stopping.signal.aborted) continue;
    say(`${job.name} failed beside others, so it is played once more, alone.`);
    findings[at] = await played(job);
  }
}

/** Never rejects: what can't be played was not noticed. */
async function played({ name, scenario, plant }: Job): Promise<Finding> {
  const startedAt = performance.now();
  say(`planted ${name}: playing ${scenario} …`);
  const order = { project: ROOT, scenario, plant, limitMs: LIMIT_MS, signal: stopping.signal };
  const judged = (ended: Ended) => (plant ? findingOf(plant, ended) : controlOf(ended));
  const finding = await play(order).then(judged, (error: Error) => ({ isGood: false, said: error.message }));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  if (!stopping.signal.aborted) say(`${finding.isGood ? 'ok    ' : 'FAILED'} ${name} (${seconds} s): ${finding.said}`);
  return finding;
}

/** Does the work of all items, so many at the same time. Answers in the order of the items. */
async function inTurns<T, R>(items: readonly T[], times: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const take = async () => {
    while (next < items.length && !stopping.signal.aborted) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: times }, take));
  return results;
}
