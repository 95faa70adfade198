import type { Pool, PoolConnection } from 'mysql2';
import type { AppConfig } from '../../config/config.js';
import { startCountdown } from '../../async/time-limit.js';
import type { DatabaseWatch } from '../database-watch.js';
import { enginePoolSize, POOL_LIMITS, SESSION_SETTINGS } from '../data-source.js';
import { isTidbVersion, SELECT_VERSION } from '../dialect.js';
import { DatabaseSilent, isLockConflict } from '../errors.js';
import { leaveReadOnlyServer, limitedPool } from '../mysql-limits.js';
import { tlsOf } from '../tls.js';

/** Time limit for one packet of the engine, in ms. Leases are longer. */
const PACKET_LIMIT_MS = 8_000;
const TRIES = 3;

/** The engine's connections. Only on these may one packet contain several statements. */
export class MysqlEnginePool {
  private readonly pool: Pool;
  /** The size of the pool. */
  readonly max: number;
  /** Whether the server is TiDB; null until it was asked. */
  private tidb: boolean | null = null;
  /** Connections that are being used now. */
  inUse = 0;

  constructor(
    config: AppConfig,
    private readonly watch?: DatabaseWatch,
  ) {
    this.max = enginePoolSize(config.database.poolSize);
    const mysqlUrl = config.database.mysqlUrl!;
    const ssl = tlsOf(mysqlUrl);
    const options = {
      uri: mysqlUrl.replace(/^mariadb:/, 'mysql:'),
      // Before what the driver reads from the URL.
      ...(ssl === undefined ? {} : { ssl }),
      connectionLimit: this.max,
      multipleStatements: true,
      charset: 'utf8mb4',
      timezone: 'Z',
      ...POOL_LIMITS,
      dateStrings: true,
      supportBigNumbers: true,
    };
    const opened = (connection: PoolConnection) => SESSION_SETTINGS.forEach((setting) => connection.query(setting));
    this.pool = limitedPool(options, opened, watch);
  }

  /** Runs one packet on any connection. */
  async query<T>(sql: string, values: unknown[]): Promise<T> {
    return this.withConnection((connection) => sendPacket<T>(connection, sql, values));
  }

  /**
   * Runs one packet as one transaction. Only TiDB needs a BEGIN for it: an UPDATE outside of a transaction would not keep to the lock wait
   * timeout there. `sql` is given whether the server is TiDB.
   */
  async queryAtOnce<T extends unknown[]>(sql: (onTidb: boolean) => string, values: unknown[]): Promise<T> {
    return this.withConnection(async (connection) => {
      this.tidb ??= isTidbVersion((await sendPacket<[{ version: string }]>(connection, SELECT_VERSION, []))[0].version);
      if (!this.tidb) return sendPacket<T>(connection, sql(false), values);
      const results = await sendPacket<unknown[]>(connection, `BEGIN;${sql(true)};COMMIT`, values);
      // As without the two statements around: one statement has one result, and several have a list.
      return (results.length === 3 ? results[1] : results.slice(1, -1)) as T;
    });
  }

  /**
   * Runs `work` on one connection. After a lock conflict it runs again, up to three times in all. After any other error the connection is
   * closed, so that no connection with an open transaction returns to the pool.
   */
  async withConnection<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.acquire();
    this.inUse++;
    try {
      const result = await withRetries(connection, work);
      connection.release();
      return result;
    } catch (error) {
      connection.destroy();
      if (error instanceof DatabaseSilent) this.watch?.suspect();
      leaveReadOnlyServer(error);
      throw error;
    } finally {
      this.inUse--;
    }
  }

  /** Closes the connections. Never throws, because errors of closing have no consequence. */
  close(): Promise<void> {
    return new Promise((resolve) => this.pool.end(() => resolve()));
  }

  private acquire(): Promise<PoolConnection> {
    return new Promise((resolve, reject) =>
      this.pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
    );
  }
}

async function withRetries<T>(connection: PoolConnection, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(connection);
    } catch (error) {
      if (!isLockConflict(error)) throw error;
      await sendPacket(connection, 'ROLLBACK', []);
      if (attempt >= TRIES) throw error;
    }
  }
}

/**
 * Row values for `(a, b) IN (?)`. A single row is repeated, because MariaDB turns a list of one row into an equality, for which an UPDATE
 * reads and locks the whole table. (MariaDB 10.11: `EXPLAIN UPDATE … WHERE (a, b) IN ((1, 2))` shows an index scan; with the same row
 * twice it shows a range of one row.)
 */
export function rowValues<T>(rows: readonly T[]): readonly T[] {
  return rows.length === 1 ? [rows[0]!, rows[0]!] : rows;
}

/**
 * Sends one packet and returns the results. Throws DatabaseSilent without an answer within PACKET_LIMIT_MS; time in which this process was
 * paused does not count. It uses the driver's callbacks, because the driver's promises record a stack trace for each call.
 */
export function sendPacket<T>(connection: PoolConnection, sql: string, values: unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const timedOut = () => reject(new DatabaseSilent(`No answer within ${PACKET_LIMIT_MS} ms.`));
    const stopCountdown = startCountdown(PACKET_LIMIT_MS, timedOut);
    connection.query(sql, values, (error, rows) => {
      stopCountdown();
      if (error) reject(error);
      else resolve(rows as T);
    });
  });
}
