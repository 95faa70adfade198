import type { DataSource, EntityManager } from 'typeorm';
import { dialectOf, msFromNow, sqlTime } from './dialect.js';
import { AUTOMATIC_RUN, DeliveryState } from './entities/delivery.entity.js';

/** Deliveries of one endpoint that a step of a task brings on their way: due at once, found by the scanner. */
export interface PlannedDeliveries {
  appId: string;
  endpointId: string;
  /** New rows; none of them may exist. Those of messages that are scheduled wait until then. */
  fresh: readonly { msgId: string; run: number; dueAt?: Date | null }[];
  /** Messages whose automatic delivery ended without an attempt, and gets another chance. */
  reopened: readonly string[];
}

/** What a step of a task changes besides its own row. */
export interface TaskWrites {
  deliveries?: PlannedDeliveries;
  /** Messages whose payloads are removed. */
  expunged?: { appId: string; msgIds: readonly string[] };
}

/** Runs the writes in the transaction of the step. Throws isDuplicateKey if a fresh row exists: somebody else was quicker. */
export async function runTaskWrites(manager: EntityManager, { deliveries, expunged }: TaskWrites): Promise<void> {
  if (deliveries) {
    await insertDeliveries(manager, deliveries);
    await reopen(manager, deliveries);
  }
  if (expunged && expunged.msgIds.length > 0) {
    await manager.query(
      `UPDATE message ${byKey(manager.connection)} SET payload = NULL WHERE app_id = ? AND id IN (${marks(expunged.msgIds.length)})`,
      [expunged.appId, ...expunged.msgIds.toSorted()],
    );
  }
}

/** Sorted by key, like every statement that inserts several rows. */
async function insertDeliveries(manager: EntityManager, { appId, endpointId, fresh }: PlannedDeliveries): Promise<void> {
  if (fresh.length === 0) return;
  const now = fromNow(manager.connection, 0);
  const rows = fresh.map(() => `(?, ?, ?, ?, ${DeliveryState.waiting}, 0, 0, COALESCE(?, ${now}))`).join(', ');
  const sorted = fresh.toSorted((a, b) => (a.msgId < b.msgId ? -1 : 1));
  await manager.query(
    `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES ${rows}`,
    sorted.flatMap(({ msgId, run, dueAt }) => [msgId, endpointId, run, appId, dueAt ? sqlTime(dueAt.getTime()) : null]),
  );
}

/** The fence stays: whoever ended the row has no claim any more, and the next claim raises it. */
async function reopen(manager: EntityManager, { appId, endpointId, reopened }: PlannedDeliveries): Promise<void> {
  if (reopened.length === 0) return;
  await manager.query(
    `UPDATE delivery ${byKey(manager.connection)}
        SET state = ${DeliveryState.waiting}, due_at = ${fromNow(manager.connection, 0)}, reason = NULL
      WHERE msg_id IN (${marks(reopened.length)}) AND endpoint_id = ? AND run = ${AUTOMATIC_RUN} AND app_id = ?
        AND state = ${DeliveryState.failed} AND attempts = 0`,
    [...reopened.toSorted(), endpointId, appId],
  );
}

/** SQL of a time that lies `ms` after now, by the database's clock, without a parameter. */
export function fromNow(dataSource: DataSource, ms: number): string {
  return msFromNow[dialectOf(dataSource)].replace('?', String(Math.round(ms)));
}

/** Long lists of keys are looked up by the primary key: on small tables MariaDB would rather read, and lock, the whole table. */
export function byKey(dataSource: DataSource): string {
  return dialectOf(dataSource) === 'mysql' ? 'FORCE INDEX (PRIMARY)' : '';
}

/** As many question marks, for `IN (…)`. */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
