import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { nextTurn } from '../async/steps.js';
import { BackgroundTaskRepository, type DueTask } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';
import { isAway, isDuplicateKey, isLockConflict, isOutage } from '../database/errors.js';
import { ReplayRepository } from '../database/repositories/replay.repository.js';
import { Admission } from '../ingest/admission.js';
import { errorFields, Log } from '../observability/log.js';
import { TaskFailed, TaskKind } from './task-kinds.js';

/** Injection token of the list of TaskKinds. */
export const TASK_KINDS = Symbol('TaskKinds');

/** Longer than a step: that is a few short statements, each with its own time limit. */
const LEASE_MS = 60_000;
const STEPS_PER_TURN = 20;
/** A task that was claimed so often without a committed step would only go on failing, or crashing workers. */
const MAX_TRIES = 10;
const NO_PROGRESS = `It made no progress in ${MAX_TRIES} tries`;
const RETRY_MS = 5_000;
/** While so many deliveries are due, tasks make no more of them: they would delay everybody's retries. */
const MAX_DUE = 2_000;
const WAIT_MS = 1_000;
/** While requests are refused, tasks leave so many times their own time to the requests, but not more than a second at a time. */
const LEFT_TIMES = 9;

/**
 * Works on one task at a time, under a lease. What a step writes is committed together with the position reached (see
 * BackgroundTaskRepository). After an error the task is released and tried again a little later. A task that makes no
 * progress in ten tries fails; tries in which the database was away or could not be written don't count. While this process refuses
 * requests because of overload, a task does one step a second, and all tasks together take a tenth of the time.
 */
@Injectable()
export class TaskWork {
  private readonly byName: ReadonlyMap<string, TaskKind>;

  constructor(
    @Inject(TASK_KINDS) kinds: TaskKind[],
    private readonly tasks: BackgroundTaskRepository,
    private readonly replays: ReplayRepository,
    private readonly log: Log,
    private readonly admission: Admission,
  ) {
    this.byName = new Map(kinds.map((kind) => [kind.task, kind]));
  }

  /** The kinds that this release knows. Tasks of other kinds are left to a newer release. */
  get kinds(): string[] {
    return [...this.byName.keys()];
  }

  /** Does some steps of the task, as long as `wanted`. True if it made progress; false if another worker has it, it failed, or it has to wait. */
  async turn(ref: DueTask, wanted: () => boolean): Promise<boolean> {
    if (ref.tries > MAX_TRIES) {
      const facts = { orgId: ref.orgId, taskId: ref.id, reason: NO_PROGRESS };
      if (await this.tasks.abandon(ref, NO_PROGRESS)) this.log.warn('background.failed', facts);
      return false;
    }
    const task = await this.tasks.claim(ref, LEASE_MS);
    const kind = task && this.byName.get(task.task);
    if (!task || !kind) return false;
    if (task.tries > MAX_TRIES) {
      await this.giveUp(task, NO_PROGRESS);
      return false;
    }
    try {
      return await this.steps(task, kind, wanted);
    } catch (error) {
      await this.failed(task, error);
      return false;
    }
  }

  /**
   * Between two turns that took so many ms. With the embedded database everything is done at once, so hundreds of tasks would be one turn of
   * the event loop, and no request would be read for a second.
   */
  rest(tookMs: number): Promise<void> {
    return this.admission.isOverloaded ? sleep(Math.min(LEFT_TIMES * tookMs, WAIT_MS)) : nextTurn();
  }

  private async steps(claimed: BackgroundTask, kind: TaskKind, wanted: () => boolean): Promise<boolean> {
    let task = claimed;
    for (let step = 0; step < STEPS_PER_TURN && wanted(); step++) {
      if (kind.makesDeliveries && (await this.replays.backlog(MAX_DUE)) >= MAX_DUE) {
        await this.tasks.release(task, WAIT_MS);
        return false;
      }
      const progress = await kind.step(task);
      if (!(await this.tasks.commit(task, progress, LEASE_MS))) {
        this.log.warn('background.claim_lost', factsOf(task));
        return false;
      }
      task = { ...task, reached: progress.reached, data: progress.data };
      if (progress.done) {
        this.log.info('background.finished', { ...factsOf(task), ...countsOf(task) });
        return true;
      }
      if (this.admission.isOverloaded) {
        await this.tasks.release(task, WAIT_MS);
        return false;
      }
      await nextTurn();
    }
    await this.tasks.release(task, 0);
    return true;
  }

  private async failed(task: BackgroundTask, error: unknown): Promise<void> {
    if (error instanceof TaskFailed) return this.giveUp(task, error.message);
    // Two tasks may have made the same delivery, or the database is away: the step is done again.
    const usual = isDuplicateKey(error) || isLockConflict(error) || isAway(error);
    const facts = { ...factsOf(task), nextTryMs: RETRY_MS, ...errorFields(error) };
    if (usual) this.log.warn('background.step_failed', facts);
    else this.log.error('background.step_failed', { ...facts, stack: error instanceof Error ? error.stack : undefined });
    // An outage says nothing about the task, however long it lasts.
    await this.tasks.release(task, RETRY_MS, { uncounted: isOutage(error) });
  }

  private async giveUp(task: BackgroundTask, reason: string): Promise<void> {
    if (await this.tasks.fail(task, reason)) this.log.warn('background.failed', { ...factsOf(task), reason });
  }
}

function factsOf({ orgId, appId, id, task }: BackgroundTask): Record<string, unknown> {
  return { orgId, appId, taskId: id, task };
}

/** The counts in the task's data. Lists are too long for the log. */
function countsOf({ data }: BackgroundTask): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value === 'number'));
}
