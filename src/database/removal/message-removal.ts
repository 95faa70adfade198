import { DataSource, type EntityManager } from 'typeorm';
import { dialectOf, fromSqlTime, sqlTime, useIndex } from '../dialect.js';
import { DeliveryState } from '../entities/delivery.entity.js';
import { WORKER_LOST } from '../engine/engine-store.js';
import { lockMessages } from '../message-lock.js';
import { byKey, marks } from '../sql-parts.js';
import type { Transactions } from '../transactions.js';
import { addTo, removeByKey, removeSome, ROWS_PER_STEP, type Removed } from './rows.js';

/** Messages of one step at most. */
export const MESSAGES_PER_STEP = 100;

/** Messages of one application to remove. */
export interface MessageBatch {
  orgId: string;
  appId: string;
  msgIds: readonly string[];
  /** SQL condition on `delivery`: while a message has such a delivery, it stays. */
  blocking: string;
}

/** What a step did. `kept`: messages with a delivery that still needs them. `done`: all others are gone, with everything that hangs on them. */
export interface MessageStep {
  removed: Removed;
  kept: string[];
  done: boolean;
}

/** A delivery that was not sent for good yet: scheduled, postponed, between retries, or just being sent. */
export const OPEN = `state < ${DeliveryState.delivered}`;

/**
 * Removes messages with their attempts, deliveries, dead letters, eventIds and entries in `payload_expiry`.
 *
 * A step is one transaction of at most 100 messages and about 1,000 rows of each table. It locks the messages first, by primary key and in key
 * order, and then looks for deliveries that need them. Under READ COMMITTED a lock on the deliveries themselves would not be enough: it does
 * not hold back a new row. So every write that opens a delivery of an existing message (resend, recover, replay, redrive) takes the lock on the message
 * first, see `lockMessages`. All other writes only lead away from "open", or make message and delivery together. The order of locks (message,
 * attempt, delivery, dead letter) is that of the engine's settle, so there is no cycle.
 *
 * If a message has more rows than a step may remove, its attempts go first, over several steps. If the process dies: what was committed is
 * gone, and a later step removes the rest. If two processes do the same step, one waits for the locks and finds the rows gone.
 */
export class MessageRemoval {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Ids of up to `limit` messages of the application, oldest first. */
  async ids(appId: string, { above, below }: { above: string; below: string }, limit = MESSAGES_PER_STEP): Promise<string[]> {
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT id FROM message ${byKey(this.dataSource)} WHERE app_id = ? AND id > ? AND id < ? ORDER BY id LIMIT ?`,
      [appId, above, below, limit],
    );
    return rows.map(({ id }) => id);
  }

  remove(batch: MessageBatch): Promise<MessageStep> {
    return this.transactions.write(async (manager) => {
      const removed: Removed = new Map();
      const there = [...(await lockMessages(manager, batch.appId, batch.msgIds))];
      const needed = await blocked(manager, there, batch.blocking);
      const kept = there.filter((id) => needed.has(id));
      const ids = there.filter((id) => !needed.has(id));
      return { removed, kept, done: ids.length === 0 || (await removeAll(manager, batch, ids, removed)) };
    });
  }
}

async function blocked(manager: EntityManager, msgIds: readonly string[], blocking: string): Promise<Set<string>> {
  if (msgIds.length === 0) return new Set();
  const rows: { msg_id: string }[] = await manager.query(
    `SELECT DISTINCT msg_id FROM delivery ${byKey(manager.connection)} WHERE msg_id IN (${marks(msgIds.length)}) AND ${blocking}`,
    [...msgIds],
  );
  return new Set(rows.map(({ msg_id: id }) => id));
}

/** False if there are more rows than a step may remove. */
async function removeAll(
  manager: EntityManager,
  { orgId, appId }: MessageBatch,
  ids: readonly string[],
  removed: Removed,
): Promise<boolean> {
  const ofMessages = { where: `msg_id IN (${marks(ids.length)})`, values: ids };
  const attempts = await removeSome(manager, { table: 'attempt', key: ['msg_id', 'id'], ...ofMessages });
  addTo(removed, 'attempt', attempts);
  if (attempts === ROWS_PER_STEP) return false;
  const letters = await lettersOf(manager, ids);
  const deliveries = await removeSome(manager, { table: 'delivery', key: ['msg_id', 'endpoint_id', 'run'], ...ofMessages });
  addTo(removed, 'delivery', deliveries);
  addTo(
    removed,
    'dead_letter',
    await removeByKey(
      manager,
      'dead_letter',
      ['org_id', 'id'],
      letters.map((id) => [orgId, id]),
    ),
  );
  if (deliveries === ROWS_PER_STEP) return false;
  await removeNames(manager, appId, ids, removed);
  const keys = ids.map((id) => [appId, id]);
  addTo(removed, 'message', await removeByKey(manager, 'message', ['app_id', 'id'], keys));
  return true;
}

/** The dead letters of these messages. Each has the key of its delivery. */
async function lettersOf(manager: EntityManager, ids: readonly string[]): Promise<string[]> {
  const rows: { msg_id: string; endpoint_id: string; run: number }[] = await manager.query(
    `SELECT msg_id, endpoint_id, run FROM delivery ${byKey(manager.connection)}
      WHERE msg_id IN (${marks(ids.length)}) AND state = ${DeliveryState.failed} AND reason = '${WORKER_LOST}' LIMIT ${ROWS_PER_STEP}`,
    [...ids],
  );
  return rows.map((row) => `${row.msg_id}:${row.endpoint_id}:${row.run}`).sort();
}

/** The eventIds that belong to these messages, which are free again then, and what is listed for the removal of payloads. */
async function removeNames(manager: EntityManager, appId: string, ids: readonly string[], removed: Removed): Promise<void> {
  const rows: { id: string; event_id: string | null; payload_until: Date | string }[] = await manager.query(
    `SELECT id, event_id, payload_until FROM message ${byKey(manager.connection)} WHERE app_id = ? AND id IN (${marks(ids.length)})`,
    [appId, ...ids],
  );
  const events = rows.filter(({ event_id: eventId }) => eventId !== null).map((row) => row.event_id);
  if (events.length > 0) {
    const where = `app_id = ? AND event_id IN (${marks(events.length)}) AND msg_id IN (${marks(ids.length)})`;
    const own = { table: 'message_event', key: ['app_id', 'event_id'], where, values: [appId, ...events, ...ids] };
    addTo(removed, 'message_event', await removeSome(manager, own));
  }
  const expiries = rows.map((row) => [timeText(row.payload_until), appId, row.id]).sort();
  const listed = await listedAmong(manager, expiries);
  const key = ['payload_until', 'app_id', 'msg_id'];
  addTo(removed, 'payload_expiry', await removeByKey(manager, 'payload_expiry', key, listed));
}

/** Most payloads have expired before their messages are removed, and are not listed any more. */
async function listedAmong(manager: EntityManager, expiries: readonly (readonly string[])[]): Promise<(readonly string[])[]> {
  const [from, to] = [expiries[0]![0]!, expiries.at(-1)![0]!];
  const dialect = dialectOf(manager.connection);
  const [first] = (await manager.query(
    `SELECT payload_until FROM payload_expiry ${dialect === 'mysql' ? useIndex(dialect, 'PRIMARY') : ''}
      WHERE payload_until >= ? AND payload_until <= ? LIMIT 1`,
    [from, to],
  )) as unknown[];
  return first === undefined ? [] : [...expiries];
}

/** The driver of MySQL returns times as Date, the driver of SQLite as text. */
function timeText(time: Date | string): string {
  return sqlTime(typeof time === 'string' ? fromSqlTime(time) : time.getTime());
}
