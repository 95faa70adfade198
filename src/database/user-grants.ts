import { DatabaseRefused } from './errors.js';
import { parseGrants } from './tidb-grants.js';
import { isMariaDb, isTidbServer, type Grant, type Server } from './user-rights.js';
import type { UserSession } from './user-session.js';

type Row = { right: string; grantable: 'YES' | 'NO'; pattern: string; table: string; column: string };

/** A role of a user. In MariaDB a role has no host. */
export interface Role {
  name: string;
  host: string;
}

/** The rights of the user `name` for any host that reach this database: of the server, of matching databases, of tables and of columns. */
export async function grantsOf(
  session: UserSession,
  name: string,
  { database, server }: { database: string; server: Server },
): Promise<Grant[]> {
  // TiDB's table of rights on databases is always empty.
  if (isTidbServer(server)) return reaching(await shownGrants(session, name), database);
  // These tables write an account like this, without escapes.
  const account = `'${name}'@'%'`;
  const read = (columns: string, from: string, values: unknown[] = []) =>
    session.run<Row>({
      sql: `SELECT privilege_type AS \`right\`, is_grantable AS grantable${columns} FROM information_schema.${from}`,
      values: [account, ...values],
    });
  const matches = server.literalNames ? 'table_schema = ?' : '? LIKE table_schema';
  const global = await read('', 'user_privileges WHERE grantee = ?');
  const schemas = await read(', table_schema AS pattern', `schema_privileges WHERE grantee = ? AND ${matches}`, [database]);
  const inTables = 'WHERE grantee = ? AND table_schema = ?';
  const tables = await read(', table_name AS `table`', `table_privileges ${inTables}`, [database]);
  const columns = await read(', table_name AS `table`, column_name AS `column`', `column_privileges ${inTables}`, [database]);
  const common = ({ right, grantable }: Row) => ({ right: right.toUpperCase(), grantable: grantable === 'YES' });
  return [
    ...global.map((row): Grant => ({ ...common(row), on: 'server' })),
    ...schemas.map((row): Grant => ({ ...common(row), on: 'schema', pattern: row.pattern })),
    ...tables.map((row): Grant => ({ ...common(row), on: 'table', table: row.table })),
    ...columns.map((row): Grant => ({ ...common(row), on: 'column', table: row.table, column: row.column })),
  ];
}

/** The roles of the user `name` for any host. Each could bring further rights. */
export function rolesOf(session: UserSession, name: string, server: Server): Promise<Role[]> {
  if (isMariaDb(server))
    return session.run({
      sql: "SELECT Role AS name, '' AS host FROM mysql.roles_mapping WHERE User = ? AND Host = '%'",
      values: [name],
    });
  if (Number.parseInt(server.version, 10) < 8) return Promise.resolve([]);
  return session.run({
    sql: "SELECT FROM_USER AS name, FROM_HOST AS host FROM mysql.role_edges WHERE TO_USER = ? AND TO_HOST = '%'",
    values: [name],
  });
}

/** None if the user is so new that the server's copy of the users does not have it yet. */
async function shownGrants(session: UserSession, name: string): Promise<Grant[]> {
  try {
    const rows = await session.run<Record<string, string>>({ sql: "SHOW GRANTS FOR ?@'%'", values: [name] });
    return parseGrants(rows.flatMap((row) => Object.values(row)));
  } catch (error) {
    if (error instanceof DatabaseRefused && error.code === 'ER_NONEXISTING_GRANT') return [];
    throw error;
  }
}

/** Leaves out rights on other databases. */
function reaching(grants: (Grant & { database?: string })[], database: string): Grant[] {
  return grants.filter(
    (grant) =>
      grant.on === 'server' || matches(grant.on === 'schema' ? grant.pattern : grant.database!, grant.on === 'schema', database),
  );
}

/** Whether a name, or a pattern of LIKE, means this database. */
function matches(name: string, isPattern: boolean, database: string): boolean {
  if (!isPattern) return name.toLowerCase() === database.toLowerCase();
  const expression = name.replace(/\\?[^]/g, (part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return (part.length === 2 ? part[1]! : part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${expression}$`, 'is').test(database);
}
