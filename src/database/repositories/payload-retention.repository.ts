import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { fromSqlTime, sqlTime } from '../dialect.js';
import { marks } from '../sql-parts.js';
import { Transactions } from '../transactions.js';

/** A row of `payload_expiry`. */
export interface EarlyExpiry {
  /** When the payload expires, as text in the format of `sqlTime`. */
  until: string;
  appId: string;
  msgId: string;
}

/** The position of the removal in an application's messages. */
export interface Sweep {
  appId: string;
  /** Messages up to this id have no payload any more; null before the first removal. */
  sweptTo: string | null;
}

/**
 * Finds and removes expired payloads of all organisations.
 *
 * The table `message` has no index by time of expiry, because it would make every insert slower. Messages whose payload expires earlier
 * than by default are also listed in `payload_expiry`. All others expire in the order of their ids, so one position for each application is
 * enough (`payload_sweep`).
 */
@Injectable()
export class PayloadRetentionRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Up to `limit` rows of `payload_expiry` that have expired, the earliest first. `now`: ms since 1970. */
  async expiredEarly(now: number, limit: number): Promise<EarlyExpiry[]> {
    const rows: { payload_until: Date | string; app_id: string; msg_id: string }[] = await this.dataSource.query(
      `SELECT payload_until, app_id, msg_id FROM payload_expiry WHERE payload_until <= ?
        ORDER BY payload_until, app_id, msg_id LIMIT ?`,
      [sqlTime(now), limit],
    );
    return rows.map((row) => ({ until: asText(row.payload_until), appId: row.app_id, msgId: row.msg_id }));
  }

  /** Removes rows from `payload_expiry`. */
  async removeFromList(expiries: readonly EarlyExpiry[]): Promise<void> {
    await this.transactions.write(async (manager) => {
      for (const { until, appId, msgId } of expiries)
        await manager.query('DELETE FROM payload_expiry WHERE payload_until = ? AND app_id = ? AND msg_id = ?', [
          until,
          appId,
          msgId,
        ]);
    });
  }

  /**
   * Up to `limit` applications in the order of their ids, deleted ones included, with their positions.
   *
   * @param afterApp only applications with a larger id
   * @param before only applications whose position is before this message id
   */
  async sweeps(afterApp: string, before: string, limit: number): Promise<Sweep[]> {
    const rows: { id: string; swept_to: string | null }[] = await this.dataSource.query(
      `SELECT a.id, s.swept_to FROM application a LEFT JOIN payload_sweep s ON s.app_id = a.id
        WHERE a.id > ? AND (s.swept_to IS NULL OR s.swept_to < ?) ORDER BY a.id LIMIT ?`,
      [afterApp, before, limit],
    );
    return rows.map((row) => ({ appId: row.id, sweptTo: row.swept_to }));
  }

  /** Ids of up to `limit` messages of an application that still have a payload, between two ids, the oldest first. */
  async withPayload(appId: string, above: string, below: string, limit: number): Promise<string[]> {
    const rows: { id: string }[] = await this.dataSource.query(
      'SELECT id FROM message WHERE app_id = ? AND id > ? AND id < ? AND payload IS NOT NULL ORDER BY id LIMIT ?',
      [appId, above, below, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Removes the payloads that have expired. `now`: ms since 1970. */
  async remove(appId: string, msgIds: readonly string[], now: number): Promise<void> {
    if (msgIds.length === 0) return;
    await this.transactions.write((manager) =>
      manager.query(
        `UPDATE message SET payload = NULL WHERE app_id = ? AND id IN (${marks(msgIds.length)}) AND payload_until <= ?`,
        [appId, ...msgIds, sqlTime(now)],
      ),
    );
  }

  /** Stores the position of an application. */
  async saveSweep(appId: string, to: string): Promise<void> {
    await this.transactions.write(async (manager) => {
      await manager.query('DELETE FROM payload_sweep WHERE app_id = ?', [appId]);
      await manager.query('INSERT INTO payload_sweep (app_id, swept_to) VALUES (?, ?)', [appId, to]);
    });
  }
}

/** The driver of MySQL returns times as Date, the driver of SQLite as text. */
function asText(time: Date | string): string {
  return sqlTime(typeof time === 'string' ? fromSqlTime(time) : time.getTime());
}
