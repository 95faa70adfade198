import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Database } from '../database.js';
import { dialectOf, fromSqlTime, msFromNow, sqlTime } from '../dialect.js';
import { Transactions } from '../transactions.js';

/**
 * What a revocation refuses: one token or API key, all tokens of an application, all tokens of one session of an application, all JWTs of
 * an organisation and its applications, or all API keys of an organisation. (The release before ignores the last two.)
 */
export const RevocationKind = { token: 0, application: 1, session: 2, organization: 3, keys: 4 } as const;
export type RevocationKind = (typeof RevocationKind)[keyof typeof RevocationKind];

/** Refuses the tokens of `subject` that were issued until `issuedUntil`, from `refusedFrom` on. Times are ms since 1970. */
export interface Revocation {
  orgId: string;
  kind: RevocationKind;
  /** A hash or name of a token, the id of an application, the hash of an application and a session, or the organisation itself. */
  subject: string;
  issuedUntil: number;
  refusedFrom: number;
  /** When all of these tokens have expired by themselves; null if some never expire. */
  forgetAt: number | null;
}

interface Row {
  org_id: string;
  kind: RevocationKind;
  subject: string;
  issued_until: string;
  refused_from: string;
  created_at: string;
  forget_at: string | null;
}

/** A row may become visible this much later than its `created_at`, because its transaction was still open. */
const OVERLAP_MS = 60_000;

const COLUMNS = 'org_id, kind, subject, issued_until, refused_from, created_at, forget_at';

/** The table `token_revocation`. Reads include all organisations, because each process keeps the whole table in memory. */
@Injectable()
export class TokenRevocationRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /** Adds revocations, all or none. */
  async add(revocations: readonly Revocation[]): Promise<void> {
    await this.transactions.write((manager) => writeRevocations(manager, revocations));
  }

  /**
   * The revocations that were added since the previous call. Some of the previous call may be among them. Throws DatabaseAway if the
   * database is not ready, and driver errors.
   *
   * @param last `lastAdded` of the previous call; null for all revocations
   */
  async addedSince(last: string | null): Promise<{ revocations: Revocation[]; lastAdded: string | null }> {
    this.database.assertReady();
    const since = last === null ? null : sqlTime(fromSqlTime(last) - OVERLAP_MS);
    const columns = dialectOf(this.dataSource) === 'mysql' ? COLUMNS_AS_TEXT : COLUMNS;
    const rows: Row[] = await this.dataSource.query(
      `SELECT ${columns} FROM token_revocation ${since === null ? '' : 'WHERE created_at > ?'} ORDER BY created_at`,
      since === null ? [] : [since],
    );
    return { revocations: rows.map(revocationOf), lastAdded: rows.at(-1)?.created_at ?? last };
  }
}

/**
 * Adds revocations within a transaction. Removes those that they include, and those of the organisation whose tokens have expired.
 */
export async function writeRevocations(manager: EntityManager, revocations: readonly Revocation[]): Promise<void> {
  const now = msFromNow[dialectOf(manager.connection)];
  for (const { orgId, kind, subject, issuedUntil, refusedFrom, forgetAt } of revocations) {
    const [until, from, forget] = [sqlTime(issuedUntil), sqlTime(refusedFrom), forgetAt === null ? null : sqlTime(forgetAt)];
    await manager.query('DELETE FROM token_revocation WHERE org_id = ? AND forget_at < ?', [orgId, sqlTime(Date.now())]);
    await manager.query(
      'DELETE FROM token_revocation WHERE org_id = ? AND kind = ? AND subject = ? AND issued_until <= ? AND refused_from >= ?',
      [orgId, kind, subject, until, from],
    );
    const row = [orgId, kind, subject, until, from, 0, forget];
    await manager.query(`REPLACE INTO token_revocation (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ${now}, ?)`, row);
  }
}

/** The columns with times as text. As Date, the results of the two databases would have different types. */
const COLUMNS_AS_TEXT = COLUMNS.replace(/(\w+_(?:until|from|at))/g, "DATE_FORMAT($1, '%Y-%m-%d %H:%i:%s.%f') AS $1");

function revocationOf(row: Row): Revocation {
  return {
    orgId: row.org_id,
    kind: row.kind,
    subject: row.subject,
    issuedUntil: fromSqlTime(row.issued_until),
    refusedFrom: fromSqlTime(row.refused_from),
    forgetAt: row.forget_at === null ? null : fromSqlTime(row.forget_at),
  };
}
