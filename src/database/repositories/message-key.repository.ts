import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** Whoever takes over a key whose time is over does it without meeting those who remove it. */
const LEFT_FOR_SECONDS = 60;

const REMOVE = {
  mysql: `DELETE FROM message_key WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL ${LEFT_FOR_SECONDS} SECOND ORDER BY expires_at LIMIT ?`,
  sqlite: `DELETE FROM message_key WHERE (app_id, hash) IN (SELECT app_id, hash FROM message_key
            WHERE expires_at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-${LEFT_FOR_SECONDS} seconds') LIMIT ?)`,
};

/**
 * Removal of idempotency keys whose time is over. Group commits write them, and don't look at what has expired. Nothing here names
 * a tenant: time passes for all of them alike.
 */
@Injectable()
export class MessageKeyRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Removes up to `limit` of them; answers how many. */
  removeExpired(limit: number): Promise<number> {
    const dialect = dialectOf(this.dataSource);
    return this.transactions.write((manager) => (dialect === 'mysql' ? onMysql(manager, limit) : onSqlite(manager, limit)));
  }
}

async function onMysql(manager: EntityManager, limit: number): Promise<number> {
  const { affectedRows } = (await manager.query(REMOVE.mysql, [limit])) as { affectedRows: number };
  return affectedRows;
}

/** TypeORM answers a statement on SQLite with the id of the last row that was inserted, and not with how many were changed. */
async function onSqlite(manager: EntityManager, limit: number): Promise<number> {
  await manager.query(REMOVE.sqlite, [limit]);
  const [row] = (await manager.query('SELECT changes() AS removed')) as [{ removed: number }];
  return row.removed;
}
