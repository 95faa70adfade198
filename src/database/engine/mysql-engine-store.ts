import { randomBytes } from 'node:crypto';
import type { ResultSetHeader } from 'mysql2';
import type { DeliveryRef } from '../../domain/delivery.js';
import { waitsForRow } from '../dialect.js';
import {
  byPrimaryKey,
  EngineStore,
  type ClaimedRow,
  type DueRow,
  type Group,
  type GroupResult,
  type Postponed,
  type Settlement,
} from './engine-store.js';
import { insertGroup } from './mysql-group.js';
import { rowValues, sendPacket, type MysqlEnginePool } from './mysql-pool.js';
import { settlePacket } from './mysql-settle.js';

type Ref = [msgId: string, endpointId: string, run: number, fence: number];

/** The columns that a claim returns. `m_` stands before columns of the message that the delivery has too. */
const CLAIMED_COLUMNS = `d.app_id, d.msg_id, d.endpoint_id, d.run, d.fence, d.attempts, a.version AS app_version,
  m.id AS m_id, m.event_type, m.channels AS m_channels, m.content_type, IF(m.payload_until > UTC_TIMESTAMP(3), m.payload, NULL) AS payload`;

/**
 * The engine's statements for MySQL 8, 9, MariaDB 10.6 and later, and TiDB.
 *
 * - Statements that lock several rows sort them by primary key, to avoid deadlocks.
 * - FORCE INDEX (PRIMARY): for a list of keys and a small table, MariaDB would otherwise scan the table and lock all its rows.
 * - MySQL has no UPDATE … RETURNING. Each claim writes a random `owner`, and then reads the rows that have it.
 */
export class MysqlEngineStore extends EngineStore {
  constructor(private readonly pool: MysqlEnginePool) {
    super();
  }

  insertGroup(group: Group, leaseMs: number): Promise<GroupResult> {
    return this.pool.withConnection((connection) => insertGroup(connection, group, leaseMs));
  }

  /** A locking read, because it waits for open transactions; a plain read does not. */
  async hasMessage(appId: string, msgId: string): Promise<boolean> {
    const sql = 'SELECT 1 FROM message FORCE INDEX (PRIMARY) WHERE app_id = ? AND id = ?';
    const rows = await this.pool.queryAtOnce((onTidb) => waitsForRow(sql, onTidb), [appId, msgId]);
    return rows.length > 0;
  }

  async claim(refs: readonly DeliveryRef[], leaseMs: number): Promise<ClaimedRow[]> {
    if (refs.length === 0) return [];
    const owner = randomBytes(8);
    const keys = rowValues(refs.toSorted(byPrimaryKey).map(refOf));
    const [, rows] = await this.pool.queryAtOnce<[ResultSetHeader, Record<string, unknown>[]]>(
      () => `UPDATE delivery FORCE INDEX (PRIMARY)
          SET state = 1, fence = fence + 1, paced = 0, owner = ?, due_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
        WHERE (msg_id, endpoint_id, run, fence) IN (?) AND state < 2;
       SELECT ${CLAIMED_COLUMNS} FROM delivery d FORCE INDEX (PRIMARY)
         LEFT JOIN message m FORCE INDEX (PRIMARY) ON m.app_id = d.app_id AND m.id = d.msg_id
         LEFT JOIN application a FORCE INDEX (PRIMARY) ON a.id = d.app_id AND a.deleted = 0
        WHERE (d.msg_id, d.endpoint_id, d.run) IN (?) AND d.owner = ?`,
      [owner, Math.round(leaseMs) * 1000, keys, keys.map(([msgId, endpointId, run]) => [msgId, endpointId, run]), owner],
    );
    return rows.map(claimedRow);
  }

  settle(settlements: readonly Settlement[]): Promise<number> {
    const { sql, values, updatesAt } = settlePacket(settlements.toSorted(byPrimaryKey));
    return this.pool.withConnection(async (connection) => {
      const results = await sendPacket<ResultSetHeader[]>(connection, sql, values);
      const changed = updatesAt.reduce((sum, at) => sum + (results[at]?.affectedRows ?? 0), 0);
      return settlements.length - changed;
    });
  }

  async withLostFence(refs: readonly DeliveryRef[]): Promise<DeliveryRef[]> {
    if (refs.length === 0) return [];
    const held = await this.pool.query<Record<string, unknown>[]>(
      `SELECT msg_id, endpoint_id, run FROM delivery FORCE INDEX (PRIMARY) WHERE (msg_id, endpoint_id, run, fence) IN (?)`,
      [rowValues(refs.toSorted(byPrimaryKey).map(refOf))],
    );
    const keys = new Set(held.map((row) => `${row['msg_id']} ${row['endpoint_id']} ${row['run']}`));
    return refs.filter(({ msgId, endpointId, run }) => !keys.has(`${msgId} ${endpointId} ${run}`));
  }

  async postpone(refs: readonly Postponed[]): Promise<void> {
    if (refs.length === 0) return;
    const sorted = refs.toSorted(byPrimaryKey);
    const rows = sorted
      .map(() => 'SELECT _ascii? AS m, _ascii? AS e, ? AS r, ? AS f, ? AS delay_us, ? AS paced')
      .join(' UNION ALL ');
    await this.pool.queryAtOnce(
      () => `UPDATE (${rows}) v STRAIGHT_JOIN delivery d FORCE INDEX (PRIMARY) ON d.msg_id = v.m AND d.endpoint_id = v.e AND d.run = v.r
          SET d.due_at = UTC_TIMESTAMP(3) + INTERVAL v.delay_us MICROSECOND, d.paced = v.paced
        WHERE d.fence = v.f AND d.state < 2`,
      sorted.flatMap((ref) => [...refOf(ref), Math.round(ref.delayMs) * 1000, ref.paced ? 1 : 0]),
    );
  }

  async due(limit: number, withinMs: number | null, without: readonly string[] = []): Promise<DueRow[]> {
    const from = withinMs === null ? '' : 'due_at > UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND AND';
    // The index `due` contains the primary key, so the endpoints to leave out are skipped without reading their rows.
    const excluded = without.length === 0 ? '' : 'AND endpoint_id NOT IN (?)';
    const rows = await this.pool.query<Record<string, unknown>[]>(
      `SELECT app_id, msg_id, endpoint_id, run, fence, attempts, paced,
              TIMESTAMPDIFF(MICROSECOND, due_at, UTC_TIMESTAMP(3)) DIV 1000 AS late_ms FROM delivery FORCE INDEX (due)
        WHERE ${from} due_at <= UTC_TIMESTAMP(3) ${excluded} ORDER BY due_at LIMIT ?`,
      [...(withinMs === null ? [] : [Math.round(withinMs) * 1000]), ...(without.length === 0 ? [] : [without]), limit],
    );
    return rows.map((row) => ({
      ...deliveryRef(row),
      attempts: Number(row.attempts),
      paced: Boolean(row.paced),
      lateMs: Number(row.late_ms),
    }));
  }

  /** Does nothing, because other processes may be sending. The claims of a dead process become due when their leases end. */
  async recover(): Promise<number> {
    return 0;
  }

  override get connections(): { inUse: number; max: number } {
    return { inUse: this.pool.inUse, max: this.pool.max };
  }

  close(): Promise<void> {
    return this.pool.close();
  }
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
  return {
    ...deliveryRef(row),
    attempts: Number(row.attempts),
    appVersion: row.app_version as number | null,
    message:
      row.m_id === null
        ? null
        : {
            eventType: row.event_type as string,
            channels: row.m_channels === null ? null : (JSON.parse(row.m_channels as string) as string[]),
            payload: row.payload as Buffer | null,
            contentType: row.content_type as string | null,
          },
  };
}
