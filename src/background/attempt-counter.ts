import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { SharedWorkRepository } from '../database/repositories/shared-work.repository.js';
import { MINUTE_MS } from '../domain/count-steps.js';
import { Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { nextPiece, type Counted } from './count-pieces.js';
import { CountSweep } from './count-sweep.js';
import { gatedLoop } from './gated-loop.js';
import { SharedTurn } from './shared-turn.js';

const EVERY_MS = 10_000;
/** So long after the begin of each minute the work is due. */
const AFTER_MINUTE_MS = 6_000;
/** After the lease of a delivery the row of its attempt may still be on its way: a packet takes its time, and clocks differ. */
const LATE_MS = 90_000;
/** Fresh counts matter: the pause after a step is as long as the step. */
const PAUSE_FACTOR = 1;

/**
 * Counts attempts once a minute, for charts. One process at a time does it, for all of them. Nothing is counted where an attempt is written: the attempts
 * are read some seconds after each minute, and again until no more of them can come. Longer buckets are made of shorter ones when they are over.
 *
 * If the process dies, or two processes do it at once: what was reached is saved last, and everything before that can be repeated. An attempt
 * that is written later than can be expected (its process could not reach the database for minutes, while others could) is never counted.
 */
@Injectable()
export class AttemptCounter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly sweep: CountSweep,
    private readonly works: SharedWorkRepository,
    private readonly clock: DatabaseClock,
    private readonly gate: ReleaseGate,
    log: Log,
  ) {
    this.loop = gatedLoop({ name: 'attempt_counts', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Counts what is due, if it is due and no other process does it. Answers whether there is more to do at once. */
  async turn(now = this.clock.now()): Promise<boolean> {
    const mustStop = () => this.loop.isStopping || this.gate.share === 0;
    const turn = await SharedTurn.begin({ works: this.works, name: 'attempt_counts', mustStop, pauseFactor: PAUSE_FACTOR });
    if (!turn) return false;
    const behind = await this.advance(turn, now);
    await turn.end(behind ? 0 : MINUTE_MS - (now % MINUTE_MS) + AFTER_MINUTE_MS);
    return behind && !turn.isOver;
  }

  private async advance(turn: SharedTurn, now: number): Promise<boolean> {
    const saved = await this.works.progress('attempt_counts');
    const before = saved === null ? null : (JSON.parse(saved) as Counted);
    const oldest = before === null ? await this.sweep.oldest() : null;
    const { piece, after, behind } = nextPiece(before, { now, lateMs: this.config.delivery.leaseMs + LATE_MS, oldest });
    if (piece !== null && !(await this.sweep.run(piece, turn))) return true;
    await this.works.saveProgress('attempt_counts', saved, JSON.stringify(after));
    return behind;
  }
}
