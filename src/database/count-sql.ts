import { LEAST_UNANSWERED_MS, SLOT_LIMITS_MS, SLOTS, slotRange, type AttemptCounts } from '../domain/attempt-counts.js';
import { AttemptStatus } from './entities/attempt.entity.js';
import { larger, type Dialect } from './dialect.js';

const SLOT_COLUMNS = [...SLOT_LIMITS_MS.map((limit) => `ms_${limit}`), 'ms_more'];
/** The columns of `attempt_count` and `attempt_total` that count. */
export const COUNT_COLUMNS = ['delivered', 'failed', ...SLOT_COLUMNS];

/** SQL for the sums of all counts, under the names of the columns. */
export const SUMS = COUNT_COLUMNS.map((column) => `SUM(${column}) AS ${column}`).join(', ');

/** SQL for the slot of an attempt's latency; -1 if it has none. */
export const SLOT = `CASE WHEN status_code = 0 AND duration_ms < ${LEAST_UNANSWERED_MS} THEN -1 ${SLOT_LIMITS_MS.map(
  (limit, slot) => `WHEN duration_ms <= ${limit} THEN ${slot}`,
).join(' ')} ELSE ${SLOTS - 1} END`;

/** A row with the counts under the names of their columns. Drivers may answer sums as text. */
export type CountRow = Record<string, string | number>;

export function countsOf(row: CountRow): AttemptCounts {
  return {
    delivered: Number(row['delivered']),
    failed: Number(row['failed']),
    slots: SLOT_COLUMNS.map((column) => Number(row[column])),
  };
}

/** The values for `COUNT_COLUMNS`. */
export function countValues({ delivered, failed, slots }: AttemptCounts): number[] {
  return [delivered, failed, ...slots];
}

/** Attempts of one status and slot. */
export interface SlotRow {
  status: number;
  slot: number;
  found: string | number;
}

/** Adds a row of attempts of one status and slot to the counts. */
export function addSlot(counts: AttemptCounts, { status, slot, found }: SlotRow): void {
  if (Number(status) === AttemptStatus.success) counts.delivered += Number(found);
  else counts.failed += Number(found);
  if (Number(slot) >= 0) counts.slots[Number(slot)]! += Number(found);
}

/**
 * SQL at the end of an INSERT of counts: where there is such a row, the larger numbers stay. Within a bucket nothing but growth is right: whoever counted
 * later has seen more. So it does not matter who writes last, or how often.
 */
export function keepLarger(dialect: Dialect, table: string, key: string): string {
  const given = (column: string) => (dialect === 'mysql' ? `VALUES(${column})` : `excluded.${column}`);
  const sets = COUNT_COLUMNS.map((column) => `${column} = ${larger[dialect](`${table}.${column}`, given(column))}`).join(', ');
  return `${dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE' : `ON CONFLICT (${key}) DO UPDATE SET`} ${sets}`;
}

/** SQL for the latency that a share of the counted attempts does not exceed; null without any. The same rule as `quantile`. */
export function quantileSql(share: number): string {
  const more = `(${SLOT_COLUMNS.join(' + ')}) * ${(1 - share).toFixed(4)}`;
  const cases = SLOT_COLUMNS.map((column, slot) => {
    const { from, to } = slotRange(slot);
    const above = SLOT_COLUMNS.slice(slot).join(' + ');
    return `WHEN ${above} > ${more} THEN ${from} + ${to - from} * (${above} - ${more}) * 1.0 / ${column}`;
  });
  return `CASE ${cases.toReversed().join(' ')} END`;
}
