import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from '../database.js';
import { dialectOf } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** Rows of one statement. */
const ROWS_PER_STATEMENT = 500;

/** What was used: requests by the kind of their answer, and accepted messages. */
export interface Used {
  /** Answered 2xx or 3xx. */
  ok: number;
  /** Answered 4xx. */
  refused: number;
  /** Answered 5xx, or not at all. */
  failed: number;
  messages: number;
}

/** What was used with one key on one day. */
export interface UsageRow extends Used {
  orgId: string;
  /** UTC, such as `2026-11-28`. */
  day: string;
  keyId: string;
}

/** The place of a row in the list. */
export type UsagePlace = Pick<UsageRow, 'orgId' | 'day' | 'keyId'>;

/** Which rows to list. */
export interface UsageFilter {
  /** Null for all organisations. */
  orgId: string | null;
  keyId: string | null;
  since: string;
  until: string;
  /** Only rows after this one. */
  after: UsagePlace | null;
}

const COUNTS = ['ok', 'refused', 'failed', 'messages'] as const;

/** The table `organization_usage`. */
@Injectable()
export class OrganizationUsageRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /** Adds to the counts. All of it is one transaction, so that an error means that nothing was added (unless `isUndecided(error)`). */
  async add(rows: readonly UsageRow[]): Promise<void> {
    this.database.assertReady();
    const mysql = dialectOf(this.dataSource) === 'mysql';
    const sums = COUNTS.map((name) => `${name} = organization_usage.${name} + ${mysql ? `VALUES(${name})` : `excluded.${name}`}`);
    const known = `${mysql ? 'ON DUPLICATE KEY UPDATE' : 'ON CONFLICT (org_id, day, key_id) DO UPDATE SET'} ${sums.join(', ')}`;
    // In the order of the key, so that processes which write at the same time do not wait for each other in a circle.
    const sorted = rows.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    await this.transactions.write(async (manager) => {
      for (let at = 0; at < sorted.length; at += ROWS_PER_STATEMENT) {
        const some = sorted.slice(at, at + ROWS_PER_STATEMENT);
        const values = some.flatMap((row) => [row.orgId, row.day, row.keyId, ...COUNTS.map((name) => row[name])]);
        const marks = some.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ');
        await manager.query(
          `INSERT INTO organization_usage (org_id, day, key_id, ${COUNTS.join(', ')}) VALUES ${marks} ${known}`,
          values,
        );
      }
    });
  }

  /** How many messages the organisation has sent on this day, and in its month until then. */
  async messages(orgId: string, day: string): Promise<{ day: number; month: number }> {
    this.database.assertReady();
    const [row] = (await this.dataSource.query(
      `SELECT SUM(messages) AS month, SUM(CASE WHEN day = ? THEN messages ELSE 0 END) AS day
         FROM organization_usage WHERE org_id = ? AND day BETWEEN ? AND ?`,
      [day, orgId, `${day.slice(0, 7)}-01`, day],
    )) as [{ day: string | number | null; month: string | number | null }];
    return { day: Number(row.day ?? 0), month: Number(row.month ?? 0) };
  }

  /** Up to `count` rows, newest day first, then by organisation and key. */
  async list({ orgId, keyId, since, until, after }: UsageFilter, count: number): Promise<UsageRow[]> {
    const where = ['day BETWEEN ? AND ?'];
    const values: unknown[] = [since, after && after.day < until ? after.day : until];
    const only = (column: string, value: string | null) => {
      if (value === null) return;
      where.push(`${column} = ?`);
      values.push(value);
    };
    only('org_id', orgId);
    only('key_id', keyId);
    if (after) {
      where.push('(day < ? OR org_id > ? OR (org_id = ? AND key_id > ?))');
      values.push(after.day, after.orgId, after.orgId, after.keyId);
    }
    const rows: Record<string, string | number>[] = await this.dataSource.query(
      `SELECT org_id, day, key_id, ${COUNTS.join(', ')} FROM organization_usage WHERE ${where.join(' AND ')}
        ORDER BY day DESC, org_id, key_id LIMIT ?`,
      [...values, count],
    );
    return rows.map((row) => ({
      orgId: String(row['org_id']),
      day: String(row['day']),
      keyId: String(row['key_id']),
      ok: Number(row['ok']),
      refused: Number(row['refused']),
      failed: Number(row['failed']),
      messages: Number(row['messages']),
    }));
  }

  /** Removes what is older than `day`: the rows of up to `count` organisations and days. Answers how many of these there were. */
  async removeBefore(day: string, count: number): Promise<number> {
    const old: { org_id: string; day: string }[] = await this.dataSource.query(
      'SELECT DISTINCT org_id, day FROM organization_usage WHERE day < ? LIMIT ?',
      [day, count],
    );
    for (const row of old) {
      await this.transactions.write((manager) =>
        manager.query('DELETE FROM organization_usage WHERE org_id = ? AND day = ?', [row.org_id, row.day]),
      );
    }
    return old.length;
  }
}

function placeOf({ orgId, day, keyId }: UsageRow): string {
  return `${orgId}\n${day}\n${keyId}`;
}
