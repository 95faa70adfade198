import type { DataSource, QueryRunner } from 'typeorm';

/**
 * Where MySQL/MariaDB and SQLite differ in the SQL of the API's repositories and the migrations.
 * The engine's own statements differ as a whole: see mysql-engine-store.ts and sqlite-engine-store.ts.
 */
export type Dialect = 'mysql' | 'sqlite';

export function dialectOf(dataSource: DataSource): Dialect {
  return dataSource.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
}

/** Column types of the tables, by what they hold. Ids and names compare by byte on both. */
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

/** What stands behind `CREATE TABLE (…)`: clustered by primary key on both. */
export const tableOptions: Record<Dialect, string> = {
  mysql: 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC',
  sqlite: 'WITHOUT ROWID',
};

/** SQL for a time that lies `?` ms after now, by the database's clock. */
export const msFromNow: Record<Dialect, string> = {
  mysql: 'UTC_TIMESTAMP(3) + INTERVAL (? * 1000) MICROSECOND',
  sqlite: "strftime('%Y-%m-%d %H:%M:%f', 'now', '+' || (? / 1000.0) || ' seconds')",
};

/**
 * "This endpoint", its id given twice, for a range of an index that begins with the endpoint. With a plain `=` MariaDB looks for nothing
 * but the endpoint in the index, and passes all its entries before the range, at each step of a long walk.
 */
export const endpointIs: Record<Dialect, string> = {
  mysql: 'endpoint_id >= ? AND endpoint_id <= ?',
  sqlite: 'endpoint_id = ? AND endpoint_id = ?',
};

/** SQL for whether two JSON lists have something in common; the second is a parameter. */
export const overlaps: Record<Dialect, (list: string, parameter: string) => string> = {
  mysql: (list, parameter) => `JSON_OVERLAPS(${list}, ${parameter})`,
  sqlite: (list, parameter) => `EXISTS (SELECT 1 FROM json_each(${list}) a JOIN json_each(${parameter}) b ON a.value = b.value)`,
};

/** Behind a table's name: the index to use. */
export function useIndex(dialect: Dialect, name: string): string {
  return dialect === 'mysql' ? `FORCE INDEX (${name})` : `INDEXED BY ${name}`;
}

// Many rows of a batch have the same time.
let lastTime = { ms: NaN, text: '' };

/** A time as a statement's parameter: UTC with milliseconds, the way both databases compare it. */
export function sqlTime(ms: number): string {
  if (lastTime.ms !== ms) lastTime = { ms, text: formatted(ms) };
  return lastTime.text;
}

function formatted(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
}

/** A UTC time as both databases print it, back to ms since 1970. */
export function fromSqlTime(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** Adds a column unless it is there: MySQL can't roll an ALTER TABLE back, so a migration that broke off is run again. */
export async function addColumnIfMissing(runner: QueryRunner, table: string, column: string, type: string): Promise<void> {
  const search =
    dialectOf(runner.connection) === 'sqlite'
      ? 'SELECT 1 FROM pragma_table_info(?) WHERE name = ?'
      : 'SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?';
  const found = (await runner.query(search, [table, column])) as unknown[];
  if (found.length === 0) await runner.query(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
}

/**
 * Gives an index other columns, under its old name, unless it has them. On MySQL in one statement, which is atomic and holds up neither
 * readers nor writers.
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
