import type { DataSource } from 'typeorm';
import { dialectOf, msFromNow } from './dialect.js';

/** SQL without a parameter for the time `ms` after now, by the database's clock. */
export function fromNow(dataSource: DataSource, ms: number): string {
  return msFromNow[dialectOf(dataSource)].replace('?', String(Math.round(ms)));
}

/**
 * SQL to look up keys in the primary key. For a long list of keys and a small table, MariaDB would otherwise read and lock the whole
 * table.
 */
export function byKey(dataSource: DataSource): string {
  return dialectOf(dataSource) === 'mysql' ? 'FORCE INDEX (PRIMARY)' : '';
}

/** `count` question marks, for `IN (…)`. */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
