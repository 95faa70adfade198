// Plays one scenario in a process of its own, so that several can be played side by side. rehearse.ts starts it.
import { resolve } from 'node:path';
import { serve } from '../bench/load/remote.js';
import { clockOf } from './clock.js';
import { assertPortIsFree, ownNetwork } from './ecs/addresses.js';
import type { Engine } from './ecs/docker.js';
import { imageOf, type OfBuilds } from './images.js';
import { Book } from './journal.js';
import { startParts } from './parts.js';
import { busyShare } from './oracle.js';
import { readPlan, type Plan } from './plan/plan.js';
import { removeReport, writeReport } from './report/files.js';
import { watch } from './report/terminal.js';
import { brokenOffTold } from './report/told.js';
import type { Result } from './result.js';
import { run, type Outcome } from './run.js';
import { SCENARIOS } from './scenarios/all.js';
import type { Scenario } from './scenarios/scenario.js';
import { openStage, type Stage } from './stage.js';

export interface Order {
  scenario: string;
  speed: number;
  /** Folders of the builds. */
  before: string;
  now: string;
  /** Docker's engine, and its images of the builds, if the tasks are to be containers. */
  docker: { engine: Engine; tags: OfBuilds<string> } | null;
  /** Of the load. */
  requestsPerSecond: number;
  /** Whether p99 is judged; beside other work it says nothing. */
  judgesTimes: boolean;
  /** Folder of the synthesized stacks, and the environment of them; null is the first one by name. */
  stacks: string;
  environment: string | null;
  /** Folder of the reports. */
  report: string;
  quiet: boolean;
  /** Before each line of its progress. */
  prefix: string;
}

/** ms on AWS. */
const MOST_TERMINATION_WAIT_MS = 40_000;
/** ms on AWS. Long enough to see whether green keeps to its share. */
const SHORT_CANARY_MS = 120_000;
/** ms on AWS, where it is an hour. A function has told its verdict after seconds. */
const HOOK_LIMIT_MS = 600_000;

serve({ play });

async function play(order: Order): Promise<Result> {
  const scenario = SCENARIOS.find(({ name }) => name === order.scenario)!;
  removeReport(order.report, scenario.name);
  const parts = await startParts();
  const clock = clockOf(order.speed);
  const journal = new Book(clock);
  const { engine = null, tags } = order.docker ?? {};
  let stage: Stage | null = null;
  try {
    const plan = shortened(readPlan(order.stacks, order.environment), scenario);
    if (plan.assumed && !order.quiet) process.stdout.write(`${order.prefix}${plan.assumed}\n`);
    const network = await ownNetwork();
    await assertPortIsFree(network, plan.taskDefinition(1, order.now, plan.variables).port);
    stage = await openStage({
      plan,
      images: { now: imageOf(resolve(order.now), tags?.now), before: imageOf(resolve(order.before), tags?.before) },
      engine,
      parts,
      clock,
      journal,
      blue: scenario.builds?.blue ?? 'before',
      environment: scenario.environment ?? {},
      network,
      hookLimitMs: scenario.hookLimitMs ?? HOOK_LIMIT_MS,
    });
    const outcome = await played(scenario, stage, order);
    writeReport(order.report, outcome, journal.entries);
    const { verdicts, seconds, counted, samples } = outcome;
    return { name: scenario.name, title: scenario.title, seconds, sent: counted.sent, busy: busyShare(samples), verdicts };
  } catch (error) {
    writeReport(order.report, brokenOffTold(scenario, stage, error), journal.entries);
    throw error;
  } finally {
    await stage?.close();
    await parts.stop();
  }
}

async function played(scenario: Scenario, stage: Stage, order: Order): Promise<Outcome> {
  process.once('exit', () => stage.killNow());
  const { quiet, prefix } = order;
  const end = quiet ? () => {} : watch(stage, (line) => void process.stdout.write(`${prefix}${line}\n`));
  try {
    return await run(scenario, stage, order);
  } finally {
    end();
  }
}

/**
 * Waits in which nothing happens are cut, so that a scenario takes two minutes: the wait before the end of blue, in which a rollback is still
 * possible, and the canary of a scenario that is about something else.
 */
function shortened(plan: Plan, { hasShortCanary }: Scenario): Plan {
  const { shift, terminationWaitMs } = plan.deployment;
  const cut = hasShortCanary && shift.kind === 'canary' ? { ...shift, waitMs: Math.min(shift.waitMs, SHORT_CANARY_MS) } : shift;
  const wait = Math.min(terminationWaitMs, MOST_TERMINATION_WAIT_MS);
  return { ...plan, deployment: { ...plan.deployment, shift: cut, terminationWaitMs: wait } };
}
