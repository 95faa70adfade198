import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { IdWindow } from '../../domain/time-window.js';
import { Database } from '../database.js';
import { dialectOf, fromSqlTime, msAgo } from '../dialect.js';
import { orderOf } from '../list-query.js';
import { Transactions } from '../transactions.js';

/** What a process says of itself. */
export interface TaskStateRow {
  version: string;
  roles: string[];
  uptimeMs: number;
  /** The name of the target group (the colour of a release); null if it is not known. */
  targetGroup: string | null;
  /** The share of the production traffic that its target group gets, 0 to 1. */
  trafficShare: number;
  draining: boolean;
  dependencies: Record<string, 'up' | 'away'>;
  loopDelayMs: number;
  memoryBytes: number;
  /** Null in a process without the role worker. */
  deliveriesInWork: number | null;
}

/** A running process as the database knows it. Its times are by the clock of the database. */
export interface RunningTask extends TaskStateRow {
  id: string;
  seenAt: Date;
  ageMs: number;
}

/** A task writes every ten seconds. After three writes that did not come, it counts as stale. */
export const STALE_AFTER_MS = 30_000;
/** Rows that were not written for so long are removed. */
const FORGET_AFTER_MS = 600_000;

const AGE = {
  mysql: 'TIMESTAMPDIFF(MICROSECOND, seen_at, UTC_TIMESTAMP(3)) DIV 1000',
  sqlite: "CAST(ROUND((julianday('now') - julianday(seen_at)) * 86400000) AS INTEGER)",
};
const SEEN = { mysql: "DATE_FORMAT(seen_at, '%Y-%m-%d %H:%i:%s.%f')", sqlite: 'seen_at' };

/**
 * The table `running_task`: one row for each process, which it replaces every ten seconds. All times and ages are made by the database, so
 * that clocks of processes do not matter. The table belongs to no organisation; only operators see it.
 */
@Injectable()
export class RunningTaskRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /** Replaces the row of a process. `serves`: it answers requests of the API, and gets a part of the traffic. */
  async write(id: string, serves: boolean, state: TaskStateRow): Promise<void> {
    this.database.assertReady();
    const now = msAgo(dialectOf(this.dataSource), 0);
    const row = [id, serves, JSON.stringify(state)];
    await this.transactions.writeOnce(`REPLACE INTO running_task (id, seen_at, serves, state) VALUES (?, ${now}, ?, ?)`, row);
  }

  /** How many processes serve requests now. */
  async serving(): Promise<number> {
    const since = msAgo(dialectOf(this.dataSource), STALE_AFTER_MS);
    const sql = `SELECT COUNT(*) AS count FROM running_task WHERE serves = ? AND seen_at > ${since}`;
    const [row] = await this.dataSource.query<[{ count: number | string }]>(sql, [true]);
    return Number(row.count);
  }

  /** Removes the row of a process that ends. */
  async remove(id: string): Promise<void> {
    await this.transactions.writeOnce('DELETE FROM running_task WHERE id = ?', [id]);
  }

  /** Removes the rows of processes that ended without removing theirs. */
  async removeOld(): Promise<void> {
    const before = msAgo(dialectOf(this.dataSource), FORGET_AFTER_MS);
    await this.transactions.writeOnce(`DELETE FROM running_task WHERE seen_at < ${before}`, []);
  }

  /** Up to `count` tasks of the window, sorted by id in the window's order of reading. */
  async list(window: IdWindow, count: number): Promise<RunningTask[]> {
    const dialect = dialectOf(this.dataSource);
    const conditions = [`seen_at >= ${msAgo(dialect, FORGET_AFTER_MS)}`];
    const values: unknown[] = [];
    for (const [limit, comparison] of [
      [window.above, 'id > ?'],
      [window.below, 'id < ?'],
    ] as const) {
      if (limit === null) continue;
      conditions.push(comparison);
      values.push(limit);
    }
    const rows = await this.dataSource.query<{ id: string; seen: string; age: number | string; state: string }[]>(
      `SELECT id, ${SEEN[dialect]} AS seen, ${AGE[dialect]} AS age, state FROM running_task
        WHERE ${conditions.join(' AND ')} ORDER BY id ${orderOf(window)} LIMIT ?`,
      [...values, count],
    );
    return rows.map(({ id, seen, age, state }) => ({
      id,
      seenAt: new Date(fromSqlTime(seen.slice(0, 23))),
      ageMs: Number(age),
      ...(JSON.parse(state) as TaskStateRow),
    }));
  }
}
