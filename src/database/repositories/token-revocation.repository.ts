import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from '../database.js';
import { dialectOf, fromSqlTime, msFromNow, sqlTime } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** What a revocation is about: one token, all tokens of an application, or those of one of its sessions. */
export const RevocationKind = { token: 0, application: 1, session: 2 } as const;
export type RevocationKind = (typeof RevocationKind)[keyof typeof RevocationKind];

/** Tokens that are refused: those of `subject` that were issued until then, from then on. Times in ms since 1970. */
export interface Revocation {
  orgId: string;
  kind: RevocationKind;
  /** The hash of a token, the id of an application, or the hash of an application and a session. */
  subject: string;
  issuedUntil: number;
  refusedFrom: number;
  /** From then on all of these tokens have expired by themselves; null if some never do. */
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

/** A transaction may become visible this much later than the clock said when it wrote its row. */
const OVERLAP_MS = 60_000;

const COLUMNS = 'org_id, kind, subject, issued_until, refused_from, created_at, forget_at';

/** The table `token_revocation`. It is read across tenants: a process keeps all of it in its memory. */
@Injectable()
export class TokenRevocationRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /** Adds it, in the place of those that it makes needless and of those of the tenant that nobody needs any more. */
  async add({ orgId, kind, subject, issuedUntil, refusedFrom, forgetAt }: Revocation): Promise<void> {
    const now = msFromNow[dialectOf(this.dataSource)];
    const [until, from, forget] = [sqlTime(issuedUntil), sqlTime(refusedFrom), forgetAt === null ? null : sqlTime(forgetAt)];
    await this.transactions.write(async (manager) => {
      await manager.query('DELETE FROM token_revocation WHERE org_id = ? AND forget_at < ?', [orgId, sqlTime(Date.now())]);
      await manager.query(
        'DELETE FROM token_revocation WHERE org_id = ? AND kind = ? AND subject = ? AND issued_until <= ? AND refused_from >= ?',
        [orgId, kind, subject, until, from],
      );
      const row = [orgId, kind, subject, until, from, 0, forget];
      await manager.query(`REPLACE INTO token_revocation (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ${now}, ?)`, row);
    });
  }

  /** All that were added since `last` (the `lastAdded` of the call before; null for all), some of them once more. */
  async addedSince(last: string | null): Promise<{ revocations: Revocation[]; lastAdded: string | null }> {
    this.database.assertReady();
    const since = last === null ? null : sqlTime(fromSqlTime(last) - OVERLAP_MS);
    const text = dialectOf(this.dataSource) === 'mysql' ? asText : COLUMNS;
    const rows: Row[] = await this.dataSource.query(
      `SELECT ${text} FROM token_revocation ${since === null ? '' : 'WHERE created_at > ?'} ORDER BY created_at`,
      since === null ? [] : [since],
    );
    return { revocations: rows.map(revocationOf), lastAdded: rows.at(-1)?.created_at ?? last };
  }
}

/** The driver would make Dates of them, which lose nothing, but the two databases would differ. */
const asText = COLUMNS.replace(/(\w+_(?:until|from|at))/g, "DATE_FORMAT($1, '%Y-%m-%d %H:%i:%s.%f') AS $1");

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
