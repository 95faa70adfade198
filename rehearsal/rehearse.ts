// npm run rehearse; see USAGE.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBefore } from '../test/versions/build-before.js';
import { clockOf } from './clock.js';
import type { Image } from './ecs/container.js';
import { imageOf } from './images.js';
import { Book } from './journal.js';
import { startParts, type Parts } from './parts.js';
import { readPlan, type Plan } from './plan/plan.js';
import { junitOf } from './report/junit.js';
import { htmlOf } from './report/html.js';
import { summaryOf, watch } from './report/terminal.js';
import { run, type Outcome } from './run.js';
import { SCENARIOS } from './scenarios/all.js';
import type { Scenario } from './scenarios/scenario.js';
import { openStage } from './stage.js';

const USAGE = `Usage: npm run rehearse -- [options] [scenario …]

Plays releases of this project as CodeDeploy would make them, with real processes of two builds, real servers and load, and judges them.
Without a scenario: all of them.

  --short           the scenarios that a build runs before it pushes an image
  --list            the scenarios, and what they are about
  --speed N         waits are so many times shorter than on AWS (default 5: a canary of five minutes takes one)
  --before FOLDER   the build that is replaced (default: the commit before, built from the history; without one, this build)
  --report FOLDER   where the reports go, one HTML file for each scenario (default rehearsal-report)
  --junit FILE      the results as JUnit XML
  --quiet           only the results`;

const MOST_TERMINATION_WAIT_MS = 150_000;
const ROOT = resolve(import.meta.dirname, '..');

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    speed: { type: 'string', default: '5' },
    before: { type: 'string' },
    report: { type: 'string', default: 'rehearsal-report' },
    junit: { type: 'string' },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit((await main()) ? 0 : 1);

async function main(): Promise<boolean> {
  if (options.help) return (say(USAGE), true);
  if (options.list) return (SCENARIOS.forEach(({ name, title }) => say(`${name.padEnd(24)} ${title}`)), true);
  const chosen = chosenOf(positionals);
  say('Reading the stacks, taskdef.json and appspec.yaml …');
  const plan = shortened(await readPlan());
  const images = buildsOf();
  const parts = await startParts();
  const outcomes: Outcome[] = [];
  try {
    for (const scenario of chosen) {
      outcomes.push(await played(scenario, { plan, images, parts }));
      for (const line of summaryOf(outcomes.at(-1)!)) say(line);
    }
  } finally {
    await parts.stop();
  }
  if (options.junit) writeFileSync(options.junit, junitOf(outcomes));
  const failed = outcomes.filter(({ verdicts }) => verdicts.some(({ holds }) => !holds)).length;
  say(`${outcomes.length - failed} scenarios passed, ${failed} failed`);
  return failed === 0;
}

/** Nothing happens while blue waits for its end but that a rollback is still possible: the wait is cut, so that a scenario takes two minutes. */
function shortened(plan: Plan): Plan {
  const terminationWaitMs = Math.min(plan.deployment.terminationWaitMs, MOST_TERMINATION_WAIT_MS);
  return { ...plan, deployment: { ...plan.deployment, terminationWaitMs } };
}

function chosenOf(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !SCENARIOS.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}. --list shows them.`);
  if (names.length > 0) return SCENARIOS.filter(({ name }) => names.includes(name));
  return options.short ? SCENARIOS.filter(({ isShort }) => isShort) : SCENARIOS;
}

function buildsOf(): { before: Image; now: Image } {
  const now = imageOf(ROOT);
  if (options.before) return { now, before: imageOf(resolve(options.before)) };
  try {
    return { now, before: imageOf(buildBefore()) };
  } catch (error) {
    say(`The build before can't be had, so this build is played twice. ${(error as Error).message}`);
    return { now, before: now };
  }
}

async function played(
  scenario: Scenario,
  given: { plan: Plan; images: { before: Image; now: Image }; parts: Parts },
): Promise<Outcome> {
  const clock = clockOf(Number(options.speed));
  const journal = new Book(clock);
  say(`\n${scenario.name}: ${scenario.title}`);
  const stage = await openStage({
    ...given,
    clock,
    journal,
    blue: scenario.builds?.blue ?? 'before',
    environment: scenario.environment ?? {},
  });
  const kill = () => stage.killNow();
  process.once('exit', kill);
  const end = options.quiet ? () => {} : watch(stage, say);
  try {
    const outcome = await run(scenario, stage);
    mkdirSync(options.report, { recursive: true });
    writeFileSync(join(options.report, `${scenario.name}.html`), htmlOf(outcome, journal.entries));
    return outcome;
  } finally {
    end();
    await stage.close();
    process.off('exit', kill);
  }
}
