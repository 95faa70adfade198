import type { TaskDefinition } from '../model.js';
import type { Environment } from './environment.js';
import type { Hooks } from './hooks.js';
import { failure, Interruption, pause, unlessStopped, within } from './interruption.js';
import type { DeploymentParts } from './parts.js';
import { LIFECYCLE_EVENTS, type DeploymentRecord, type LifecycleEvent } from './record.js';
import { stepsOf } from './shift.js';

/** How long green may take to its steady state: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html, one hour an event. */
const INSTALL_LIMIT_MS = 3_600_000;

/** One deployment while it is played. */
export interface Run {
  readonly parts: DeploymentParts;
  readonly record: DeploymentRecord;
  readonly definition: TaskDefinition;
  readonly environment: Environment;
  readonly hooks: Hooks;
  /** Aborts with an Interruption as its reason. */
  readonly signal: AbortSignal;
  /** Resolves when ContinueDeployment ends this wait. */
  readonly resumed: Record<'READY_WAIT' | 'TERMINATION_WAIT', Promise<true>>;
}

/**
 * Plays the lifecycle of a blue/green deployment up to the point from which there is no way back: blue may be terminated when it resolves.
 * Rejects with an Interruption as soon as one comes.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
 */
export async function play(run: Run): Promise<void> {
  const work: Partial<Record<LifecycleEvent, () => Promise<void> | void>> = {
    Install: () => install(run),
    AllowTestTraffic: () => run.environment.routeTest(),
    AllowTraffic: () => allowTraffic(run),
  };
  run.environment.attach();
  for (const event of LIFECYCLE_EVENTS) {
    if (event === run.parts.assumptions.readyWaitBefore) await readyWait(run);
    await phase(run, event, work[event] ?? (() => run.hooks.run(run.record.id, event, run.signal)));
  }
  await terminationWait(run);
}

async function phase(run: Run, event: LifecycleEvent, work: () => Promise<void> | void): Promise<void> {
  const { record, signal } = run;
  signal.throwIfAborted();
  record.events[event] = 'InProgress';
  note(run, 'phase.begin', { phase: event });
  try {
    await work();
    signal.throwIfAborted();
    record.events[event] = 'Succeeded';
  } catch (error) {
    record.events[event] = 'Failed';
    throw error;
  } finally {
    note(run, 'phase.end', { phase: event, status: record.events[event] });
  }
}

/** Makes green in the other target group, and waits for its steady state. */
async function install(run: Run): Promise<void> {
  const { parts, environment, signal } = run;
  const { leftBehind, steadyPollMs } = parts.assumptions;
  if (leftBehind === 'delete') await unlessStopped(signal, environment.clear());
  environment.install(run.definition);
  const limit = parts.clock.now() + parts.clock.minutes(INSTALL_LIMIT_MS);
  while (!environment.isSteady()) {
    if (parts.clock.now() >= limit) throw failure('TIMEOUT', 'The replacement task set had no steady state within 60 minutes.');
    await pause(signal, Math.max(1, parts.clock.seconds(steadyPollMs)));
  }
}

/**
 * Moves the production listener, step by step.
 * Assumption: green becomes the primary task set once it has all traffic. In the run on AWS that parts.ts names, it was when blue waited.
 */
async function allowTraffic(run: Run): Promise<void> {
  const { parts, environment, signal } = run;
  for (const { percent, waitMs } of stepsOf(parts.settings.shift)) {
    signal.throwIfAborted();
    environment.routeProduction(percent);
    if (waitMs > 0) await pause(signal, parts.clock.minutes(waitMs));
  }
  environment.makeGreenPrimary();
}

/**
 * With STOP_DEPLOYMENT traffic is only rerouted when ContinueDeployment says so; if it doesn't in time, the deployment is stopped.
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html
 */
async function readyWait(run: Run): Promise<void> {
  const { parts, record, signal } = run;
  const { readyWaitMs } = parts.settings;
  if (readyWaitMs === null) return;
  setStatus(run, 'Ready');
  const resumed = await within(signal, parts.clock.minutes(readyWaitMs), run.resumed.READY_WAIT);
  if (resumed === null)
    throw new Interruption(`Nobody continued ${record.id} in time.`, {
      status: 'Stopped',
      // Assumption: this code. That it rolls back as a stop on request does is in the reference of the CDK:
      // https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_codedeploy.EcsBlueGreenDeploymentConfig.html
      code: 'MANUAL_STOP',
      trigger: 'DEPLOYMENT_STOP_ON_REQUEST',
    });
  setStatus(run, 'InProgress');
}

/**
 * Blue stays a while, without traffic, so that there is a way back. All events have ended, but the deployment has not.
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BlueInstanceTerminationOption.html
 */
async function terminationWait(run: Run): Promise<void> {
  const { parts, record, signal } = run;
  record.terminationWaitStarted = true;
  note(run, 'phase.begin', { phase: 'TerminationWait' });
  await within(signal, parts.clock.minutes(parts.settings.terminationWaitMs), run.resumed.TERMINATION_WAIT);
  signal.throwIfAborted();
  note(run, 'phase.end', { phase: 'TerminationWait', status: 'Succeeded' });
}

function setStatus(run: Run, status: 'Ready' | 'InProgress'): void {
  run.record.status = status;
  note(run, 'deployment.status', { status });
}

function note({ parts, record }: Run, event: string, facts: Record<string, unknown>): void {
  parts.journal.note('codedeploy', record.id, event, facts);
}
