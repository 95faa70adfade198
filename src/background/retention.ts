import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { Database } from '../database/database.js';
import { DatabaseClock } from '../database/database-clock.js';
import { PayloadRetentionRepository } from '../database/repositories/payload-retention.repository.js';
import { firstIdAt } from '../domain/ids.js';
import { DEFAULT_RETENTION_DAYS } from '../domain/message-extras.js';
import { Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';

const EVERY_MS = 10 * 60_000;
/** How often each application is searched for payloads older than the usual retention. Shorter retentions are in a list of their own. */
const SWEEP_EVERY_MS = 12 * 3_600_000;
const APPLICATIONS = 100;
/** Rows of one statement, and the pause after it: deliveries are more urgent. */
const ROWS = 200;
const PAUSE_MS = 50;
const DAY_MS = 86_400_000;
/** Retention of a scheduled message begins up to a day after its id was made, and clocks differ. */
const SLACK_MS = 2 * DAY_MS;

/**
 * Removes payloads that have expired; the messages and their attempts stay. An expired payload is neither shown nor sent before it is
 * removed: whoever reads it compares the time.
 *
 * If the process dies in a turn: what was removed stays removed, and the next turn, here or in another process, goes on from the list and
 * the positions in the database. If two processes do this at the same time, some work is done twice, which changes nothing.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly payloads: PayloadRetentionRepository,
    private readonly clock: DatabaseClock,
    private readonly gate: ReleaseGate,
    private readonly log: Log,
  ) {
    this.loop = gatedLoop({ name: 'retention', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Removes everything that has expired by now. Answers false: there is never more to do at once. */
  async turn(now = this.clock.now()): Promise<boolean> {
    const removed = (await this.removeEarly(now)) + (await this.removeUsual(now));
    if (removed > 0) this.log.info('retention.removed', { payloads: removed });
    return false;
  }

  private async removeEarly(now: number): Promise<number> {
    for (let removed = 0; ;) {
      const expired = await this.payloads.expiredEarly(now, ROWS);
      for (const [appId, own] of Map.groupBy(expired, (one) => one.appId)) {
        const ids = own.map(({ msgId }) => msgId);
        await this.payloads.remove(appId, ids, now);
      }
      await this.payloads.removeFromList(expired);
      removed += expired.length;
      if (expired.length < ROWS || this.mustPause) return removed;
      await pause();
    }
  }

  /** Payloads that are older than the longest retention have expired, whatever the message asked for. */
  private async removeUsual(now: number): Promise<number> {
    if (now - this.sweptAt < SWEEP_EVERY_MS) return 0;
    const oldEnough = now - DEFAULT_RETENTION_DAYS * DAY_MS - SLACK_MS;
    const before = firstIdAt('msg_', oldEnough);
    const longAgo = firstIdAt('msg_', oldEnough - SWEEP_EVERY_MS / 2);
    let removed = 0;
    for (let after = ''; !this.mustPause;) {
      const sweeps = await this.payloads.sweeps(after, longAgo, APPLICATIONS);
      for (const { appId, sweptTo } of sweeps) {
        if (this.mustPause) return removed;
        removed += await this.sweep(appId, sweptTo ?? '', before, now);
      }
      if (sweeps.length < APPLICATIONS) {
        this.sweptAt = now;
        return removed;
      }
      after = sweeps.at(-1)!.appId;
      await pause();
    }
    return removed;
  }

  private async sweep(appId: string, from: string, before: string, now: number): Promise<number> {
    let removed = 0;
    for (let above = from; above < before;) {
      const ids = await this.payloads.withPayload(appId, above, before, ROWS);
      await this.payloads.remove(appId, ids, now);
      removed += ids.length;
      if (this.mustPause) return removed;
      above = ids.length < ROWS ? before : ids.at(-1)!;
      await this.payloads.saveSweep(appId, above);
      if (ids.length === ROWS) await pause();
    }
    return removed;
  }

  private get mustPause(): boolean {
    return this.loop.isStopping || this.gate.share === 0;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
