import type mysql from 'mysql2/promise';
import { DataSource, type Logger } from 'typeorm';
import { sqliteStatements } from '../../../src/database/engine/sqlite-statements.js';
import { sqliteConnection } from '../../../src/database/typeorm-internals.js';
import type { TestApp } from '../../support/app.js';
import { startOwnServer } from '../own-server.js';
import { faultsOfMariaDb, faultsOfSqlite, namesWithValues, shapeOf, type Fault } from './judge.js';

/** Remembers the statements that a database got, and asks for their plans. */
export interface Recorder {
  /** Settings for the application, so that it uses this database. */
  env: Record<string, string>;
  /** What is written from now on counts. */
  begin(app: TestApp): Promise<void>;
  /** What is wrong with the plans of all statements since then. */
  faults(): Promise<{ faults: Fault[]; statements: number }>;
  stop(): Promise<void>;
}

const EXPLAINABLE = /^\s*(SELECT|UPDATE|DELETE)\b/i;
/** The log has a packet of several statements as one. */
const NEXT = /;\s*(?=(?:SELECT|UPDATE|DELETE|INSERT|SET|BEGIN|COMMIT)\b)/;
/** A statement with other values may have another plan. */
const MOST_OF_A_SHAPE = 2;

/** The first statements of each shape. */
function samples<T>(all: readonly T[], textOf: (one: T) => string): T[] {
  const byShape = Map.groupBy(
    all.filter((one) => EXPLAINABLE.test(textOf(one))),
    (one) => shapeOf(textOf(one)),
  );
  return [...byShape.values()].flatMap((same) => {
    const distinct = [...new Map(same.map((one) => [textOf(one), one])).values()];
    return distinct.slice(0, MOST_OF_A_SHAPE);
  });
}

/** A MariaDB server of its own, whose general log has every statement of all connections. */
export async function mariaDbRecorder(): Promise<Recorder> {
  const server = await startOwnServer();
  const connection = server.status;
  return {
    env: { DATABASE_URL: server.config.database.mysqlUrl! },
    async begin() {
      const [tables] = await connection.query<mysql.RowDataPacket[]>('SHOW TABLES');
      await connection.query(`ANALYZE TABLE ${tables.map((row) => String(Object.values(row)[0])).join(', ')}`);
      await connection.query("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1");
    },
    async faults() {
      await connection.query('SET GLOBAL general_log = 0');
      const [log] = await connection.query<mysql.RowDataPacket[]>(
        "SELECT CONVERT(argument USING utf8mb4) AS statement FROM mysql.general_log WHERE command_type = 'Query' AND thread_id <> CONNECTION_ID()",
      );
      const statements = samples(
        log.flatMap((row) => String(row['statement']).split(NEXT)),
        (statement) => statement,
      );
      const faults: Fault[] = [];
      for (const statement of statements) {
        const [plan] = await connection.query<mysql.RowDataPacket[]>(`EXPLAIN ${statement}`);
        const steps = [...faultsOfMariaDb(plan), ...namesWithValues(await columnsOf(connection, statement))];
        for (const step of steps) faults.push({ statement: shapeOf(statement), step });
      }
      return { faults, statements: statements.length };
    },
    stop: () => server.stop(),
  };
}

/** The names of the columns of a SELECT, without running it. */
async function columnsOf(connection: mysql.Connection, statement: string): Promise<string[]> {
  if (!/^\s*SELECT\b/i.test(statement)) return [];
  const prepared = await connection.prepare(statement);
  const { columns } = (prepared as unknown as { statement: { columns: { name: string }[] } }).statement;
  await prepared.close();
  return columns.map(({ name }) => name);
}

/** @param small tables that never have many rows */
export function sqliteRecorder(small: readonly string[]): Recorder {
  const seen: { sql: string; values: unknown[] }[] = [];
  let database: DataSource;
  return {
    env: {},
    async begin(app) {
      database = app.nest.get(DataSource);
      const logger: Partial<Logger> = { logQuery: (sql, values) => void seen.push({ sql, values: (values as unknown[]) ?? [] }) };
      Object.assign(database.logger, logger);
    },
    async faults() {
      const ofEngine = Object.values(sqliteStatements(sqliteConnection(database))).map(({ source }) => ({
        sql: withoutParameters(source),
        values: [],
      }));
      const statements = samples([...seen, ...ofEngine], ({ sql }) => sql);
      const faults: Fault[] = [];
      for (const { sql, values } of statements) {
        const plan = await database.query(`EXPLAIN QUERY PLAN ${sql}`, values as unknown[]);
        for (const step of faultsOfSqlite(shapeOf(sql), plan, small)) faults.push({ statement: shapeOf(sql), step });
      }
      return { faults, statements: statements.length };
    },
    async stop() {},
  };
}

function withoutParameters(sql: string): string {
  return sql.replaceAll(/\?|@\w+/g, "''");
}
