import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { ROWS_PER_STEP } from '../database/removal/rows.js';
import { AttemptCountRepository } from '../database/repositories/attempt-count.repository.js';
import { SharedWorkRepository } from '../database/repositories/shared-work.repository.js';
import { keptMinutes, minuteOf, STEPS } from '../domain/count-steps.js';
import { Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';
import { SharedTurn } from './shared-turn.js';

const EVERY_MS = 60_000;
const SWEEP_EVERY_MS = 1_200_000;
/** Nobody reads the last buckets for so many minutes before they are removed. */
const SLACK = 60;

/**
 * Removes counts of attempts whose buckets are not kept any longer: the shorter the buckets, the sooner. Like RowRetention, one process at a time does
 * it, in small steps with pauses. If it dies, the next turn does the rest, here or in another process.
 */
@Injectable()
export class CountRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly counts: AttemptCountRepository,
    private readonly works: SharedWorkRepository,
    private readonly clock: DatabaseClock,
    private readonly gate: ReleaseGate,
    log: Log,
  ) {
    this.loop = gatedLoop({ name: 'count_retention', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Removes everything that is old enough, if that is due. Answers false: there is never more to do at once. */
  async turn(now = this.clock.now()): Promise<boolean> {
    const mustStop = () => this.loop.isStopping || this.gate.share === 0;
    const turn = await SharedTurn.begin({ works: this.works, name: 'old_counts', mustStop });
    if (!turn) return false;
    const limits = STEPS.map((step) => ({ step, before: minuteOf(now) - keptMinutes(step, this.config.retention.days) - SLACK }));
    for (const { step, before } of limits) await this.all(turn, () => this.counts.removeTotalsBefore(step, before));
    for (let orgId = await this.counts.organizationAfter(''); orgId !== null && !turn.isOver;) {
      for (const { step, before } of limits) await this.all(turn, () => this.counts.removeBefore(orgId!, step, before));
      orgId = await this.counts.organizationAfter(orgId);
    }
    await turn.end(SWEEP_EVERY_MS);
    return false;
  }

  private async all(turn: SharedTurn, remove: () => Promise<number>): Promise<void> {
    for (let found = ROWS_PER_STEP; found === ROWS_PER_STEP && !turn.isOver;) {
      const begun = performance.now();
      found = await remove();
      await turn.rest(performance.now() - begun);
    }
  }
}
