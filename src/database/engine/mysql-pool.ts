import type { Pool, PoolConnection } from 'mysql2';
import type { AppConfig } from '../../config/config.js';
import { startCountdown } from '../../async/time-limit.js';
import { enginePoolSize, POOL_LIMITS, SESSION_SETTINGS } from '../data-source.js';
import { DatabaseSilent, isLockConflict } from '../errors.js';
import { limitedPool } from '../mysql-limits.js';

/** Longest that one packet of the engine may take; its claims live longer. */
const PACKET_LIMIT_MS = 8_000;
const TRIES = 3;

/** The engine's own connections: the only ones on which one packet may carry several statements. */
export class MysqlEnginePool {
  private readonly pool: Pool;
  /** Connections that there may be, and those that work is being done on. */
  readonly most: number;
  inUse = 0;

  constructor(config: AppConfig) {
    this.most = enginePoolSize(config.database.poolSize);
    const options = {
      uri: config.database.mysqlUrl!.replace(/^mariadb:/, 'mysql:'),
      connectionLimit: this.most,
      multipleStatements: true,
      charset: 'utf8mb4',
      timezone: 'Z',
      ...POOL_LIMITS,
      dateStrings: true,
      supportBigNumbers: true,
    };
    this.pool = limitedPool(options, (connection) => SESSION_SETTINGS.forEach((setting) => connection.query(setting)));
  }

  /** One statement on any connection. */
  async query<T>(sql: string, values: unknown[]): Promise<T> {
    return this.connected((connection) => ask<T>(connection, sql, values));
  }

  /**
   * Work on one connection. Victims of lock conflicts are run again, three times in all. Whatever fails inside, the
   * connection goes back without an open transaction, or not at all.
   */
  async connected<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.connection();
    this.inUse++;
    try {
      const result = await retrying(connection, work);
      connection.release();
      return result;
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      this.inUse--;
    }
  }

  /** Closes the connections. Never throws: a connection that is gone needs no closing. */
  close(): Promise<void> {
    return new Promise((resolve) => this.pool.end(() => resolve()));
  }

  private connection(): Promise<PoolConnection> {
    return new Promise((resolve, reject) =>
      this.pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
    );
  }
}

async function retrying<T>(connection: PoolConnection, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(connection);
    } catch (error) {
      if (!isLockConflict(error)) throw error;
      await ask(connection, 'ROLLBACK', []);
      if (attempt >= TRIES) throw error;
    }
  }
}

/**
 * Row values for `(a, b) IN (?)`, a lone one twice: of that MariaDB makes an equality, for which an UPDATE reads and locks the whole table.
 * (10.11: `EXPLAIN UPDATE … WHERE (a, b) IN ((1, 2))` plans an index scan, with the same values twice a range of one row.)
 */
export function rowValues<T>(rows: readonly T[]): readonly T[] {
  return rows.length === 1 ? [rows[0]!, rows[0]!] : rows;
}

/** Sends one packet and waits for its answer, at most PACKET_LIMIT_MS of our own running time. (The driver's promises make a stack trace for each.) */
export function ask<T>(connection: PoolConnection, sql: string, values: unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new DatabaseSilent(`No answer within ${PACKET_LIMIT_MS} ms.`));
    const stopCounting = startCountdown(PACKET_LIMIT_MS, late);
    connection.query(sql, values, (error, rows) => {
      stopCounting();
      if (error) reject(error);
      else resolve(rows as T);
    });
  });
}
