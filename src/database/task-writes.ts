import type { EntityManager } from 'typeorm';
import { sqlTime } from './dialect.js';
import { byKey, fromNow, marks } from './sql-parts.js';
import { AUTOMATIC_RUN, DeliveryState } from './entities/delivery.entity.js';
import { lockMessages } from './message-lock.js';

/** Deliveries to one endpoint that a step of a task starts. They are due at once, and the scanner finds them. */
export interface PlannedDeliveries {
  appId: string;
  endpointId: string;
  /** New deliveries; no row with these keys may exist. `dueAt`: the time for which the message is scheduled. */
  fresh: readonly { msgId: string; run: number; dueAt?: Date | null }[];
  /** Ids of messages whose automatic delivery ended without an attempt. It is started again. */
  reopened: readonly string[];
}

/** What a step of a task writes in addition to its own row. */
export interface TaskWrites {
  deliveries?: PlannedDeliveries;
  /** Ids of messages whose payloads are removed. */
  expunged?: { appId: string; msgIds: readonly string[] };
}

/**
 * Runs the writes in the transaction of the step. Messages that were removed since the step read them get no delivery. Throws a duplicate-key
 * error (`isDuplicateKey`) if a new delivery exists already.
 */
export async function runTaskWrites(manager: EntityManager, { deliveries, expunged }: TaskWrites): Promise<void> {
  if (deliveries) {
    const { appId, fresh, reopened } = deliveries;
    const there = await lockMessages(manager, appId, [...fresh.map(({ msgId }) => msgId), ...reopened]);
    await insertDeliveries(manager, { ...deliveries, fresh: fresh.filter(({ msgId }) => there.has(msgId)) });
    await reopen(manager, { ...deliveries, reopened: reopened.filter((msgId) => there.has(msgId)) });
  }
  if (expunged && expunged.msgIds.length > 0) {
    await manager.query(
      `UPDATE message ${byKey(manager.connection)} SET payload = NULL WHERE app_id = ? AND id IN (${marks(expunged.msgIds.length)})`,
      [expunged.appId, ...expunged.msgIds.toSorted()],
    );
  }
}

/** Sorted by key, like all statements that insert several rows, to avoid deadlocks. */
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

/** The fence stays the same: the delivery has ended, so nobody holds a claim, and the next claim raises the fence. */
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
