import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { countRows, LimitReached } from '../count-limit.js';
import { Database } from '../database.js';
import { dialectOf, fromSqlTime, msFromNow, sqlTime } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** A row may become visible this much later than its `changed_at`, because its transaction was still open. */
const OVERLAP_MS = 60_000;
/** Each process keeps the limits of all of them in memory. */
const MAX_WITH_LIMITS = 10_000;

/** The limits of an organisation as they are stored; null if it has none of its own. */
export interface StoredLimits {
  orgId: string;
  limits: Record<string, number> | null;
}

/** An organisation with applications, and the first of these, also if it is deleted. */
export interface ListedOrganization {
  orgId: string;
  firstAppId: string;
}

interface Row {
  org_id: string;
  limits: string | null;
  changed_at: string;
}

/** The table `organization`: limits that an operator gave to single organisations. A row without limits is locked by creations. */
@Injectable()
export class OrganizationRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /** The organisation's own limits; null if it has none. */
  async limits(orgId: string): Promise<Record<string, number> | null> {
    const [row] = (await this.dataSource.query('SELECT limits FROM organization WHERE org_id = ?', [orgId])) as Row[];
    return row?.limits ? (JSON.parse(row.limits) as Record<string, number>) : null;
  }

  /**
   * Up to `count` organisations after `above` that have applications, sorted. Each is one look-up in the index of applications by organisation: no
   * table has all of them, and to read the index through would be to read each application.
   */
  async list(above: string, count: number): Promise<ListedOrganization[]> {
    const found: ListedOrganization[] = [];
    while (found.length < count) {
      const [next] = await this.dataSource.query<ListedOrganization[]>(
        'SELECT org_id AS orgId, id AS firstAppId FROM application WHERE org_id > ? ORDER BY org_id, id LIMIT 1',
        [found.at(-1)?.orgId ?? above],
      );
      if (!next) break;
      found.push(next);
    }
    return found;
  }

  /** Replaces the organisation's own limits; null removes them. Throws LimitReached if too many organisations have some. */
  async setLimits(orgId: string, limits: Record<string, number> | null): Promise<void> {
    const dialect = dialectOf(this.dataSource);
    const now = msFromNow[dialect];
    const known =
      dialect === 'mysql'
        ? 'ON DUPLICATE KEY UPDATE limits = VALUES(limits), changed_at = VALUES(changed_at)'
        : 'ON CONFLICT (org_id) DO UPDATE SET limits = excluded.limits, changed_at = excluded.changed_at';
    await this.transactions.write(async (manager) => {
      const others = limits && (await countRows(manager, 'organization WHERE limits IS NOT NULL AND org_id <> ?', [orgId]));
      if (others !== null && others >= MAX_WITH_LIMITS)
        throw new LimitReached('organisations with limits of their own', MAX_WITH_LIMITS, 'of this server');
      const text = limits && JSON.stringify(limits);
      await manager.query(`INSERT INTO organization (org_id, limits, changed_at) VALUES (?, ?, ${now}) ${known}`, [
        orgId,
        text,
        0,
      ]);
    });
  }

  /**
   * The limits that were changed since the previous call, with null where they were removed. Some of the previous call may be among them.
   * Throws DatabaseAway if the database is not ready, and driver errors.
   *
   * @param last `lastChanged` of the previous call; null for all limits
   */
  async changedSince(last: string | null): Promise<{ changed: StoredLimits[]; lastChanged: string | null }> {
    this.database.assertReady();
    const since = last === null ? null : sqlTime(fromSqlTime(last) - OVERLAP_MS);
    const time =
      dialectOf(this.dataSource) === 'mysql' ? "DATE_FORMAT(changed_at, '%Y-%m-%d %H:%i:%s.%f') AS changed_at" : 'changed_at';
    const rows: Row[] = await this.dataSource.query(
      `SELECT org_id, limits, ${time} FROM organization WHERE ${since === null ? 'limits IS NOT NULL' : 'changed_at > ?'}
        ORDER BY organization.changed_at`,
      since === null ? [] : [since],
    );
    const changed = rows.map(({ org_id: orgId, limits }) => ({
      orgId,
      limits: limits === null ? null : (JSON.parse(limits) as Record<string, number>),
    }));
    return { changed, lastChanged: rows.at(-1)?.changed_at ?? last };
  }
}
