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
  mysql: 'UTC_TIMESTAMP(3) + INTERVAL (? * 1000) MICROSECOND',
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

/**
 * Replaces the columns of an index and keeps its name. Does nothing on MySQL if the index has these columns already. On MySQL this is one
 * statement, which is atomic and blocks neither readers nor writers.
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
  await runner.query(`ALTER TABLE ${table} DROP INDEX ${name}, ADD INDEX ${name} (${list}), ALGORITHM = INPLACE, LOCK = NONE`);
}
