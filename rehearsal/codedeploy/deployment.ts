import { AwsError } from '../aws-api/aws-error.js';
import type { DeploymentStatus, TaskDefinition } from '../model.js';
import { alarming, watchAlarms } from './alarm-watch.js';
import { Environment } from './environment.js';
import { Hooks } from './hooks.js';
import { failure, Interruption } from './interruption.js';
import { play, type Run } from './lifecycle.js';
import { ASSUMPTIONS, type Assumptions, type DeploymentParts } from './parts.js';
import { isOver, newRecord, type DeploymentRecord } from './record.js';
import { configNameOf } from './shift.js';

type Wait = keyof Run['resumed'];

interface Kept {
  record: DeploymentRecord;
  ended: PromiseWithResolvers<DeploymentRecord>;
  abort: AbortController;
  resume: Record<Wait, PromiseWithResolvers<true>>;
}

/** One deployment group of CodeDeploy, for a service on ECS. */
export class Deployments {
  private readonly parts: DeploymentParts;
  private readonly hooks: Hooks;
  private readonly kept = new Map<string, Kept>();
  private readonly deletions = new Set<Promise<void>>();

  constructor({ assumptions, ...parts }: Omit<DeploymentParts, 'assumptions'> & { assumptions?: Partial<Assumptions> }) {
    this.parts = { ...parts, assumptions: { ...ASSUMPTIONS, ...assumptions } };
    this.hooks = new Hooks(this.parts);
  }

  get settings(): DeploymentParts['settings'] {
    return this.parts.settings;
  }

  /**
   * Begins a deployment of this task definition, and answers its id. There is one at a time; a rollback is one too.
   * https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html#limits-deployments: one concurrent deployment to a group.
   *
   * @throws AwsError DeploymentLimitExceededException while another is under way, as https://github.com/CircleCI-Public/aws-ecs-orb/issues/181
   */
  start(definition: TaskDefinition): string {
    const active = [...this.kept.values()].find(({ record }) => !isOver(record));
    if (active) {
      const message = `The Deployment Group '${this.settings.group}' already has an active Deployment '${active.record.id}'`;
      throw new AwsError('DeploymentLimitExceededException', message);
    }
    const configName = configNameOf(this.settings.shift);
    const kept = this.keep(newRecord({ creator: 'user', configName, taskDefinition: definition.arn }));
    setImmediate(() => void this.run(kept, definition));
    return kept.record.id;
  }

  /**
   * Stops a deployment at its next step, whatever it waits for; without `rollback`, the group's settings say whether that takes it back.
   * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
   *
   * @throws AwsError DeploymentAlreadyCompletedException if it is over: blue may be on its way out
   */
  stop(id: string, rollback: boolean | null = null): { status: 'Pending' | 'Succeeded'; statusMessage: string } {
    const { record, abort } = this.find(id);
    if (record.status === 'Stopped') return { status: 'Succeeded', statusMessage: `${id} is stopped` };
    if (isOver(record)) throw new AwsError('DeploymentAlreadyCompletedException', `${id} is completed: ${record.status}`);
    this.note(id, 'deployment.stop_requested', { rollback });
    const why = { status: 'Stopped', code: 'MANUAL_STOP', trigger: 'DEPLOYMENT_STOP_ON_REQUEST', rollback } as const;
    abort.abort(new Interruption('Somebody stopped the deployment.', why));
    return { status: 'Pending', statusMessage: `${id} is being stopped` };
  }

  /**
   * Ends a wait: for the rerouting of traffic, or for blue's end.
   * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ContinueDeployment.html
   *
   * @throws AwsError if the deployment is over, or does not wait for that
   */
  continue(id: string, wait: Wait): void {
    const { record, resume } = this.find(id);
    if (isOver(record)) throw new AwsError('DeploymentAlreadyCompletedException', `${id} is completed: ${record.status}`);
    const waits = wait === 'READY_WAIT' ? record.status === 'Ready' : record.terminationWaitStarted;
    if (!waits) throw new AwsError('DeploymentIsNotInReadyStateException', `${id} does not wait for this`);
    resume[wait].resolve(true);
  }

  /** @throws AwsError as `Hooks.put`, and if there is no such deployment */
  putHookStatus(id: string, executionId: string, status: string): void {
    this.find(id);
    this.hooks.put(id, executionId, status);
  }

  /** @throws AwsError DeploymentDoesNotExistException */
  get(id: string): DeploymentRecord {
    return this.find(id).record;
  }

  /** Deployments in these statuses, the youngest first. Null is all. */
  list(statuses: readonly (DeploymentStatus | string)[] | null = null): DeploymentRecord[] {
    const records = [...this.kept.values()].map(({ record }) => record).reverse();
    return records.filter(({ status }) => statuses === null || statuses.includes(status));
  }

  /** Resolves when the deployment is over, with its status and errors. A rollback has an id of its own, and is waited for by that. */
  async finished(id: string): Promise<DeploymentRecord> {
    return await this.find(id).ended.promise;
  }

  /** Resolves when all task sets that were taken away are gone. Rejects if the service could not stop one. */
  async settled(): Promise<void> {
    await Promise.all(this.deletions);
  }

  private async run(kept: Kept, definition: TaskDefinition): Promise<void> {
    const { record, abort, resume } = kept;
    let environment: Environment | null = null;
    this.setStatus(record, 'InProgress');
    const stopWatching = watchAlarms(this.parts, (why) => abort.abort(why));
    try {
      const why = alarming(this.parts);
      if (why) throw why;
      abort.signal.throwIfAborted();
      environment = new Environment(this.parts, record.id);
      const resumed = { READY_WAIT: resume.READY_WAIT.promise, TERMINATION_WAIT: resume.TERMINATION_WAIT.promise };
      await play({ parts: this.parts, record, definition, environment, hooks: this.hooks, signal: abort.signal, resumed });
      this.end(kept, 'Succeeded');
      this.inBackground(environment.deleteOriginal());
    } catch (error) {
      this.interrupted(kept, environment, error instanceof Interruption ? error : unexpected(error));
    } finally {
      stopWatching();
    }
  }

  /** What has not begun is skipped: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_LifecycleEvent.html */
  private interrupted(kept: Kept, environment: Environment | null, why: Interruption): void {
    const { record } = kept;
    for (const [event, status] of Object.entries(record.events) as [keyof typeof record.events, string][])
      if (status === 'Pending') record.events[event] = 'Skipped';
    record.error = { code: why.code, message: why.message };
    const wanted = why.rollback ?? this.settings.rollbackOn.includes(why.trigger);
    if (!wanted) return this.end(kept, why.status);
    if (!environment?.hasGreen()) {
      // https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html: not possible at BeforeInstall.
      record.rollback = { rollbackMessage: `Nothing to roll back: ${record.id} has no replacement task set.` };
      return this.end(kept, why.status);
    }
    this.rollBack(kept, environment, why);
  }

  /**
   * Takes the traffic back to the original task set, as a new deployment; green's tasks end after that.
   * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-rollback-ecs
   *
   * Assumption: it calls no hooks, asks no alarms, and shifts all at once. The run on AWS that parts.ts names has that configuration, and
   * succeeded while the alarm was on.
   */
  private rollBack(kept: Kept, environment: Environment, why: Interruption): void {
    const taskDefinition = environment.original.taskDefinition;
    const configName = configNameOf({ kind: 'all-at-once' });
    const back = this.keep(newRecord({ creator: 'codeDeployRollback', configName, taskDefinition }, 'Skipped'));
    const [from, to] = [kept.record.id, back.record.id];
    kept.record.rollback = { rollbackDeploymentId: to, rollbackMessage: `${from} is rolled back by ${to}.` };
    back.record.rollback = { rollbackTriggeringDeploymentId: from, rollbackMessage: `${to} rolls back ${from}.` };
    this.setStatus(back.record, 'InProgress');
    try {
      environment.restore();
      back.record.events.AllowTraffic = 'Succeeded';
      this.end(kept, why.status);
      this.end(back, 'Succeeded');
      this.inBackground(environment.deleteGreen());
    } catch (error) {
      const { code, message } = unexpected(error);
      back.record.error = { code, message };
      if (!isOver(kept.record)) this.end(kept, why.status);
      this.end(back, 'Failed');
    }
  }

  private keep(record: DeploymentRecord): Kept {
    const resume = { READY_WAIT: Promise.withResolvers<true>(), TERMINATION_WAIT: Promise.withResolvers<true>() };
    const kept = { record, ended: Promise.withResolvers<DeploymentRecord>(), abort: new AbortController(), resume };
    this.kept.set(record.id, kept);
    const { creator, configName, taskDefinition } = record;
    this.note(record.id, 'deployment.created', { creator, configName, taskDefinition });
    return kept;
  }

  private setStatus(record: DeploymentRecord, status: DeploymentStatus): void {
    record.status = status;
    if (status === 'InProgress') record.startedAt = new Date();
    this.note(record.id, 'deployment.status', { status, error: record.error, rollback: record.rollback });
  }

  private end({ record, ended }: Kept, status: 'Succeeded' | 'Failed' | 'Stopped'): void {
    record.completedAt = new Date();
    this.setStatus(record, status);
    ended.resolve(record);
  }

  /** Assumption: no deployment waits for it. In the run on AWS that parts.ts names, both had succeeded while a task set was draining. */
  private inBackground(deletion: Promise<void>): void {
    this.deletions.add(deletion);
    deletion.then(
      () => this.deletions.delete(deletion),
      (error: unknown) => this.note('service', 'taskset.not_deleted', { error: String(error) }),
    );
  }

  private find(id: string): Kept {
    const kept = this.kept.get(id);
    if (!kept) throw new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`);
    return kept;
  }

  private note(subject: string, event: string, facts: Record<string, unknown>): void {
    this.parts.journal.note('codedeploy', subject, event, facts);
  }
}

function unexpected(error: unknown): Interruption {
  return failure('INTERNAL_ERROR', String(error));
}
