import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Batcher } from '../../async/batcher.js';
import type { AuditEntry } from '../../database/entities/audit-entry.entity.js';
import { AuditRepository, type AuditOutcome } from '../../database/repositories/audit.repository.js';
import { errorFields, Log } from '../../observability/log.js';
import { Outage } from '../../observability/outage.js';

const ROWS = 100;
/** Outcomes that may wait for the database. */
const MAX_WAITING = 10_000;
const RETRY_MS = 1_000;
/** How often an outcome is tried: for two minutes, and the time that the database takes to refuse. */
const TRIES = 120;

/**
 * Writes the audit log, in groups: one statement for all requests that come in one turn of the event loop.
 *
 * - The entry is committed before the change is tried. If it can't be written, the change does not begin, and the request is answered 503.
 * - The outcome follows after the answer, off the path of the request. If the database is away it is tried again for two minutes, and
 *   then written into the service's log.
 * - If the process dies in between, the entry stays without an outcome. It is shown as `unknown`: the change may have been made.
 */
@Injectable()
export class AuditLog implements OnApplicationShutdown {
  private readonly entries: Batcher<AuditEntry, void>;
  private readonly outcomes: Batcher<AuditOutcome, void>;
  private readonly outage = new Outage();
  private readonly waiting = new Set<Promise<void>>();
  private stopping = false;

  constructor(
    repository: AuditRepository,
    private readonly log: Log,
  ) {
    const run = <Row>(write: (rows: Row[]) => Promise<void>) => ({
      maxItems: ROWS,
      concurrency: 2,
      run: async (rows: Row[]) => {
        await write(rows);
        return rows.map(() => undefined);
      },
    });
    this.entries = new Batcher(run<AuditEntry>((rows) => repository.add(rows)));
    this.outcomes = new Batcher(run<AuditOutcome>((rows) => repository.complete(rows)));
  }

  /** Resolves when the entry is committed. Rejects with the error of the database if it may not be. */
  begin(entry: AuditEntry): Promise<void> {
    return this.entries.add(entry);
  }

  /** Takes the outcome, and returns at once. */
  end(outcome: AuditOutcome): void {
    if (this.waiting.size >= MAX_WAITING) return this.lost(outcome);
    const writing: Promise<void> = this.complete(outcome).finally(() => this.waiting.delete(writing));
    this.waiting.add(writing);
  }

  /** Outcomes that can't be written now are not tried again. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.waiting);
  }

  /** Never rejects. */
  private async complete(outcome: AuditOutcome): Promise<void> {
    for (let left = TRIES; left > 0; left--) {
      try {
        await this.outcomes.add(outcome);
        const awayMs = this.outage.over();
        if (awayMs !== null) this.log.info('audit.back', { awayMs });
        return;
      } catch (error) {
        const level = this.outage.failed(error);
        if (level) this.log[level]('audit.away', errorFields(error));
      }
      if (this.stopping) break;
      await new Promise((wake) => setTimeout(wake, RETRY_MS));
    }
    this.lost(outcome);
  }

  private lost({ id, orgId, appId, createdId, status }: AuditOutcome): void {
    this.log.error('audit.outcome_not_written', { auditId: id, orgId, appId, createdId, status });
  }
}
