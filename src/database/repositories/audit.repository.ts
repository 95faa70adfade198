import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { IdWindow } from '../../domain/time-window.js';
import { auditInsert } from '../audit-rows.js';
import { Database } from '../database.js';
import { dialectOf } from '../dialect.js';
import { AuditEntry } from '../entities/audit-entry.entity.js';
import { applyWindow } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** How a change ended. */
export type AuditOutcome = Pick<AuditEntry, 'orgId' | 'id' | 'appId' | 'createdId' | 'status'>;

/** Null means no filter. `orgId` is null for an operator who looks at all organisations. */
export interface AuditFilter {
  orgId: string | null;
  appId: string | null;
  operation: string | null;
  tokenId: string | null;
}

const REMOVE = {
  mysql: 'DELETE FROM audit_log WHERE id < ? ORDER BY id LIMIT ?',
  sqlite: 'DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE id < ? ORDER BY id LIMIT ?)',
};

/** The table `audit_log`. Each write is one statement for many rows, and a transaction of its own. */
@Injectable()
export class AuditRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /** Throws DatabaseAway if the database is not ready, and driver errors; then no row was written, or the answer was lost. */
  async add(entries: readonly AuditEntry[]): Promise<void> {
    this.database.assertReady();
    const { sql, values } = auditInsert(entries);
    await this.transactions.writeOnce(sql, values);
  }

  /** Adds the outcomes to rows that were written before. */
  async complete(outcomes: readonly AuditOutcome[]): Promise<void> {
    this.database.assertReady();
    const byId = (column: string) => `${column} = CASE id ${outcomes.map(() => 'WHEN ? THEN ?').join(' ')} ELSE ${column} END`;
    const valuesOf = (key: 'appId' | 'createdId' | 'status') => outcomes.flatMap((one) => [one.id, one[key]]);
    // One range of the key for each row. With two lists the range would be every pair of them.
    const rows = outcomes.map(() => '(org_id = ? AND id = ?)').join(' OR ');
    await this.transactions.writeOnce(
      `UPDATE audit_log SET ${byId('app_id')}, ${byId('created_id')}, ${byId('status')} WHERE ${rows}`,
      [
        ...valuesOf('appId'),
        ...valuesOf('createdId'),
        ...valuesOf('status'),
        ...outcomes.flatMap(({ orgId, id }) => [orgId, id]),
      ],
    );
  }

  /** Up to `count` entries, in the window's order of reading. */
  list({ orgId, appId, operation, tokenId }: AuditFilter, window: IdWindow, count: number): Promise<AuditEntry[]> {
    const query = this.dataSource.manager.createQueryBuilder(AuditEntry, 'a');
    if (orgId !== null) query.andWhere('a.orgId = :orgId', { orgId });
    if (appId !== null) query.andWhere('a.appId = :appId', { appId });
    if (operation !== null) query.andWhere('a.operation = :operation', { operation });
    if (tokenId !== null) query.andWhere('a.tokenId = :tokenId', { tokenId });
    // MariaDB would read all entries of the organisation instead.
    const index = appId ? 'app' : tokenId ? 'token' : operation ? 'operation' : null;
    if (orgId !== null && index !== null) query.useIndex(`audit_log_by_${index}`);
    return applyWindow(query, 'a.id', window, count).getMany();
  }

  /** Removes up to `limit` of the oldest entries before this id. Returns how many. */
  async removeBefore(id: string, limit: number): Promise<number> {
    const dialect = dialectOf(this.dataSource);
    return this.transactions.write(async (manager) => {
      const answer: unknown = await manager.query(REMOVE[dialect], [id, limit]);
      if (dialect === 'mysql') return (answer as { affectedRows: number }).affectedRows;
      // TypeORM does not return the number of changed rows of SQLite.
      const [row] = await manager.query<[{ removed: number }]>('SELECT changes() AS removed');
      return row.removed;
    });
  }
}
