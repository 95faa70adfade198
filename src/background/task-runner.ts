import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Loop } from '../async/loop.js';
import { BackgroundTaskRepository, type DueTask } from '../database/repositories/background-task.repository.js';
import { Database } from '../database/database.js';
import { errorFields, Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import { Outage } from '../observability/outage.js';
import { Drain } from '../release/drain.js';
import { ReleaseGate } from '../release/release-gate.js';
import { TaskWork } from './task-work.js';

const EVERY_MS = 1_000;
const MAX_PAUSE_MS = 10_000;
const TASKS_PER_SCAN = 10;

/**
 * Looks once a second for background tasks that are due, and works on them one after the other, a few steps each, so that a long
 * task does not keep others waiting. Any process with the worker's role may go on with any task.
 *
 * If the process dies: the lease of its task runs out, and the next holder goes on after the last committed step. While the process
 * stops, or gets no production traffic, it takes no task, and releases the one that it has after the current step.
 */
@Injectable()
export class TaskRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;
  private recovered = false;
  private readonly outage = new Outage();

  constructor(
    private readonly database: Database,
    private readonly tasks: BackgroundTaskRepository,
    private readonly work: TaskWork,
    private readonly gate: ReleaseGate,
    private readonly drain: Drain,
    private readonly log: Log,
  ) {
    this.loop = new Loop({ turn: () => this.turn(), failed: (error) => this.failed(error) });
  }

  onApplicationBootstrap(): void {
    // The stop does not wait for a database that never comes: until then the loop has not begun.
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<number> {
    if (!this.recovered) await this.tasks.recover();
    this.recovered = true;
    await this.scan();
    this.outage.over();
    return EVERY_MS;
  }

  private failed(error: unknown): number {
    const level = this.outage.failed(error);
    if (level) this.log[level]('background.scan_failed', errorFields(error));
    return Math.min(EVERY_MS * (this.loop.failures + 1), MAX_PAUSE_MS);
  }

  /** Looks again without a pause, as long as some task makes progress. */
  private async scan(): Promise<void> {
    let progress = true;
    while (progress && this.mayWork()) {
      progress = false;
      for (const due of await this.tasks.due(this.work.kinds, TASKS_PER_SCAN)) {
        if (!this.mayWork()) return;
        const beganAt = performance.now();
        if (await this.workOn(due)) progress = true;
        await this.work.rest(performance.now() - beganAt);
      }
    }
  }

  /** A task that can't be read does not keep the others from their turns. */
  private async workOn(due: DueTask): Promise<boolean> {
    try {
      return await this.work.turn(due, () => this.mayWork());
    } catch (error) {
      if (!isPermanentError(error)) throw error;
      this.log.error('background.task_unreadable', { orgId: due.orgId, taskId: due.id, tries: due.tries, ...errorFields(error) });
      return false;
    }
  }

  private mayWork(): boolean {
    return !this.loop.isStopping && this.gate.share > 0 && !this.drain.isDraining;
  }
}
