import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { fromNow } from '../sql-parts.js';
import { Transactions } from '../transactions.js';

/** Work that one process at a time does for all. A migration inserts a row for each. */
export type SharedWorkName = 'old_rows' | 'deleted_rows' | 'attempt_counts' | 'attempt_backfill' | 'old_counts';

/**
 * The table `shared_work`: which process does some regular work, and when it is due again. All times are the database's.
 *
 * If the process dies: its lease ends, and another one takes the work. A process that was only slow may go on for a moment beside the next one, so
 * the work itself must be harmless when two do it.
 */
@Injectable()
export class SharedWorkRepository {
  private readonly owner = randomBytes(16).toString('hex');

  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Takes the work for `leaseMs`. False if it is not due, or another process has it. */
  async take(name: SharedWorkName, leaseMs: number): Promise<boolean> {
    await this.transactions.writeOnce(
      `UPDATE shared_work SET owner = ?, due_at = ${this.after(leaseMs)} WHERE name = ? AND due_at <= ${this.after(0)}`,
      [this.owner, name],
    );
    return this.holds(name);
  }

  /** Sets when the work is due again: during the work, when the lease ends; after it, when it is to be done again. False if another process has it. */
  async dueIn(name: SharedWorkName, ms: number): Promise<boolean> {
    await this.transactions.writeOnce(`UPDATE shared_work SET due_at = ${this.after(ms)} WHERE name = ? AND owner = ?`, [
      name,
      this.owner,
    ]);
    return this.holds(name);
  }

  /** Ends the work, which is due again after `ms`. */
  async end(name: SharedWorkName, ms: number): Promise<void> {
    await this.transactions.writeOnce(
      `UPDATE shared_work SET owner = '', due_at = ${this.after(ms)} WHERE name = ? AND owner = ?`,
      [name, this.owner],
    );
  }

  /** How far the work has come, as it was saved last; null if it was never begun. */
  async progress(name: SharedWorkName): Promise<string | null> {
    const [row]: { progress: string | null }[] = await this.dataSource.query('SELECT progress FROM shared_work WHERE name = ?', [
      name,
    ]);
    return row?.progress ?? null;
  }

  /** Saves how far the work has come, unless another process did so after `before` was read. */
  async saveProgress(name: SharedWorkName, before: string | null, after: string): Promise<void> {
    const unchanged = before === null ? 'progress IS NULL' : 'progress = ?';
    await this.transactions.writeOnce(`UPDATE shared_work SET progress = ? WHERE name = ? AND ${unchanged}`, [
      after,
      name,
      ...(before === null ? [] : [before]),
    ]);
  }

  private async holds(name: SharedWorkName): Promise<boolean> {
    const found: unknown[] = await this.dataSource.query('SELECT 1 FROM shared_work WHERE name = ? AND owner = ?', [
      name,
      this.owner,
    ]);
    return found.length > 0;
  }

  private after(ms: number): string {
    return fromNow(this.dataSource, ms);
  }
}
