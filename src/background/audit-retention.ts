import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Database } from '../database/database.js';
import { AuditRepository } from '../database/repositories/audit.repository.js';
import { firstIdAt } from '../domain/ids.js';
import { Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';

const EVERY_MS = 10 * 60_000;
/** Rows of one short transaction. */
const ROWS = 500;
const DAY_MS = 86_400_000;

/**
 * Removes entries of the audit log that are older than AUDIT_LOG_DAYS, in small steps. If the process dies, the next turn goes on, here
 * or in another process. If several processes do this at the same time, one waits for the rows of another and finds them gone.
 */
@Injectable()
export class AuditRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly entries: AuditRepository,
    gate: ReleaseGate,
    log: Log,
  ) {
    this.loop = gatedLoop({ name: 'audit_retention', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    if (this.config.audit.days > 0) void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Removes some entries; true if there are more. */
  async turn(now = Date.now()): Promise<boolean> {
    const before = firstIdAt('audit_', now - this.config.audit.days * DAY_MS);
    return (await this.entries.removeBefore(before, ROWS)) === ROWS;
  }
}
