import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { DataSource, type DataSourceOptions, type Logger } from 'typeorm';
import type { AppConfig, DatabaseConfig } from '../config/config.js';
import { ApiKey } from './entities/api-key.entity.js';
import { makePrivateFile, makePrivateFolder } from '../config/private-folder.js';
import { Application } from './entities/application.entity.js';
import { Attempt } from './entities/attempt.entity.js';
import { AuditEntry } from './entities/audit-entry.entity.js';
import { BackgroundTask } from './entities/background-task.entity.js';
import { DeadLetter } from './entities/dead-letter.entity.js';
import { Delivery } from './entities/delivery.entity.js';
import { Endpoint } from './entities/endpoint.entity.js';
import { EventType } from './entities/event-type.entity.js';
import { MessageEvent } from './entities/message-event.entity.js';
import { Message } from './entities/message.entity.js';
import { OperationalEventRow } from './entities/operational-event.entity.js';
import { PollerCursor } from './entities/poller-cursor.entity.js';
import { READ_ONLY_SESSION, sessionSetting } from './dialect.js';
import { MIGRATIONS } from './migrations.js';
import { limitedDriver, type Watching } from './mysql-limits.js';
import { tlsOf } from './tls.js';

/** Time limit for one statement of the API. */
const QUERY_LIMIT_MS = 10_000;
/** TCP keep-alive after this time without traffic. Firewalls and NAT gateways drop idle connections after some minutes, which is longer. */
const KEEP_ALIVE_MS = 30_000;
/** Time limit for one statement of a migration. Building an index over a large table can take hours. */
export const MIGRATION_LIMIT_MS = 4 * 3_600_000;
/** A statement that waits longer for a row lock fails, and its transaction is run again. */
export const LOCK_WAIT_SECONDS = 3;
export const MIGRATIONS_TABLE = 'schema_migration';

/**
 * Statements that every session runs first: READ COMMITTED, so that a group commit sees what other transactions have committed, and UTC.
 */
export const SESSION_SETTINGS = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  sessionSetting(`innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}, time_zone = '+00:00'`),
];

/**
 * Options of both connection pools; `limitedPool` adds the time limits. The queue for a free connection has no limit, because every
 * statement ahead in it has a time limit. Idle connections stay open: the driver closes only those above `maxIdle`, which is the size
 * of the pool by default.
 */
export const POOL_LIMITS = {
  waitForConnections: true,
  queueLimit: 0,
  idleTimeout: 60_000,
  enableKeepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_MS,
};

const nothing = () => undefined;
/** TypeORM writes to the console even with logging off. Errors are thrown, and logged where they are caught. */
export const SILENT: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

const COMMON = {
  entities: [
    Application,
    Endpoint,
    EventType,
    Message,
    MessageEvent,
    Delivery,
    Attempt,
    AuditEntry,
    BackgroundTask,
    DeadLetter,
    OperationalEventRow,
    PollerCursor,
    ApiKey,
  ],
  migrations: [...MIGRATIONS],
  migrationsTableName: MIGRATIONS_TABLE,
  migrationsTransactionMode: 'each' as const,
  synchronize: false,
  logging: false,
  logger: SILENT,
};

/**
 * Options of the API's data source. On MySQL the engine has its own pool, see mysql-pool.ts.
 *
 * @param statementLimitMs time limit for one statement, in ms; MySQL only
 * @param watch knows the connections; MySQL only
 */
export function dataSourceOptions(
  config: DatabaseConfig,
  statementLimitMs = QUERY_LIMIT_MS,
  watch?: Watching,
): DataSourceOptions {
  const { mysqlUrl, poolSize } = config.database;
  if (mysqlUrl)
    return {
      ...mysqlOptions(mysqlUrl, statementLimitMs, SESSION_SETTINGS, watch),
      poolSize: poolSize - enginePoolSize(poolSize),
    };
  makePrivateFolder(config.dataDir);
  makePrivateFile(sqliteFile(config.dataDir));
  return { ...COMMON, type: 'better-sqlite3', database: sqliteFile(config.dataDir), prepareDatabase: prepareSqlite };
}

function mysqlOptions(mysqlUrl: string, statementLimitMs: number, settings: readonly string[], watch?: Watching) {
  return {
    ...COMMON,
    type: 'mysql' as const,
    url: mysqlUrl.replace(/^mariadb:/, 'mysql:'),
    ssl: tlsOf(mysqlUrl),
    charset: 'utf8mb4',
    timezone: 'Z',
    extra: POOL_LIMITS,
    driver: limitedDriver(statementLimitMs, settings, watch),
    supportBigNumbers: true,
    bigNumberStrings: false,
  };
}

/** The number of connections in the engine's pool. It uses at most two each for group commits, claims and settles, and one for scans. */
export function enginePoolSize(poolSize: number): number {
  return Math.min(7, Math.floor(poolSize / 2));
}

/** The path of the embedded database. */
export function sqliteFile(dataDir: string): string {
  return join(dataDir, 'posthorn.sqlite');
}

/** A data source that is not connected yet. `statementLimitMs` as in `dataSourceOptions`. */
export function createDataSource(config: AppConfig, statementLimitMs = QUERY_LIMIT_MS): DataSource {
  return new DataSource(dataSourceOptions(config, statementLimitMs));
}

/**
 * A data source for a command that writes while the service runs. It needs no lock on the data folder of the embedded database: SQLite
 * lets one process write at a time. Throws if the SQLite file does not exist.
 */
export function createWriter(config: DatabaseConfig): DataSource {
  if (config.database.mysqlUrl === null) assertSqliteFile(config.dataDir);
  return new DataSource(dataSourceOptions(config));
}

/**
 * A read-only data source, for a command that runs while the service runs. On SQLite it opens the file for reading and needs no lock on the
 * data folder. On a server all its transactions are read-only, except on TiDB. Throws if the SQLite file does not exist.
 */
export function createReader(config: DatabaseConfig): DataSource {
  if (config.database.mysqlUrl !== null) {
    const settings = [...SESSION_SETTINGS, ...READ_ONLY_SESSION];
    return new DataSource({ ...mysqlOptions(config.database.mysqlUrl, QUERY_LIMIT_MS, settings), poolSize: 1 });
  }
  const file = assertSqliteFile(config.dataDir);
  return new DataSource({ ...COMMON, type: 'better-sqlite3', database: file, readonly: true, fileMustExist: true });
}

function assertSqliteFile(dataDir: string): string {
  const file = sqliteFile(dataDir);
  if (!existsSync(file))
    throw new Error(`There is no database in ${dataDir}. Set DATABASE_URL, or DATA_DIR to the service's folder.`);
  return file;
}

function prepareSqlite(database: unknown): void {
  const sqlite = database as Sqlite.Database;
  sqlite.pragma('journal_mode = WAL');
  // NORMAL could lose the last commits in a power failure, and so messages that were answered with 202.
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('busy_timeout = 5000');
  sqlite.pragma('cache_size = -65536');
}
