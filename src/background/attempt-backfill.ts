import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { SharedWorkRepository } from '../database/repositories/shared-work.repository.js';
import { lastingMinutes, MINUTE_MS, minuteOf } from '../domain/count-steps.js';
import { Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { pieceBefore, type Backfilled, type Counted } from './count-pieces.js';
import { CountSweep } from './count-sweep.js';
import { gatedLoop } from './gated-loop.js';
import { SharedTurn } from './shared-turn.js';

const EVERY_MS = 15_000;
/** It is asked again whether there is anything to do, in ms. */
const NEXT_MS = 3_600_000;
/** How often the log tells how far it has come, in ms. */
const TELL_EVERY_MS = 60_000;

/**
 * Counts the attempts that were made before AttemptCounter began to count, newest first: for an installation that is older than the counts. It takes
 * a tenth of one connection's time.
 *
 * If the process dies: each piece is saved when it is counted, and the next process goes on with the piece before. If two processes do it at
 * once, they count the same.
 */
@Injectable()
export class AttemptBackfill implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly sweep: CountSweep,
    private readonly works: SharedWorkRepository,
    private readonly clock: DatabaseClock,
    private readonly gate: ReleaseGate,
    private readonly log: Log,
  ) {
    this.loop = gatedLoop({ name: 'attempt_backfill', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Counts everything that is left, if no other process does it. Answers false: there is never more to do at once. */
  async turn(now = this.clock.now()): Promise<boolean> {
    const mustStop = () => this.loop.isStopping || this.gate.share === 0;
    const turn = await SharedTurn.begin({ works: this.works, name: 'attempt_backfill', mustStop });
    if (!turn) return false;
    const counted = await this.works.progress('attempt_counts');
    if (counted !== null) await this.goBack(turn, now, (JSON.parse(counted) as Counted).start);
    await turn.end(counted === null ? 0 : NEXT_MS);
    return false;
  }

  private async goBack(turn: SharedTurn, now: number, start: number): Promise<void> {
    let saved = await this.works.progress('attempt_backfill');
    let reached = saved === null ? await this.begin(now, start) : (JSON.parse(saved) as Backfilled);
    const { to: before } = reached;
    let toldAt = performance.now();
    for (;;) {
      const next = JSON.stringify(reached);
      if (next !== saved) await this.works.saveProgress('attempt_backfill', saved, next);
      saved = next;
      const piece = pieceBefore(reached, now);
      if (piece === null || turn.isOver || !(await this.sweep.run(piece, turn))) break;
      reached = { ...reached, to: piece.from };
      if (performance.now() - toldAt < TELL_EVERY_MS) continue;
      toldAt = performance.now();
      this.log.info('attempt_backfill.reached', { countedSince: timeOf(reached.to), until: timeOf(reached.from) });
    }
    if (reached.to < before && reached.to <= reached.from)
      this.log.info('attempt_backfill.finished', { countedSince: timeOf(reached.from) });
  }

  /** It goes back as far as counts are kept, or to the oldest application. */
  private async begin(now: number, start: number): Promise<Backfilled> {
    const oldest = (await this.sweep.oldest()) ?? start * MINUTE_MS;
    const kept = minuteOf(now) - lastingMinutes(this.config.retention.days);
    return { from: Math.min(Math.max(minuteOf(oldest), kept), start), to: start };
  }
}

function timeOf(minute: number): string {
  return new Date(minute * MINUTE_MS).toISOString();
}
