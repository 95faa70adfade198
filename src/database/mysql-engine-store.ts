import { randomBytes } from 'node:crypto';
import type { PoolConnection, ResultSetHeader } from 'mysql2/promise';
import type { DeliveryRef } from '../domain/claimed.js';
import { fromSqlTime, sqlTime } from './dialect.js';
import {
  byPrimaryKey,
  compare,
  EngineStore,
  GRACE_MS,
  type ClaimedRow,
  type DueRow,
  type Group,
  type GroupResult,
  type Parked,
  type Settlement,
} from './engine-store.js';
import { ask, type MysqlEnginePool } from './mysql-pool.js';
import { settlePacket } from './mysql-settle.js';

type Ref = [msgId: string, endpointId: string, run: number, fence: number];

/** Columns that a claim loads; `e_` and `m_` tell the endpoint's and the message's apart. */
const CLAIMED_COLUMNS = `d.app_id, d.msg_id, d.endpoint_id, d.run, d.fence, d.attempts,
  m.id AS m_id, m.event_type, m.channels AS m_channels, IF(m.payload_until > UTC_TIMESTAMP(3), m.payload, NULL) AS payload,
  e.id AS e_id, e.app_id AS e_app_id, e.url, COALESCE(e.throttle_rate, a.throttle_rate) AS throttle_rate, e.disabled,
  (e.deleted OR a.deleted) AS deleted, e.event_types, e.channels AS e_channels, e.secrets, e.sealed_headers, e.failing_since`;

/**
 * The engine's statements for MySQL 8, 9 and MariaDB 10.6 and later.
 *
 * Rows are sorted by primary key wherever several are locked, so that two transactions never wait for each other in a circle.
 * FORCE INDEX (PRIMARY), because MariaDB plans a full scan for a row-IN on small tables and would lock every row of them.
 * MySQL has no UPDATE … RETURNING: a nonce per claim tells which rows were won.
 */
export class MysqlEngineStore extends EngineStore {
  constructor(private readonly pool: MysqlEnginePool) {
    super();
  }

  insertGroup(group: Group, leaseMs: number): Promise<GroupResult> {
    return this.pool.connected(async (connection) => {
      const { stale, eventIdTaken } = await beginGroup(connection, group);
      if (stale.length > 0) {
        await ask(connection, 'ROLLBACK', []);
        return { kind: 'stale', appIds: stale };
      }
      await commitGroup(connection, group, eventIdTaken, leaseMs);
      return { kind: 'committed', eventIdTaken };
    });
  }

  async hasMessage(appId: string, msgId: string): Promise<boolean> {
    const rows = await this.pool.query<unknown[]>('SELECT 1 FROM message WHERE app_id = ? AND id = ?', [appId, msgId]);
    return rows.length > 0;
  }

  async claim(refs: readonly DeliveryRef[], leaseMs: number): Promise<ClaimedRow[]> {
    if (refs.length === 0) return [];
    const owner = randomBytes(8);
    const keys = refs.toSorted(byPrimaryKey).map(refOf);
    const [, rows] = await this.pool.query<[ResultSetHeader, Record<string, unknown>[]]>(
      `UPDATE delivery FORCE INDEX (PRIMARY)
          SET state = 1, fence = fence + 1, paced = 0, owner = ?, due_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
        WHERE (msg_id, endpoint_id, run, fence) IN (?) AND state < 2;
       SELECT ${CLAIMED_COLUMNS} FROM delivery d FORCE INDEX (PRIMARY)
         LEFT JOIN message m FORCE INDEX (PRIMARY) ON m.app_id = d.app_id AND m.id = d.msg_id
         LEFT JOIN endpoint e FORCE INDEX (PRIMARY) ON e.id = d.endpoint_id
         LEFT JOIN application a FORCE INDEX (PRIMARY) ON a.id = d.app_id
        WHERE (d.msg_id, d.endpoint_id, d.run) IN (?) AND d.owner = ?`,
      [owner, Math.round(leaseMs) * 1000, keys, keys.map(([msgId, endpointId, run]) => [msgId, endpointId, run]), owner],
    );
    return rows.map(claimedRow);
  }

  settle(settlements: readonly Settlement[]): Promise<number> {
    const { sql, values, updatesAt } = settlePacket(settlements.toSorted(byPrimaryKey));
    return this.pool.connected(async (connection) => {
      const results = await ask<ResultSetHeader[]>(connection, sql, values);
      const changed = updatesAt.reduce((sum, at) => sum + (results[at]?.affectedRows ?? 0), 0);
      return settlements.length - changed;
    });
  }

  async park(refs: readonly Parked[]): Promise<void> {
    if (refs.length === 0) return;
    const sorted = refs.toSorted(byPrimaryKey);
    const rows = sorted
      .map(() => 'SELECT _ascii? AS m, _ascii? AS e, ? AS r, ? AS f, ? AS delay_us, ? AS paced')
      .join(' UNION ALL ');
    await this.pool.query(
      `UPDATE (${rows}) v STRAIGHT_JOIN delivery d FORCE INDEX (PRIMARY) ON d.msg_id = v.m AND d.endpoint_id = v.e AND d.run = v.r
          SET d.due_at = UTC_TIMESTAMP(3) + INTERVAL v.delay_us MICROSECOND, d.paced = v.paced
        WHERE d.fence = v.f AND d.state < 2`,
      sorted.flatMap((ref) => [...refOf(ref), Math.round(ref.delayMs) * 1000, ref.paced ? 1 : 0]),
    );
  }

  async release(refs: readonly DeliveryRef[]): Promise<void> {
    if (refs.length === 0) return;
    await this.pool.query(
      `UPDATE delivery FORCE INDEX (PRIMARY) SET state = 0, due_at = UTC_TIMESTAMP(3)
        WHERE (msg_id, endpoint_id, run, fence) IN (?) AND state = 1`,
      [refs.toSorted(byPrimaryKey).map(refOf)],
    );
  }

  async due(limit: number, withinMs: number | null): Promise<DueRow[]> {
    const from = withinMs === null ? '' : 'due_at > UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND AND';
    const rows = await this.pool.query<Record<string, unknown>[]>(
      `SELECT app_id, msg_id, endpoint_id, run, fence, attempts, paced FROM delivery FORCE INDEX (due)
        WHERE ${from} due_at <= UTC_TIMESTAMP(3) ORDER BY due_at LIMIT ?`,
      withinMs === null ? [limit] : [Math.round(withinMs) * 1000, limit],
    );
    return rows.map((row) => ({ ...deliveryRef(row), attempts: Number(row.attempts), paced: Boolean(row.paced) }));
  }

  /** Nothing to do: other processes may be sending; what a dead one held comes due with its lease. */
  async recover(): Promise<number> {
    return 0;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** First packet: are the applications still as they were matched, and whose are the eventIds. */
async function beginGroup(connection: PoolConnection, group: Group): Promise<{ stale: string[]; eventIdTaken: Set<string> }> {
  const appIds = [...group.versions.keys()].toSorted(compare);
  const named = group.messages
    .filter((message) => message.eventId !== null)
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.eventId!, b.eventId!));
  const events = named.map((message) => [message.appId, message.eventId, message.id]);
  const claimEvents =
    events.length === 0
      ? ''
      : `;INSERT INTO message_event (app_id, event_id, msg_id) VALUES ? ON DUPLICATE KEY UPDATE app_id = app_id;
         SELECT app_id, event_id, msg_id FROM message_event FORCE INDEX (PRIMARY) WHERE (app_id, event_id) IN (?)`;
  const results = await ask<unknown[]>(
    connection,
    `BEGIN;SELECT id, version FROM application WHERE id IN (?)${claimEvents}`,
    events.length === 0 ? [appIds] : [appIds, events, events.map(([appId, eventId]) => [appId, eventId])],
  );
  const found = new Map((results[1] as { id: string; version: number }[]).map((row) => [row.id, row.version]));
  const owners = (results[3] ?? []) as { app_id: string; event_id: string; msg_id: string }[];
  const ownerOf = new Map(owners.map((row) => [`${row.app_id} ${row.event_id}`, row.msg_id]));
  return {
    stale: appIds.filter((appId) => found.get(appId) !== group.versions.get(appId)),
    eventIdTaken: new Set(named.filter((m) => ownerOf.get(`${m.appId} ${m.eventId}`) !== m.id).map((m) => m.id)),
  };
}

/** Second packet: the rows and the COMMIT. A claimed delivery's INSERT is its claim. */
async function commitGroup(connection: PoolConnection, group: Group, taken: ReadonlySet<string>, leaseMs: number): Promise<void> {
  const messages = group.messages
    .filter((m) => !taken.has(m.id))
    .toSorted((a, b) => compare(a.appId, b.appId) || compare(a.id, b.id));
  const deliveries = group.deliveries
    .filter((delivery) => !taken.has(delivery.msgId))
    .toSorted((a, b) => compare(a.msgId, b.msgId) || compare(a.endpointId, b.endpointId));
  const statements: string[] = [];
  const values: unknown[] = [];
  if (messages.length > 0) {
    statements.push('INSERT INTO message (app_id, id, event_type, event_id, channels, payload, payload_until) VALUES ?');
    values.push(
      messages.map((m) => [
        m.appId,
        m.id,
        m.eventType,
        m.eventId,
        m.channels && JSON.stringify(m.channels),
        // As text, not as a Buffer: the driver would send a Buffer in hexadecimal, twice the bytes. It is valid UTF-8.
        m.payload.toString('utf8'),
        sqlTime(m.payloadUntil),
      ]),
    );
  }
  if (deliveries.length > 0) {
    const row = (claimed: boolean) =>
      `(?, ?, 0, ?, ${claimed ? 1 : 0}, 0, ${claimed ? 1 : 0}, UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)`;
    statements.push(
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES ${deliveries.map((d) => row(d.claimed)).join(',')}`,
    );
    values.push(
      ...deliveries.flatMap((d) => [d.msgId, d.endpointId, d.appId, Math.round(d.claimed ? leaseMs : GRACE_MS) * 1000]),
    );
  }
  await ask(connection, [...statements, 'COMMIT'].join(';'), values);
}

function refOf(ref: DeliveryRef): Ref {
  return [ref.msgId, ref.endpointId, ref.run, ref.fence];
}

function deliveryRef(row: Record<string, unknown>): DeliveryRef {
  return {
    appId: row.app_id as string,
    msgId: row.msg_id as string,
    endpointId: row.endpoint_id as string,
    run: Number(row.run),
    fence: Number(row.fence),
  };
}

function claimedRow(row: Record<string, unknown>): ClaimedRow {
  const text = (name: string) => row[name] as string | null;
  return {
    ...deliveryRef(row),
    attempts: Number(row.attempts),
    message:
      row.m_id === null
        ? null
        : {
            eventType: row.event_type as string,
            channels: row.m_channels === null ? null : (JSON.parse(row.m_channels as string) as string[]),
            payload: row.payload as Buffer | null,
          },
    endpoint:
      row.e_id === null
        ? null
        : {
            id: row.e_id as string,
            appId: row.e_app_id as string,
            url: row.url as string,
            throttleRate: row.throttle_rate as number | null,
            disabled: Boolean(row.disabled),
            deleted: Boolean(row.deleted),
            eventTypes: text('event_types'),
            channels: text('e_channels'),
            secrets: row.secrets as string,
            sealedHeaders: text('sealed_headers'),
            failingSince: row.failing_since === null ? null : fromSqlTime(row.failing_since as string),
          },
  };
}
