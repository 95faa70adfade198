// npm run rehearse; see USAGE.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { startRemote } from '../bench/load/remote.js';
import { jestResults, type Judged } from '../test/support/jest-results.js';
import { buildBefore } from '../test/versions/build-before.js';
import { findEngine } from './ecs/docker.js';
import { dockerImages, type OfBuilds } from './images.js';
import type { Order } from './one.js';
import { optionsOf, USAGE, type Options } from './options.js';
import { synthesize } from './plan/synthesize.js';
import { firstName, keepReport, removeReport } from './report/files.js';
import { indexOf } from './report/index-page.js';
import { junitOf } from './report/junit.js';
import { sentenceOf, summaryOf } from './report/terminal.js';
import { requireAll } from './requirements.js';
import { blurredBy, brokenOff, hasPassed, type Result } from './result.js';
import { SCENARIOS } from './scenarios/all.js';
import type { Scenario } from './scenarios/scenario.js';

const ROOT = resolve(import.meta.dirname, '..');
/** Longer than any scenario takes. */
const PLAY_LIMIT_MS = 900_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit((await main().catch((error: Error) => (say(sentenceOf(error)), false))) ? 0 : 1);

async function main(): Promise<boolean> {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) return (say(USAGE), true);
  if (options.list) return (SCENARIOS.forEach(({ name, title }) => say(`${name.padEnd(24)} ${title}`)), true);
  const chosen = chosenOf(options);
  const builds = { before: beforeOf(options), now: ROOT };
  requireAll(
    Object.values(builds),
    options.report,
    [options.junit, options.outputFile].filter((file) => file !== null),
  );
  const docker = await dockerIfAsked(options, builds);
  say('Reading the stacks, taskdef.json and appspec.yaml …');
  const stacks = options.stacks ? resolve(options.stacks) : await synthesize();
  if (!options.stacks) process.once('exit', () => rmSync(stacks, { recursive: true, force: true }));
  const results = await playAll(chosen, options, { ...builds, stacks, docker });
  writeResults(results, options);
  const passed = results.filter(hasPassed).length;
  say(`${passed} scenarios passed, ${results.length - passed} failed`);
  return passed === results.length;
}

/** What a pipeline reads comes first. */
function writeResults(results: readonly Result[], { junit, outputFile, report }: Options): void {
  if (junit) writeFileSync(junit, junitOf(results));
  if (outputFile) writeFileSync(outputFile, jestResults(results.flatMap(judgedOf)));
  const hasReport = (name: string) => existsSync(join(report, `${name}.html`));
  writeFileSync(join(report, 'index.html'), indexOf(results, hasReport));
}

/** Its engine, and images of both builds. Rejects with an error that says what to do. */
async function dockerIfAsked({ containers, images, quiet }: Options, builds: OfBuilds<string>): Promise<Order['docker']> {
  if (!containers && !images.now && !images.before) return null;
  const engine = await findEngine();
  return { engine, tags: await dockerImages(builds, images, quiet ? () => {} : say) };
}

function chosenOf({ names, short }: Options): readonly Scenario[] {
  const unknown = names.filter((name) => !SCENARIOS.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}. --list shows them.`);
  if (names.length > 0) return SCENARIOS.filter(({ name }) => names.includes(name));
  return short ? SCENARIOS.filter(({ isShort }) => isShort) : SCENARIOS;
}

/** Several at a time, from both ends of the list. What the machine had no processor for is played once more when the others are over. */
async function playAll(
  chosen: readonly Scenario[],
  { speed, requestsPerSecond, short, report, quiet, atOnce, environment }: Options,
  given: Pick<Order, 'stacks' | 'docker' | 'before' | 'now'>,
): Promise<Result[]> {
  const shared = { ...given, speed, requestsPerSecond, judgesTimes: !short, report, quiet, environment };
  const results = new Map<Scenario, Result>();
  for (const { name } of chosen) removeReport(report, firstName(name));
  const judged = async (scenario: Scenario, first?: Result) => {
    say(`\n${scenario.name}: ${scenario.title}`);
    const prefix = chosen.length > 1 ? `${scenario.name.padEnd(20)} ` : '';
    const result = { ...(await played(scenario, { ...shared, scenario: scenario.name, prefix })), first };
    for (const line of summaryOf(result)) say(line);
    results.set(scenario, result);
  };
  const players = Math.min(chosen.length, atOnce ?? usualAtOnce(short));
  await fromBothEnds(chosen, players, (scenario) => judged(scenario));
  for (const [scenario, result] of results) {
    const why = blurredBy(result, players > 1);
    if (!why) continue;
    say(`\n${scenario.name} is played once more, alone: ${why}.`);
    keepReport(report, scenario.name);
    await judged(scenario, result);
  }
  return chosen.map((scenario) => results.get(scenario)!);
}

function usualAtOnce(isShort: boolean): number {
  return Math.max(1, Math.floor(availableParallelism() / (isShort ? 2 : 1)));
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

function beforeOf({ before }: Options): string {
  if (before) return resolve(before);
  say('Looking for the build before. The first time it is built, which takes a minute and needs the network …');
  try {
    return buildBefore();
  } catch (error) {
    say(`The build before can't be had, so this build is played twice. ${(error as Error).message}`);
    return ROOT;
  }
}

function judgedOf({ name: suite, verdicts }: Result): Judged[] {
  return verdicts.map(({ text, holds, detail }) => ({ suite, name: text, failures: holds ? [] : [detail] }));
}
