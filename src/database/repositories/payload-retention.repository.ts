import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { fromSqlTime, sqlTime } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** Where the list of payloads that expire early points to. */
export interface EarlyExpiry {
  /** As text, the way the database compares it. */
  until: string;
  appId: string;
  msgId: string;
}

/** How far an application's messages are known to be without payload. */
export interface Sweep {
  appId: string;
  sweptTo: string | null;
}

/**
 * Removal of payloads whose time is over. Nothing here names a tenant: time passes for all of them alike.
 *
 * Messages have no index by time of expiry, which each new one would pay for. Those that expire early are listed in
 * `payload_expiry` when they are written; all others expire in the order of their ids, so that one position for each application
 * says how far it was done.
 */
@Injectable()
export class PayloadRetentionRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** What has expired of the list, the earliest first. */
  async expiredEarly(now: number, limit: number): Promise<EarlyExpiry[]> {
    const rows: { payload_until: Date | string; app_id: string; msg_id: string }[] = await this.dataSource.query(
      `SELECT payload_until, app_id, msg_id FROM payload_expiry WHERE payload_until <= ?
        ORDER BY payload_until, app_id, msg_id LIMIT ?`,
      [sqlTime(now), limit],
    );
    return rows.map((row) => ({ until: asText(row.payload_until), appId: row.app_id, msgId: row.msg_id }));
  }

  /** Takes what was worked off from the list. */
  async unlist(expiries: readonly EarlyExpiry[]): Promise<void> {
    await this.transactions.write(async (manager) => {
      for (const { until, appId, msgId } of expiries)
        await manager.query('DELETE FROM payload_expiry WHERE payload_until = ? AND app_id = ? AND msg_id = ?', [
          until,
          appId,
          msgId,
        ]);
    });
  }

  /** Applications by id, removed ones too, with how far each was swept; only those that were not swept up to `longAgo` yet. */
  async sweeps(afterApp: string, longAgo: string, limit: number): Promise<Sweep[]> {
    const rows: { id: string; swept_to: string | null }[] = await this.dataSource.query(
      `SELECT a.id, s.swept_to FROM application a LEFT JOIN payload_sweep s ON s.app_id = a.id
        WHERE a.id > ? AND (s.swept_to IS NULL OR s.swept_to < ?) ORDER BY a.id LIMIT ?`,
      [afterApp, longAgo, limit],
    );
    return rows.map((row) => ({ appId: row.id, sweptTo: row.swept_to }));
  }

  /** Messages of an application that have their payload still, between two ids, the oldest first. */
  async withPayload(appId: string, above: string, below: string, limit: number): Promise<string[]> {
    const rows: { id: string }[] = await this.dataSource.query(
      'SELECT id FROM message WHERE app_id = ? AND id > ? AND id < ? AND payload IS NOT NULL ORDER BY id LIMIT ?',
      [appId, above, below, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Removes payloads; those whose time is not over stay. */
  async remove(appId: string, msgIds: readonly string[], now: number): Promise<void> {
    if (msgIds.length === 0) return;
    const places = msgIds.map(() => '?').join(',');
    await this.transactions.write((manager) =>
      manager.query(`UPDATE message SET payload = NULL WHERE app_id = ? AND id IN (${places}) AND payload_until <= ?`, [
        appId,
        ...msgIds,
        sqlTime(now),
      ]),
    );
  }

  async swept(appId: string, to: string): Promise<void> {
    await this.transactions.write(async (manager) => {
      await manager.query('DELETE FROM payload_sweep WHERE app_id = ?', [appId]);
      await manager.query('INSERT INTO payload_sweep (app_id, swept_to) VALUES (?, ?)', [appId, to]);
    });
  }
}

/** MySQL's driver makes dates of times, SQLite's leaves them text. */
function asText(time: Date | string): string {
  return sqlTime(typeof time === 'string' ? fromSqlTime(time) : time.getTime());
}
