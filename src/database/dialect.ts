import type { DataSource, QueryRunner } from 'typeorm';

/**
 * The SQL that differs between MySQL or MariaDB and SQLite, for the repositories and the migrations. The engine has separate statements
 * for each, see mysql-engine-store.ts and sqlite-engine-store.ts.
 */
export type Dialect = 'mysql' | 'sqlite';

/** The dialect of a data source. */
export function dialectOf(dataSource: DataSource): Dialect {
  return dataSource.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
}

/** Asks a server for its version. `isTidbVersion` reads the answer. */
export const SELECT_VERSION = 'SELECT VERSION() AS version';

/** Whether this is the version of a TiDB server, such as "8.0.11-TiDB-v8.5.0". TiDB speaks MySQL's dialect, except where this file says so. */
export function isTidbVersion(version: string): boolean {
  return /tidb/i.test(version);
}

const tidbAnswers = new WeakMap<DataSource, Promise<boolean>>();

/** Whether the server of a data source is TiDB. The server is asked once; after an error it is asked again. */
export function isTidb(dataSource: DataSource): Promise<boolean> {
  if (dialectOf(dataSource) === 'sqlite') return Promise.resolve(false);
  let answer = tidbAnswers.get(dataSource);
  if (!answer) {
    answer = dataSource.query<[{ version: string }]>(SELECT_VERSION).then(([row]) => isTidbVersion(row.version));
    answer.catch(() => tidbAnswers.delete(dataSource));
    tidbAnswers.set(dataSource, answer);
  }
  return answer;
}

/**
 * A settings statement of a session, with TiDB's own settings in a comment that only TiDB executes. Clusters that were made by an old
 * version have optimistic transactions, which lock nothing before the COMMIT.
 */
export function sessionSetting(assignments: string): string {
  return `SET SESSION ${assignments} /*T! , tidb_txn_mode = 'pessimistic', tidb_constraint_check_in_place_pessimistic = ON */`;
}

/** Reads the limits of a server, as far as it has them. The configuration of TiDB is JSON. */
export const SELECT_LIMITS =
  "SHOW VARIABLES WHERE Variable_name IN ('max_allowed_packet', 'tidb_txn_entry_size_limit', 'tidb_config')";

/**
 * Statements after which all transactions of a session only read. TiDB has no such transactions: there the second statement has no effect, and would be
 * refused without the setting.
 */
export const READ_ONLY_SESSION = [
  "SET SESSION time_zone = '+00:00' /*T! , tidb_enable_noop_functions = ON */",
  'SET SESSION TRANSACTION READ ONLY',
];

/** SQL after a SELECT of one key, to wait for an open transaction that writes this row. TiDB knows no shared locks, and waits only in a transaction. */
export function waitsForRow(select: string, onTidb: boolean): string {
  return onTidb ? `${select} FOR UPDATE` : `${select} LOCK IN SHARE MODE`;
}

/** SQL after a SELECT of a range, to wait for open transactions that write its rows. SQLite has one writer, and TiDB can't wait like this. */
export async function waitsForRows(dataSource: DataSource): Promise<string> {
  return dialectOf(dataSource) === 'sqlite' || (await isTidb(dataSource)) ? '' : 'LOCK IN SHARE MODE';
}

/** SQL that counts the TiDB servers of the cluster. */
export const TIDB_SERVERS = 'SELECT COUNT(*) AS servers FROM information_schema.tidb_servers_info';

/**
 * SQL that counts this user's transactions on TiDB that began more than `?` ms ago and are still open. TiDB has no gap locks: a locking
 * read of a range does not see a row that is not committed, and does not wait for it.
 *
 * @param servers number of the cluster's TiDB servers. The table of the whole cluster is slow where a server does not open its status port
 */
export function openTidbTransactions(servers: number): string {
  const table = servers > 1 ? 'cluster_tidb_trx' : 'tidb_trx';
  return `SELECT COUNT(*) AS found FROM information_schema.${table} WHERE start_time < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND`;
}

/** The column types. Ids and names are compared byte by byte on both databases. */
export const columnTypes = {
  mysql: {
    id: 'VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin',
    name: 'VARCHAR(256) CHARACTER SET ascii COLLATE ascii_bin',
    text: 'MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    bytes: 'MEDIUMBLOB',
    nonce: 'BINARY(8)',
    time: 'DATETIME(3)',
    count: 'INT UNSIGNED',
    small: 'SMALLINT',
    flag: 'BOOLEAN',
  },
  sqlite: {
    id: 'TEXT',
    name: 'TEXT',
    text: 'TEXT',
    bytes: 'BLOB',
    nonce: 'BLOB',
    time: 'TEXT',
    count: 'INTEGER',
    small: 'INTEGER',
    flag: 'BOOLEAN',
  },
} as const satisfies Record<Dialect, Record<string, string>>;

/** The end of a `CREATE TABLE (…)` statement. Rows are stored in the order of the primary key on both databases. */
export const tableOptions: Record<Dialect, string> = {
  mysql: 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC',
  sqlite: 'WITHOUT ROWID',
};

/** SQL for the time `?` ms after now, by the database's clock. */
export const msFromNow: Record<Dialect, string> = {
  mysql: 'UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND',
  sqlite: "strftime('%Y-%m-%d %H:%M:%f', 'now', '+' || (? / 1000.0) || ' seconds')",
};

/** SQL for the time `ms` before now, by the database's clock. */
export function msAgo(dialect: Dialect, ms: number): string {
  return dialect === 'mysql'
    ? `UTC_TIMESTAMP(3) - INTERVAL ${ms * 1000} MICROSECOND`
    : `strftime('%Y-%m-%d %H:%M:%f', 'now', '-${ms / 1000} seconds')`;
}

/**
 * SQL condition for the column `endpoint_id`, with the id as a parameter twice. It is used together with a range of the next index column.
 * With a plain `=`, MariaDB would use only the endpoint from the index, and read all entries of the endpoint before the range, for each
 * page again.
 */
export const endpointIs: Record<Dialect, string> = {
  mysql: 'endpoint_id >= ? AND endpoint_id <= ?',
  sqlite: 'endpoint_id = ? AND endpoint_id = ?',
};

/**
 * SQL condition: a key of two columns is above another one. Its parameters are the first value of the other key, twice, and the second. Each
 * database finds the range in the index for one way of writing only.
 */
export const keyAbove: Record<Dialect, (first: string, second: string) => string> = {
  mysql: (first, second) => `(${first} > ? OR (${first} = ? AND ${second} > ?))`,
  sqlite: (first, second) => `${first} >= ? AND (${first}, ${second}) > (?, ?)`,
};

/** SQL for the larger of two numbers. */
export const larger: Record<Dialect, (one: string, other: string) => string> = {
  mysql: (one, other) => `GREATEST(${one}, ${other})`,
  sqlite: (one, other) => `MAX(${one}, ${other})`,
};

/** SQL condition: two JSON lists have at least one value in common. The second list is a parameter. */
export const overlaps: Record<Dialect, (list: string, parameter: string) => string> = {
  mysql: (list, parameter) => `JSON_OVERLAPS(${list}, ${parameter})`,
  sqlite: (list, parameter) => `EXISTS (SELECT 1 FROM json_each(${list}) a JOIN json_each(${parameter}) b ON a.value = b.value)`,
};

/** SQL after the name of a table, to use this index. */
export function useIndex(dialect: Dialect, name: string): string {
  return dialect === 'mysql' ? `FORCE INDEX (${name})` : `INDEXED BY ${name}`;
}

// The rows of a batch often have the same time, so the last text is kept.
let lastTime = { ms: NaN, text: '' };

/** A time (ms since 1970) as the parameter of a statement: UTC with milliseconds, in the format that both databases compare. */
export function sqlTime(ms: number): string {
  if (lastTime.ms !== ms) lastTime = { ms, text: formatted(ms) };
  return lastTime.text;
}

function formatted(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
}

/** The inverse of `sqlTime`: a UTC time as both databases print it, in ms since 1970. */
export function fromSqlTime(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** Adds a column if it does not exist yet. MySQL can't roll back an ALTER TABLE, so an interrupted migration runs again. */
export async function addColumnIfMissing(runner: QueryRunner, table: string, column: string, type: string): Promise<void> {
  const search =
    dialectOf(runner.connection) === 'sqlite'
      ? 'SELECT 1 FROM pragma_table_info(?) WHERE name = ?'
      : 'SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?';
  const found = (await runner.query(search, [table, column])) as unknown[];
  if (found.length === 0) await runner.query(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
}

/** An index as a migration makes it; `columns` is SQL. */
export interface Index {
  table: string;
  name: string;
  columns: string;
}

/** Adds an index if it does not exist: an interrupted migration runs again. On MySQL it blocks neither readers nor writers. */
export async function addIndexIfMissing(runner: QueryRunner, { table, name, columns }: Index): Promise<void> {
  if (dialectOf(runner.connection) === 'sqlite')
    return void (await runner.query(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns})`));
  const search =
    'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?';
  const found = (await runner.query(search, [table, name])) as unknown[];
  if (found.length > 0) return;
  await runner.query(`ALTER TABLE ${table} ADD INDEX ${name} (${columns}), ALGORITHM = INPLACE, LOCK = NONE`);
}

/** The inverse of `addIndexIfMissing`. */
export async function dropIndex(runner: QueryRunner, { table, name }: Index): Promise<void> {
  const isSqlite = dialectOf(runner.connection) === 'sqlite';
  await runner.query(isSqlite ? `DROP INDEX IF EXISTS ${name}` : `ALTER TABLE ${table} DROP INDEX ${name}`);
}

/**
 * Replaces the columns of an index and keeps its name. Does nothing on MySQL if the index has these columns already. On MySQL this is one
 * statement, which is atomic and blocks neither readers nor writers. TiDB refuses to drop and add the same name in one statement. There the new
 * index is made beside the old one, and takes its name in a moment in which statements that force the index by name fail.
 */
export async function changeIndex(runner: QueryRunner, table: string, name: string, columns: readonly string[]): Promise<void> {
  const list = columns.join(', ');
  if (dialectOf(runner.connection) === 'sqlite') {
    await runner.query(`DROP INDEX IF EXISTS ${name}`);
    await runner.query(`CREATE INDEX ${name} ON ${table} (${list})`);
    return;
  }
  const found: { name: string }[] = await runner.query(
    `SELECT column_name AS name FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ? ORDER BY seq_in_index`,
    [table, name],
  );
  if (found.map((column) => column.name).join(', ') === list) return;
  if (await isTidb(runner.connection)) return replaceIndex(runner, { table, name, list, exists: found.length > 0 });
  await runner.query(`ALTER TABLE ${table} DROP INDEX ${name}, ADD INDEX ${name} (${list}), ALGORITHM = INPLACE, LOCK = NONE`);
}

/** Can run again after it was interrupted between any two statements. */
async function replaceIndex(
  runner: QueryRunner,
  { table, name, list, exists }: { table: string; name: string; list: string; exists: boolean },
): Promise<void> {
  const [fresh, old] = [`${name}_new`, `${name}_old`];
  await runner.query(`ALTER TABLE ${table} ADD INDEX IF NOT EXISTS ${fresh} (${list})`);
  if (exists) {
    await runner.query(`ALTER TABLE ${table} DROP INDEX IF EXISTS ${old}`);
    await runner.query(`ALTER TABLE ${table} RENAME INDEX ${name} TO ${old}`);
  }
  await runner.query(`ALTER TABLE ${table} RENAME INDEX ${fresh} TO ${name}`);
  await runner.query(`ALTER TABLE ${table} DROP INDEX IF EXISTS ${old}`);
}
