import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { DataSource, type DataSourceOptions, type Logger } from 'typeorm';
import type { AppConfig, DatabaseConfig } from '../config/config.js';
import { Application } from './entities/application.entity.js';
import { Attempt } from './entities/attempt.entity.js';
import { BackgroundTask } from './entities/background-task.entity.js';
import { DeadLetter } from './entities/dead-letter.entity.js';
import { Delivery } from './entities/delivery.entity.js';
import { Endpoint } from './entities/endpoint.entity.js';
import { EventType } from './entities/event-type.entity.js';
import { MessageEvent } from './entities/message-event.entity.js';
import { Message } from './entities/message.entity.js';
import { OperationalEventRow } from './entities/operational-event.entity.js';
import { PollerCursor } from './entities/poller-cursor.entity.js';
import { MIGRATIONS } from './migrations.js';
import { limitedDriver } from './mysql-limits.js';

/** Longest that one statement of the API may take before it counts as failed. */
const QUERY_LIMIT_MS = 10_000;
/** After so long without traffic TCP asks whether the other side is still there: less than what lies between may forget connections after. */
const KEEP_ALIVE_MS = 30_000;
/** And of a migration: an index over a large table takes its time. */
export const MIGRATION_LIMIT_MS = 4 * 3_600_000;
/** A lock that isn't free within this many seconds is reported, and the transaction tried again. */
export const LOCK_WAIT_SECONDS = 3;
export const MIGRATIONS_TABLE = 'schema_migration';

/**
 * What a session must be set to: READ COMMITTED, so that a group commit sees what others committed meanwhile, and UTC.
 */
export const SESSION_SETTINGS = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}, time_zone = '+00:00'`,
];

/**
 * What both pools say to the driver, beside what `limitedPool` sees to. Who finds no free connection waits for one, in a line without an end: every statement before it has a time limit. No
 * connection is closed for being idle (that happens only above `maxIdle`, which is all of them by default).
 */
export const POOL_LIMITS = {
  waitForConnections: true,
  queueLimit: 0,
  idleTimeout: 60_000,
  enableKeepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_MS,
};

const nothing = () => undefined;
/** TypeORM writes to the console even with logging off; what goes wrong is thrown, and logged where it is caught. */
const SILENT: Logger = {
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
    BackgroundTask,
    DeadLetter,
    OperationalEventRow,
    PollerCursor,
  ],
  migrations: [...MIGRATIONS],
  migrationsTableName: MIGRATIONS_TABLE,
  migrationsTransactionMode: 'each' as const,
  synchronize: false,
  logging: false,
  logger: SILENT,
};

/** Options of the API's data source. The batchers of the engine have a pool of their own, see mysql-pool.ts. */
export function dataSourceOptions(config: AppConfig, statementLimitMs = QUERY_LIMIT_MS): DataSourceOptions {
  const { mysqlUrl, poolSize } = config.database;
  if (mysqlUrl)
    return { ...mysqlOptions(mysqlUrl, statementLimitMs, SESSION_SETTINGS), poolSize: poolSize - enginePoolSize(poolSize) };
  mkdirSync(config.dataDir, { recursive: true });
  return { ...COMMON, type: 'better-sqlite3', database: sqliteFile(config.dataDir), prepareDatabase: prepareSqlite };
}

function mysqlOptions(mysqlUrl: string, statementLimitMs: number, settings: readonly string[]) {
  return {
    ...COMMON,
    type: 'mysql' as const,
    url: mysqlUrl.replace(/^mariadb:/, 'mysql:'),
    ssl: sslOf(mysqlUrl),
    charset: 'utf8mb4',
    timezone: 'Z',
    extra: POOL_LIMITS,
    driver: limitedDriver(statementLimitMs, settings),
    supportBigNumbers: true,
    bigNumberStrings: false,
  };
}

/**
 * What `?ssl=…` of the URL asks for: a profile of the driver by name (`Amazon%20RDS`), or its options as JSON. The engine's pool
 * reads it from the URL by itself; TypeORM doesn't.
 */
function sslOf(mysqlUrl: string): string | object | undefined {
  const ssl = new URL(mysqlUrl).searchParams.get('ssl');
  return ssl?.startsWith('{') ? (JSON.parse(ssl) as object) : (ssl ?? undefined);
}

/** The engine needs at most two connections for each of ingest, claim and settle, and one to scan. */
export function enginePoolSize(poolSize: number): number {
  return Math.min(7, Math.floor(poolSize / 2));
}

export function sqliteFile(dataDir: string): string {
  return join(dataDir, 'posthorn.sqlite');
}

export function createDataSource(config: AppConfig, statementLimitMs = QUERY_LIMIT_MS): DataSource {
  return new DataSource(dataSourceOptions(config, statementLimitMs));
}

/**
 * A data source that can't write, for a command beside a running service: on SQLite the file is opened for reading, whoever holds the data
 * folder; on a server every transaction is a reading one. Throws where there is no database.
 */
export function createReader(config: DatabaseConfig): DataSource {
  if (config.database.mysqlUrl !== null) {
    const settings = [...SESSION_SETTINGS, 'SET SESSION TRANSACTION READ ONLY'];
    return new DataSource({ ...mysqlOptions(config.database.mysqlUrl, QUERY_LIMIT_MS, settings), poolSize: 1 });
  }
  const file = sqliteFile(config.dataDir);
  if (!existsSync(file))
    throw new Error(`There is no database in ${config.dataDir}. Set DATABASE_URL, or DATA_DIR to the service's folder.`);
  return new DataSource({ ...COMMON, type: 'better-sqlite3', database: file, readonly: true, fileMustExist: true });
}

function prepareSqlite(database: unknown): void {
  const sqlite = database as Sqlite.Database;
  sqlite.pragma('journal_mode = WAL');
  // NORMAL would lose the last commits at a power cut, and with them answered 202s.
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('busy_timeout = 5000');
  sqlite.pragma('cache_size = -65536');
}
