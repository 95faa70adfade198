import mysql from 'mysql2';
import { isTidbVersion } from './dialect.js';

/** What the running service may do with the tables. It makes no temporary tables, locks no tables and reads no other database. */
export const DATA_RIGHTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

/**
 * What the migrations need, forward and back. The command that runs the migrations of a release gives these rights just before, so a
 * migration that needs another right adds it here. A test takes each one away and expects a failure.
 */
export const MIGRATION_RIGHTS = [...DATA_RIGHTS, 'CREATE', 'ALTER', 'DROP'] as const;

/** A statement with `?` for its values. */
export interface Statement {
  sql: string;
  values: unknown[];
}

/** What the server says about itself, as far as statements about users depend on it. */
export interface Server {
  /** As `VERSION()` prints it. */
  version: string;
  /** With `partial_revokes`, MySQL takes a database name in a GRANT literally. Otherwise it is a pattern. */
  literalNames: boolean;
}

/** Where a user has one right. */
export type Grant = { right: string; grantable: boolean } & (
  | { on: 'server' }
  | { on: 'schema'; pattern: string }
  | { on: 'table'; table: string }
  | { on: 'column'; table: string; column: string }
);

export const isTidbServer = ({ version }: Server): boolean => isTidbVersion(version);
export const isMariaDb = ({ version }: Server): boolean => /mariadb/i.test(version);

/** MySQL can keep the password before the last change valid beside the new one since 8.0.14; MariaDB and TiDB can't. */
export function retainsPasswords(server: Server): boolean {
  if (isMariaDb(server) || isTidbServer(server)) return false;
  const [major = 0, minor = 0, patch = 0] = server.version.split(/[^0-9]+/).map(Number);
  return major > 8 || (major === 8 && (minor > 0 || patch >= 14));
}

/**
 * The statement that changes a user's password. Where the server can, the current password stays valid beside the new one, so that the
 * processes that started with it can still connect. An empty password can't be retained.
 */
export function passwordChange(server: Server, user: { name: string; password: string }, isEmptyNow: boolean): Statement {
  const retain = retainsPasswords(server) && !isEmptyNow ? ' RETAIN CURRENT PASSWORD' : '';
  return { sql: `ALTER USER ?@'%' IDENTIFIED BY ?${retain}`, values: [user.name, user.password] };
}

/** The name of a database as GRANT and REVOKE take it: `_` and `%` would match any character without a backslash. */
export function schemaPattern(database: string, server: Server): string {
  return server.literalNames ? database : database.replace(/[_%\\]/g, '\\$&');
}

/**
 * The statements that leave a user with exactly these rights on the database: first what is missing, so that running processes always
 * keep the rights that they need, then what is too much. Rights on other databases are not looked at.
 */
export function rightsChange(
  user: string,
  grants: readonly Grant[],
  wanted: { database: string; rights: readonly string[]; server: Server },
): Statement[] {
  const own = schemaPattern(wanted.database, wanted.server);
  const isOwn = (grant: Grant) => grant.on === 'schema' && grant.pattern.toLowerCase() === own.toLowerCase();
  const has = new Set(grants.filter(isOwn).map(({ right }) => right));
  const missing = wanted.rights.filter((right) => !has.has(right));
  const statements: Statement[] = [];
  if (missing.length > 0)
    statements.push({ sql: `GRANT ${missing.join(', ')} ON ${identifier(own)}.* TO ?@'%'`, values: [user] });
  const revoke = (what: string, place: string) =>
    statements.push({ sql: `REVOKE ${what} ON ${place} FROM ?@'%'`, values: [user] });
  for (const [place, there] of Map.groupBy(grants, (grant) => placeOf(grant, wanted.database))) {
    const excess = there.filter((grant) => grant.right !== 'USAGE' && !(isOwn(grant) && wanted.rights.includes(grant.right)));
    if (excess.length > 0) revoke(excess.map(rightOf).join(', '), place);
    // Alone: together with all rights of the server, MySQL would take the rights on databases too.
    if (there.some(({ grantable, on }) => grantable && on !== 'column')) revoke('GRANT OPTION', place);
  }
  return statements;
}

function placeOf(grant: Grant, database: string): string {
  if (grant.on === 'server') return '*.*';
  if (grant.on === 'schema') return `${identifier(grant.pattern)}.*`;
  return `${identifier(database)}.${identifier(grant.table)}`;
}

function rightOf(grant: Grant): string {
  // The names come from the server; they can't be bound as values.
  if (!/^[A-Z_ ]+$/.test(grant.right)) throw new Error(`The database has a right with an unknown form of name: ${grant.right}`);
  return grant.on === 'column' ? `${grant.right} (${identifier(grant.column)})` : grant.right;
}

/** A name in backticks. A dot in it is a part of the name. */
function identifier(name: string): string {
  return mysql.escapeId(name, true);
}
