import type { EntityManager } from 'typeorm';
import { dialectOf, sqlTime, type Dialect } from '../dialect.js';

/** How many rows were removed, by table. */
export type Removed = Map<string, number>;

/** Rows of one step at most, so that its transaction is short. */
export const ROWS_PER_STEP = 1_000;

/** Rows to remove. `index`: the one that finds them; without it the primary key. */
export interface Rows {
  table: string;
  key: readonly string[];
  where: string;
  values: readonly unknown[];
  index?: string;
}

/**
 * Removes up to `limit` of these rows. Returns how many it found; another removal may have taken some of them at the same time. The rows are found by a plain read and removed by their primary keys, in the order of
 * the keys: a DELETE that searches in another index locks rows in the order of that index, which makes deadlocks.
 */
export async function removeSome(manager: EntityManager, rows: Rows, limit = ROWS_PER_STEP): Promise<number> {
  const { table, key, where, values, index = 'PRIMARY' } = rows;
  const dialect = dialectOf(manager.connection);
  const hint = dialect === 'mysql' ? `FORCE INDEX (${index})` : '';
  const found: Record<string, unknown>[] = await manager.query(
    `SELECT ${key.join(', ')} FROM ${table} ${hint} WHERE ${where} LIMIT ?`,
    [...values, limit],
  );
  if (found.length === 0) return 0;
  const keys = found.map((row) => key.map((column) => keyValue(row[column])));
  keys.sort((a, b) => {
    const at = a.findIndex((value, column) => value !== b[column]);
    return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
  });
  await removeByKey(manager, table, key, keys);
  return found.length;
}

/** Removes the rows with these keys. Returns how many there were. */
export async function removeByKey(
  manager: EntityManager,
  table: string,
  key: readonly string[],
  keys: readonly (readonly unknown[])[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const dialect = dialectOf(manager.connection);
  const answer: unknown = await manager.query(
    `${deleteFrom(dialect, table)} WHERE ${keyIn(dialect, key, keys.length)}`,
    keys.flat(),
  );
  if (dialect === 'mysql') return (answer as { affectedRows: number }).affectedRows;
  // TypeORM does not return the number of changed rows of SQLite.
  const [row] = (await manager.query('SELECT changes() AS removed')) as [{ removed: number }];
  return row.removed;
}

/** Adds the counts of a step. */
export function addTo(total: Removed, table: string, count: number): void {
  if (count > 0) total.set(table, (total.get(table) ?? 0) + count);
}

/** MySQL takes a hint only in the form of DELETE for several tables. Without it, MariaDB reads a small table as a whole, and locks all of it. */
function deleteFrom(dialect: Dialect, table: string): string {
  return dialect === 'mysql' ? `DELETE ${table} FROM ${table} FORCE INDEX (PRIMARY)` : `DELETE FROM ${table}`;
}

function keyIn(dialect: Dialect, key: readonly string[], count: number): string {
  const one = key.length === 1 ? '?' : `(${key.map(() => '?').join(', ')})`;
  const list = Array.from({ length: count }, () => one).join(', ');
  if (key.length === 1) return `${key[0]} IN (${list})`;
  return `(${key.join(', ')}) IN (${dialect === 'mysql' ? list : `VALUES ${list}`})`;
}

/** The driver of MySQL returns times as Date. */
function keyValue(value: unknown): string | number {
  return value instanceof Date ? sqlTime(value.getTime()) : (value as string | number);
}
