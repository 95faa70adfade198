import type { DataSource } from 'typeorm';
import type { DeliveryRef } from '../../domain/delivery.js';
import type { OperationalEvent } from '../../domain/operational-event.js';
import type { DatabaseClock } from '../database-clock.js';
import { fromSqlTime, sqlTime } from '../dialect.js';
import {
  EngineStore,
  GRACE_MS,
  areMistimed,
  isWorkerLost,
  type ClaimedRow,
  type Committed,
  type DueRow,
  type Group,
  type GroupResult,
  type NewMessageRow,
  type Postponed,
  type Settlement,
} from './engine-store.js';
import { AUTOMATIC_RUN } from '../entities/delivery.entity.js';
import { extrasOf } from '../message-extras-row.js';
import { sqliteConnection } from '../typeorm-internals.js';
import type { Mutex } from '../../async/mutex.js';
import { sqliteStatements, type SqliteStatements } from './sqlite-statements.js';

/**
 * The engine's statements for the embedded SQLite database, on TypeORM's only connection. The clock of the process is the clock of the
 * database.
 *
 * Each batch is one short transaction without `await` inside, behind the mutex that the writes of the API use too. So no other statement
 * can run in the middle of it.
 *
 * If the process dies: `recover` makes its claimed deliveries due at the next start. No other process can be sending them, because of
 * the lock on the data folder.
 */
export class SqliteEngineStore extends EngineStore {
  private prepared: SqliteStatements | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly mutex: Mutex,
    private readonly clock: DatabaseClock,
  ) {
    super();
  }

  insertGroup(group: Group, leaseMs: number): Promise<GroupResult> {
    return this.inTransaction((sql): GroupResult => {
      const stale = [...group.versions].filter(([appId, version]) => sql.version.get(appId)?.version !== version);
      if (stale.length > 0) return { kind: 'stale', appIds: stale.map(([appId]) => appId) };
      const now = Date.now();
      if (areMistimed(group.messages, this.clock.now())) return { kind: 'mistimed', now };
      const taken = insertMessages(sql, group.messages, now);
      const [leaseEnd, graceEnd] = [sqlTime(now + leaseMs), sqlTime(now + GRACE_MS)];
      for (const d of group.deliveries) {
        if (taken.eventIdTaken.has(d.msgId) || taken.keyTaken.has(d.msgId)) continue;
        const claimed = d.claimed ? 1 : 0;
        const waitsUntil = d.dueAt ?? (typeof d.delayMs === 'number' ? now + d.delayMs : null);
        const due = waitsUntil ? sqlTime(waitsUntil) : d.claimed ? leaseEnd : graceEnd;
        sql.insertDelivery.run(d.msgId, d.endpointId, AUTOMATIC_RUN, d.appId, claimed, claimed, due);
      }
      return taken;
    });
  }

  hasMessage(appId: string, msgId: string): Promise<boolean> {
    return this.inTransaction((sql) => sql.hasMessage.get(appId, msgId) !== undefined);
  }

  claim(refs: readonly DeliveryRef[], leaseMs: number): Promise<ClaimedRow[]> {
    return this.inTransaction((sql) => {
      const now = Date.now();
      return refs.flatMap((ref) => {
        const claimed = sql.claim.get(sqlTime(now + leaseMs), ref.msgId, ref.endpointId, ref.run, ref.fence);
        return claimed ? [claimedRow(sql, { ...ref, fence: ref.fence + 1 }, claimed.attempts, sqlTime(now))] : [];
      });
    });
  }

  settle(settlements: readonly Settlement[]): Promise<number> {
    return this.inTransaction((sql) => {
      const now = Date.now();
      return settlements.filter((settlement) => !settleOne(sql, settlement, now)).length;
    });
  }

  withLostFence(refs: readonly DeliveryRef[]): Promise<DeliveryRef[]> {
    return this.inTransaction((sql) =>
      refs.filter(({ msgId, endpointId, run, fence }) => sql.held.get(msgId, endpointId, run, fence) === undefined),
    );
  }

  postpone(refs: readonly Postponed[]): Promise<void> {
    return this.inTransaction((sql) => {
      const now = Date.now();
      for (const ref of refs)
        sql.postpone.run(sqlTime(now + ref.delayMs), ref.paced ? 1 : 0, ref.msgId, ref.endpointId, ref.run, ref.fence);
    });
  }

  due(limit: number, withinMs: number | null, without: readonly string[] = []): Promise<DueRow[]> {
    return this.inTransaction((sql) => {
      const now = Date.now();
      const from = withinMs === null ? '' : sqlTime(now - withinMs);
      return sql.due.all(from, sqlTime(now), JSON.stringify(without), limit).map((row) => ({
        appId: row.app_id,
        msgId: row.msg_id,
        endpointId: row.endpoint_id,
        run: row.run,
        fence: row.fence,
        attempts: row.attempts,
        paced: Boolean(row.paced),
        lateMs: now - fromSqlTime(row.due_at),
      }));
    });
  }

  recover(): Promise<number> {
    const now = Date.now();
    return this.inTransaction((sql) => sql.recover.run({ now: sqlTime(now), graceEnd: sqlTime(now + GRACE_MS) }).changes);
  }

  /** Closes no connection, because TypeORM owns it and closes it. */
  async close(): Promise<void> {
    this.prepared = null;
  }

  private inTransaction<T>(work: (sql: SqliteStatements) => T): Promise<T> {
    return this.mutex.run(() => {
      const connection = sqliteConnection(this.dataSource);
      this.prepared ??= sqliteStatements(connection);
      const sql = this.prepared;
      return connection.transaction(() => work(sql)).immediate();
    });
  }
}

/** Inserts the messages whose key and eventId are free. An expired key is free. */
function insertMessages(sql: SqliteStatements, messages: readonly NewMessageRow[], now: number): Committed {
  const [eventIdTaken, keyTaken] = [new Set<string>(), new Map<string, string>()];
  for (const m of messages) {
    const owner = m.key ? sql.keyOwner.get(m.appId, m.key.hash, sqlTime(now))?.msg_id : undefined;
    if (owner !== undefined && owner !== m.id) {
      keyTaken.set(m.id, owner);
      continue;
    }
    if (m.eventId !== null && sql.insertEvent.run(m.appId, m.eventId, m.id).changes === 0) {
      eventIdTaken.add(m.id);
      continue;
    }
    if (m.key) sql.putKey.run(m.appId, m.key.hash, m.id, sqlTime(now + m.key.keepMs));
    const channels = m.channels && JSON.stringify(m.channels);
    const until = sqlTime(m.payloadUntil);
    sql.insertMessage.run(m.appId, m.id, m.eventType, m.eventId, channels, m.payload, until, ...extrasOf(m));
    if (m.expiresEarly) sql.insertExpiry.run(until, m.appId, m.id);
  }
  return { kind: 'committed', eventIdTaken, keyTaken };
}

/** Writes one result. False if the fence was lost; the attempt is written nevertheless. */
function settleOne(sql: SqliteStatements, settlement: Settlement, now: number): boolean {
  const { attempt, next } = settlement;
  const retryAt = next.kind === 'retry' ? sqlTime(now + next.delayMs) : null;
  if (attempt) {
    sql.insertAttempt.run(
      settlement.msgId,
      attempt.id,
      settlement.appId,
      settlement.endpointId,
      attempt.url,
      next.kind === 'delivered' ? 0 : 2,
      settlement.run === AUTOMATIC_RUN ? 0 : 1,
      attempt.statusCode,
      attempt.durationMs,
      attempt.response,
      retryAt,
    );
  }
  const state = { retry: 0, delivered: 2, failed: 3 }[next.kind];
  const reason = next.kind === 'failed' ? next.reason : null;
  const key = [settlement.msgId, settlement.endpointId, settlement.run, settlement.fence] as const;
  const settled = sql.settle.run(state, attempt ? 1 : 0, retryAt, reason, ...key).changes === 1;
  if (next.kind === 'delivered' && settlement.run !== AUTOMATIC_RUN)
    sql.endAutomatic.run(settlement.msgId, settlement.endpointId);
  if (settled && isWorkerLost(settlement))
    sql.listDeadLetter.run(sqlTime(now), settlement.msgId, settlement.endpointId, settlement.run);
  const { event } = settlement;
  if (settled && event) storeEvent(sql, event, now);
  return settled;
}

function storeEvent(sql: SqliteStatements, { id, type, appId, data, always }: OperationalEvent, now: number): void {
  sql.insertOperationalEvent.run(id, type, JSON.stringify(data), sqlTime(now), appId, always ? 1 : 0);
}

function claimedRow(sql: SqliteStatements, ref: DeliveryRef, attempts: number, now: string): ClaimedRow {
  const message = sql.message.get(now, ref.appId, ref.msgId);
  return {
    ...ref,
    attempts,
    appVersion: sql.liveVersion.get(ref.appId)?.version ?? null,
    message: message
      ? {
          eventType: message.event_type,
          channels: message.channels === null ? null : (JSON.parse(message.channels) as string[]),
          payload: message.payload,
          contentType: message.content_type,
        }
      : null,
  };
}
