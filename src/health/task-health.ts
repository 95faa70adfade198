import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Loop } from '../async/loop.js';
import { withTimeout } from '../async/time-limit.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { RunningTaskRepository } from '../database/repositories/running-task.repository.js';
import { errorFields, Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';
import { RunningTasks } from '../release/running-tasks.js';
import { taskIdentity, type TaskIdentity } from '../release/task-identity.js';
import { TaskState } from './task-state.js';

const EVERY_MS = 10_000;
/** Time limit for the metadata endpoint of ECS, which is on the same host. */
const IDENTITY_LIMIT_MS = 2_000;
/** How many turns pass until old rows of other processes are looked for. */
const TURNS_PER_REMOVAL = 12;

/**
 * Writes every ten seconds what state this process is in, and reads how many processes share the traffic. Never on a request's path.
 *
 * If the database is away: the row gets old, the number of processes stays, and one line is logged. When a process stops it removes its
 * row. If it dies the row stays: it counts as stale after three writes that did not come, and another process removes it after ten minutes.
 */
@Injectable()
export class TaskHealth implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop = new Loop({ turn: () => this.turn() });
  private readonly outage = new Outage();
  private identity: TaskIdentity | null = null;
  private turns = 0;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly rows: RunningTaskRepository,
    private readonly running: RunningTasks,
    private readonly state: TaskState,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    if (this.identity && this.database.isReady) await this.try(() => this.rows.remove(this.identity!.id));
  }

  /** Never rejects. Answers the pause before the next turn, in ms: after the first a random part of the usual one, to spread the processes. */
  private async turn(): Promise<number> {
    const isFirst = this.turns++ === 0;
    await this.try(() => this.exchange());
    return isFirst ? Math.random() * EVERY_MS : EVERY_MS;
  }

  private async exchange(): Promise<void> {
    const metadataUrl = this.config.release?.metadataUrl ?? null;
    this.identity ??= await withTimeout(IDENTITY_LIMIT_MS, (signal) => taskIdentity(metadataUrl, signal));
    await this.rows.write(this.identity.id, this.state.serves, this.state.now(this.identity.version));
    this.running.learn(await this.rows.serving());
    if (this.turns % TURNS_PER_REMOVAL === 1) await this.rows.removeOld();
  }

  private async try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      const awayMs = this.outage.over();
      if (awayMs !== null) this.log.info('task_health.back', { awayMs });
    } catch (error) {
      const level = this.outage.failed(error);
      if (level) this.log[level]('task_health.away', errorFields(error));
    }
  }
}
