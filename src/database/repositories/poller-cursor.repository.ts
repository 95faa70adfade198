import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PollerCursor } from '../entities/poller-cursor.entity.js';
import { dialectOf, sqlTime } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** The key of a cursor. */
export type PollerKey = Pick<PollerCursor, 'appId' | 'endpointId' | 'consumer'>;

/** The table `poller_cursor`: the position of each consumer that polls an endpoint. */
@Injectable()
export class PollerCursorRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** The consumer's position; null if it has none yet. */
  async position(key: PollerKey): Promise<string | null> {
    const cursor = await this.dataSource.manager.findOneBy(PollerCursor, key);
    return cursor?.position ?? null;
  }

  /** Sets the consumer's position. */
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
