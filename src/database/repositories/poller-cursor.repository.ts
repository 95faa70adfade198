import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PollerCursor } from '../entities/poller-cursor.entity.js';
import { dialectOf, sqlTime } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** Whose cursor. */
export type PollerKey = Pick<PollerCursor, 'appId' | 'endpointId' | 'consumer'>;

/** The cursors of those who poll. */
@Injectable()
export class PollerCursorRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Where a consumer is; null if it never was here. */
  async position(key: PollerKey): Promise<string | null> {
    const cursor = await this.dataSource.manager.findOneBy(PollerCursor, key);
    return cursor?.position ?? null;
  }

  /** Puts the cursor somewhere, wherever it is. */
  async put({ appId, endpointId, consumer }: PollerKey, position: string): Promise<void> {
    const change =
      dialectOf(this.dataSource) === 'mysql'
        ? 'ON DUPLICATE KEY UPDATE position = VALUES(position), updated_at = VALUES(updated_at)'
        : 'ON CONFLICT DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at';
    await this.transactions.write((manager) =>
      manager.query(
        `INSERT INTO poller_cursor (app_id, endpoint_id, consumer, position, updated_at) VALUES (?, ?, ?, ?, ?) ${change}`,
        [appId, endpointId, consumer, position, sqlTime(Date.now())],
      ),
    );
  }
}
