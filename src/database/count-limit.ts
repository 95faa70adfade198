import type { EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';

/** A row can't be created, because there are `max` of its kind already. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';

  /**
   * @param what what there are too many of, as in "The organisation has 10 applications already"
   * @param limit the name of the limit
   */
  constructor(
    readonly what: string,
    readonly max: number,
    readonly limit: string,
  ) {
    super(`There are ${max} ${what} already, which is the limit ${limit}.`);
  }
}

/**
 * Creations of one organisation run one after the other from here to the end of the transaction. So what they count does not change before
 * they write. It must be the first statement of its transaction, so that all of them lock rows in the same order. SQLite has one writer.
 */
export async function lockOrganization(manager: EntityManager, orgId: string): Promise<void> {
  if (dialectOf(manager.connection) === 'sqlite') return;
  // An INSERT IGNORE would take a shared lock first, and two of them would wait for each other.
  await manager.query(
    'INSERT INTO organization (org_id, changed_at) VALUES (?, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE org_id = org_id',
    [orgId],
  );
}

/** The number of rows that meet a condition. Without an index that has all of its columns, it would read all rows of the owner. */
export async function countRows(manager: EntityManager, from: string, values: unknown[]): Promise<number> {
  const [row] = (await manager.query(`SELECT COUNT(*) AS found FROM ${from}`, values)) as [{ found: number | string }];
  return Number(row.found);
}
