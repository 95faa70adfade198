import type { EntityManager } from 'typeorm';
import { dialectOf } from './dialect.js';
import { byKey, marks } from './sql-parts.js';

/**
 * Locks the rows of messages until the end of the transaction, in the order of their ids. Returns the ids of those that exist.
 *
 * Whatever makes a delivery for a message that exists, or opens an ended one again, takes this lock first; so does the removal of the message.
 * Then neither can miss the other: the removal sees the open delivery and leaves the message, or the message is gone and no delivery is made.
 * SQLite has no locks on rows; there, Transactions lets one transaction write at a time.
 */
export async function lockMessages(manager: EntityManager, appId: string, msgIds: readonly string[]): Promise<Set<string>> {
  if (msgIds.length === 0) return new Set();
  const lock = dialectOf(manager.connection) === 'mysql' ? 'FOR UPDATE' : '';
  const rows: { id: string }[] = await manager.query(
    `SELECT id FROM message ${byKey(manager.connection)} WHERE app_id = ? AND id IN (${marks(msgIds.length)}) ORDER BY id ${lock}`,
    [appId, ...msgIds.toSorted()],
  );
  return new Set(rows.map(({ id }) => id));
}
