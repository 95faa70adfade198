// npm run rehearse; see USAGE.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startRemote } from '../bench/load/remote.js';
import { buildBefore } from '../test/versions/build-before.js';
import { findEngine } from './ecs/docker.js';
import { dockerImages, type OfBuilds } from './images.js';
import type { Order } from './one.js';
import { synthesize } from './plan/synthesize.js';
import { indexOf } from './report/index-page.js';
import { junitOf } from './report/junit.js';
import { sentenceOf, summaryOf } from './report/terminal.js';
import { brokenOff, hasPassed, blurredBy, type Result } from './result.js';
import { SCENARIOS } from './scenarios/all.js';
import type { Scenario } from './scenarios/scenario.js';

const USAGE = `Usage: npm run rehearse -- [options] [scenario …]

Plays releases of this project as CodeDeploy would make them, with real processes of two builds, real servers and load, and judges them.
Without a scenario: all of them.

  --short           the scenarios that a build runs before it pushes an image, with half of the load; a build's machine is not quiet, so p99 is not
                    judged
  --list            the scenarios, and what they are about
  --at-once N       how many scenarios are played side by side (default: one for each processor; with --short one for each two).
                    What fails for want of a free processor is played once more, alone
  --rate N          requests of the load in a second (default 200; with --short 100)
  --speed N         waits are so many times shorter than on AWS (default 5: a canary of five minutes takes one)
  --before FOLDER   the build that is replaced (default: the commit before, built from the history; without one, this build)
  --containers      the tasks are containers of images that are built from both builds (Docker Engine on Linux)
  --image-now TAG, --image-before TAG
                    as --containers, with images that are there already
  --stacks FOLDER   synthesized stacks (default: infra/ is synthesized)
  --report FOLDER   where the reports go, one HTML file for each scenario (default rehearsal-report)
  --junit FILE      the results as JUnit XML
  --outputFile=FILE writes how many things held, and how many did not, as Jest would
  --json            ignored, as with Jest it goes with --outputFile
  --quiet           only the results`;

const ROOT = resolve(import.meta.dirname, '..');
/** Longer than any scenario takes. */
const PLAY_LIMIT_MS = 900_000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    'at-once': { type: 'string' },
    rate: { type: 'string' },
    speed: { type: 'string', default: '5' },
    before: { type: 'string' },
    containers: { type: 'boolean', default: false },
    'image-now': { type: 'string' },
    'image-before': { type: 'string' },
    stacks: { type: 'string' },
    report: { type: 'string', default: 'rehearsal-report' },
    junit: { type: 'string' },
    outputFile: { type: 'string' },
    json: { type: 'boolean' },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit((await main().catch((error: Error) => (say(sentenceOf(error)), false))) ? 0 : 1);

async function main(): Promise<boolean> {
  if (options.help) return (say(USAGE), true);
  if (options.list) return (SCENARIOS.forEach(({ name, title }) => say(`${name.padEnd(24)} ${title}`)), true);
  const chosen = chosenOf(positionals);
  const builds = { before: beforeOf(), now: ROOT };
  const docker = await dockerIfAsked(builds).catch((error: Error) => (say(error.message), process.exit(1)));
  say('Reading the stacks, taskdef.json and appspec.yaml …');
  const stacks = options.stacks ? resolve(options.stacks) : await synthesize();
  if (!options.stacks) process.once('exit', () => rmSync(stacks, { recursive: true, force: true }));
  mkdirSync(options.report, { recursive: true });
  const results = await playAll(chosen, { ...builds, stacks, docker });
  writeFileSync(
    join(options.report, 'index.html'),
    indexOf(results, (name) => existsSync(join(options.report, `${name}.html`))),
  );
  if (options.junit) writeFileSync(options.junit, junitOf(results));
  if (options.outputFile) writeFileSync(options.outputFile, JSON.stringify(countsOf(results)));
  const passed = results.filter(hasPassed).length;
  say(`${passed} scenarios passed, ${results.length - passed} failed`);
  return passed === results.length;
}

/** Its engine, and images of both builds. Rejects with an error that says what to do. */
async function dockerIfAsked({ before, now }: OfBuilds<string>): Promise<Order['docker']> {
  const given = { now: options['image-now'], before: options['image-before'] };
  if (!options.containers && !given.now && !given.before) return null;
  const engine = await findEngine();
  return { engine, tags: await dockerImages({ before, now }, given, options.quiet ? () => {} : say) };
}

function chosenOf(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !SCENARIOS.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}. --list shows them.`);
  if (names.length > 0) return SCENARIOS.filter(({ name }) => names.includes(name));
  return options.short ? SCENARIOS.filter(({ isShort }) => isShort) : SCENARIOS;
}

/** Several at a time, from both ends of the list. What the machine had no processor for is played once more when the others are over. */
async function playAll(
  chosen: readonly Scenario[],
  given: Pick<Order, 'stacks' | 'docker' | 'before' | 'now'>,
): Promise<Result[]> {
  const shared = {
    ...given,
    speed: numberOf('speed'),
    requestsPerSecond: numberOf('rate', options.short ? '100' : '200'),
    judgesTimes: !options.short,
    report: options.report,
    quiet: options.quiet,
  };
  const results = new Map<Scenario, Result>();
  const judged = async (scenario: Scenario) => {
    say(`\n${scenario.name}: ${scenario.title}`);
    const prefix = chosen.length > 1 ? `${scenario.name.padEnd(20)} ` : '';
    const result = await played(scenario, { ...shared, scenario: scenario.name, prefix });
    for (const line of summaryOf(result)) say(line);
    results.set(scenario, result);
  };
  const atOnce = Math.min(chosen.length, numberOf('at-once', usualAtOnce()));
  await fromBothEnds(chosen, atOnce, judged);
  for (const [scenario, result] of results) {
    const why = blurredBy(result, atOnce > 1);
    if (!why) continue;
    say(`\n${scenario.name} is played once more, alone: ${why}.`);
    await judged(scenario);
  }
  return chosen.map((scenario) => results.get(scenario)!);
}

function usualAtOnce(): string {
  return String(Math.max(1, Math.floor(availableParallelism() / (options.short ? 2 : 1))));
}

/** Half of the players begin at the front, where what takes most of the processors stands, and half at the back, where it is least. */
async function fromBothEnds<T>(items: readonly T[], players: number, play: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const player = async (take: () => T | undefined) => {
    for (let item = take(); item !== undefined; item = take()) await play(item);
  };
  const takes = [() => waiting.shift(), () => waiting.pop()];
  await Promise.all(Array.from({ length: players }, (_none, nth) => player(takes[nth % 2]!)));
}

async function played({ name, title }: Scenario, order: Order): Promise<Result> {
  const process = startRemote(join(import.meta.dirname, 'one.ts'));
  try {
    return await process.call<Result>('play', order, PLAY_LIMIT_MS);
  } catch (error) {
    return brokenOff(name, title, error as Error);
  } finally {
    process.stop();
  }
}

function beforeOf(): string {
  if (options.before) return options.before;
  try {
    return buildBefore();
  } catch (error) {
    say(`The build before can't be had, so this build is played twice. ${(error as Error).message}`);
    return ROOT;
  }
}

function countsOf(results: readonly Result[]): object {
  const verdicts = results.flatMap((result) => result.verdicts);
  const numPassedTests = verdicts.filter(({ holds }) => holds).length;
  return { numPassedTests, numFailedTests: verdicts.length - numPassedTests, numRuntimeErrorTestSuites: 0 };
}

function numberOf(option: 'speed' | 'at-once' | 'rate', usual = ''): number {
  const given = options[option] ?? usual;
  const number = Number(given);
  if (!(number > 0)) throw new Error(`--${option} needs a number above 0, and is ${given}.`);
  return number;
}
