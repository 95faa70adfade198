import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Database } from '../database/database.js';
import { OrganizationUsageRepository } from '../database/repositories/organization-usage.repository.js';
import { Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';

const EVERY_MS = 3_600_000;
const KEEP_MS = 400 * 86_400_000;
/** Organisations and days of one turn: deliveries are more urgent. */
const STEP = 100;

/**
 * Removes the usage of days that are more than 400 days ago, in steps. If the process dies in a turn, the next one does the rest, here or in
 * another process.
 */
@Injectable()
export class UsageRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly database: Database,
    private readonly usage: OrganizationUsageRepository,
    private readonly clock: DatabaseClock,
    gate: ReleaseGate,
    log: Log,
  ) {
    this.loop = gatedLoop({ name: 'usage_retention', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Answers whether there is more to remove. */
  async turn(): Promise<boolean> {
    const oldest = new Date(this.clock.now() - KEEP_MS).toISOString().slice(0, 10);
    return (await this.usage.removeBefore(oldest, STEP)) === STEP;
  }
}
