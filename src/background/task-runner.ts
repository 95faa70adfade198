import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
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

/** Whether this process may fetch work at all. */
@Injectable()
export class ReleaseState {
  constructor(
    private readonly gate: ReleaseGate,
    private readonly drain: Drain,
  ) {}

  get wantsWork(): boolean {
    return this.gate.share > 0 && !this.drain.isDraining;
  }
}

/**
 * Looks once a second for background tasks that are due, and works on them one after the other, a few steps each, so that a long
 * one doesn't keep others waiting. Any process with the worker's role may go on with any task.
 *
 * When the process dies, its task is left to the lease; the next holder goes on after the last committed step. While the process
 * stops, or gets no production traffic, it takes no task, and gives the one it has back after the step under way.
 */
@Injectable()
export class TaskRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stopping = false;
  private wake = () => {};
  private running: Promise<void> | null = null;
  private failures = 0;
  private readonly trouble = new Outage();

  constructor(
    private readonly database: Database,
    private readonly tasks: BackgroundTaskRepository,
    private readonly work: TaskWork,
    private readonly release: ReleaseState,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    void this.begin();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
  }

  /** What the stop waits for begins with the database: one that never comes must not hold it up. */
  private async begin(): Promise<void> {
    await this.database.ready;
    if (!this.stopping) this.running = this.run();
  }

  private async run(): Promise<void> {
    let recovered = false;
    while (!this.stopping) {
      try {
        if (!recovered) await this.tasks.recover();
        recovered = true;
        if (this.mayWork()) await this.scan();
        this.failures = 0;
        this.trouble.over();
      } catch (error) {
        this.failures++;
        const level = this.trouble.failed(error);
        if (level) this.log[level]('background.scan_failed', errorFields(error));
      }
      if (!this.stopping) await this.sleep(Math.min(EVERY_MS * (this.failures + 1), MAX_PAUSE_MS));
    }
  }

  /** Goes on without a pause as long as there is something to do. */
  private async scan(): Promise<void> {
    let progress = true;
    while (progress && this.mayWork()) {
      progress = false;
      for (const due of await this.tasks.due(this.work.kinds, TASKS_PER_SCAN)) {
        if (!this.mayWork()) return;
        if (await this.turn(due)) progress = true;
      }
    }
  }

  /** A task that can't even be read costs the others nothing but its turn. */
  private async turn(due: DueTask): Promise<boolean> {
    try {
      return await this.work.turn(due, () => this.mayWork());
    } catch (error) {
      if (!isPermanentError(error)) throw error;
      this.log.error('background.task_unreadable', { orgId: due.orgId, taskId: due.id, tries: due.tries, ...errorFields(error) });
      return false;
    }
  }

  private mayWork(): boolean {
    return !this.stopping && this.release.wantsWork;
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
