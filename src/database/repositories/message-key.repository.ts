import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { dialectOf } from '../dialect.js';
import { Transactions } from '../transactions.js';

/** Expired keys stay for this time. So a group commit that replaces a key that has just expired does not conflict with the removal. */
const KEPT_SECONDS = 60;

const REMOVE = {
  mysql: `DELETE FROM message_key WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL ${KEPT_SECONDS} SECOND ORDER BY expires_at LIMIT ?`,
  sqlite: `DELETE FROM message_key WHERE (app_id, hash) IN (SELECT app_id, hash FROM message_key
            WHERE expires_at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-${KEPT_SECONDS} seconds') LIMIT ?)`,
};

/** Removes expired idempotency keys of all organisations. Group commits write the keys, and treat expired ones as free. */
@Injectable()
export class MessageKeyRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Removes up to `limit` expired keys. Returns how many. */
  removeExpired(limit: number): Promise<number> {
    const dialect = dialectOf(this.dataSource);
    return this.transactions.write((manager) => (dialect === 'mysql' ? onMysql(manager, limit) : onSqlite(manager, limit)));
  }
}

async function onMysql(manager: EntityManager, limit: number): Promise<number> {
  const { affectedRows } = (await manager.query(REMOVE.mysql, [limit])) as { affectedRows: number };
  return affectedRows;
}

/** On SQLite, TypeORM does not return the number of changed rows. So it is asked for separately. */
async function onSqlite(manager: EntityManager, limit: number): Promise<number> {
  await manager.query(REMOVE.sqlite, [limit]);
  const [row] = (await manager.query('SELECT changes() AS removed')) as [{ removed: number }];
  return row.removed;
}
