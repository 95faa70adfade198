import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { isOutage } from '../database/errors.js';
import { RowRetentionRepository, type OldMessages, type TaskKey } from '../database/repositories/row-retention.repository.js';
import { SharedWorkRepository } from '../database/repositories/shared-work.repository.js';
import { firstIdAt } from '../domain/ids.js';
import { errorFields, Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';
import { SharedTurn } from './shared-turn.js';

/** How often a process asks whether the work is due, and how often the work is done by one of them. */
const EVERY_MS = 60_000;
const SWEEP_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
const APPLICATIONS = 100;
const TASKS = 500;

/**
 * Removes messages, with everything that hangs on them, and ended background tasks that are older than RETENTION_DAYS.
 *
 * One process at a time does it, for all of them: in small steps with pauses nine times as long, so that deliveries have the database. A
 * message with an open delivery stays, and is looked at again in the next sweep; how that can't miss a delivery stands at MessageRemoval. No position is
 * stored: a sweep begins at the oldest message that there is.
 *
 * If the process dies, or two processes do it at the same time: what was removed stays removed, and the next turn does the rest.
 */
@Injectable()
export class RowRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly rows: RowRetentionRepository,
    private readonly works: SharedWorkRepository,
    private readonly clock: DatabaseClock,
    private readonly gate: ReleaseGate,
    private readonly log: Log,
  ) {
    this.loop = gatedLoop({ name: 'row_retention', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    if (this.config.retention.days > 0) void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Removes everything that is old enough, if that is due. Answers false: there is never more to do at once. */
  async turn(now = this.clock.now()): Promise<boolean> {
    const mustStop = () => this.loop.isStopping || this.gate.share === 0;
    const turn = await SharedTurn.begin({ works: this.works, name: 'old_rows', mustStop });
    if (!turn) return false;
    const oldest = now - this.config.retention.days * DAY_MS;
    const kept = await this.sweep(turn, firstIdAt('msg_', oldest));
    await this.removeTasks(turn, firstIdAt('qtask_', oldest));
    const removed = await turn.end(SWEEP_EVERY_MS);
    if (Object.keys(removed).length > 0) this.log.info('row_retention.removed', { removed, keptOpen: kept });
    return false;
  }

  /** Answers how many messages stay because of an open delivery. */
  private async sweep(turn: SharedTurn, below: string): Promise<number> {
    let kept = 0;
    for (let after = ''; !turn.isOver;) {
      const begun = performance.now();
      const applications = await this.rows.applications(after, below, APPLICATIONS);
      for (const application of applications.filter(({ first }) => first !== null))
        kept += await this.tryRemoveFrom(turn, application, below);
      if (applications.length < APPLICATIONS) break;
      after = applications.at(-1)!.appId;
      await turn.rest(performance.now() - begun);
    }
    return kept;
  }

  /** One application that can't be cleaned up must not keep the others from it. */
  private async tryRemoveFrom(turn: SharedTurn, application: OldMessages, below: string): Promise<number> {
    try {
      return await this.removeFrom(turn, application, below);
    } catch (error) {
      if (isOutage(error)) throw error;
      this.log.error('row_retention.failed', { appId: application.appId, ...errorFields(error) });
      return 0;
    }
  }

  private async removeFrom(turn: SharedTurn, application: OldMessages, below: string): Promise<number> {
    let kept = 0;
    for (let above = ''; !turn.isOver;) {
      const ids = await this.rows.messages(application.appId, { above, below });
      if (ids.length === 0) break;
      const step = await turn.step(() => this.rows.remove(application, ids));
      if (!step.done) continue;
      kept += step.kept.length;
      above = ids.at(-1)!;
    }
    return kept;
  }

  private async removeTasks(turn: SharedTurn, before: string): Promise<void> {
    for (let after: TaskKey = { orgId: '', id: '' }; !turn.isOver;) {
      const begun = performance.now();
      const tasks = await this.rows.tasks(after, before, TASKS);
      await turn.rest(performance.now() - begun);
      const ended = tasks.filter((task) => task.ended);
      if (ended.length > 0)
        await turn.step(async () => ({ removed: new Map([['background_task', await this.rows.removeTasks(ended)]]) }));
      if (tasks.length < TASKS) break;
      after = tasks.at(-1)!;
    }
  }
}
