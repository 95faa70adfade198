import type { Pool, PoolConnection } from 'mysql2';
import { SESSION_SETTINGS } from './data-source.js';
import { DatabaseRefused, isForbidden } from './errors.js';
import { applySettings, limitedPool, limitStatements } from './mysql-limits.js';
import { tlsOf } from './tls.js';
import type { Statement } from './user-rights.js';

/** Time limit for one statement, in ms. */
const STATEMENT_LIMIT_MS = 10_000;
/** With NO_BACKSLASH_ESCAPES in sql_mode, the driver's escaping of values would not be safe. */
const SETTINGS = [...SESSION_SETTINGS, "SET SESSION sql_mode = 'STRICT_TRANS_TABLES'"];
/** The message of this error repeats a part of the statement, with its values. */
const SYNTAX_ERROR = 'ER_PARSE_ERROR';
const ADVICE =
  'The user of DATABASE_ADMIN_URL needs CREATE USER, SELECT on the database mysql, and WITH GRANT OPTION every right that is given or taken.';

/** One connection for statements about users. Their values are passwords, so its errors have the statement without values. */
export class UserSession {
  private constructor(
    private readonly pool: Pool,
    private readonly connection: PoolConnection,
    private readonly secrets: readonly string[],
  ) {}

  /**
   * Connects. Throws what the driver throws, whose errors of a connection have no statement.
   *
   * @param secrets texts that no error may contain
   */
  static async open(url: string, secrets: readonly string[]): Promise<UserSession> {
    const ssl = tlsOf(url);
    const tls = ssl === undefined ? {} : { ssl };
    const pool = limitedPool(
      { uri: url.replace(/^mariadb:/, 'mysql:'), ...tls, connectionLimit: 1, charset: 'utf8mb4' },
      (connection) => {
        limitStatements(connection, STATEMENT_LIMIT_MS);
        applySettings(connection, SETTINGS);
      },
    );
    try {
      const connection = await new Promise<PoolConnection>((resolve, reject) =>
        pool.getConnection((error, opened) => (error ? reject(error) : resolve(opened))),
      );
      return new UserSession(
        pool,
        connection,
        secrets.filter((secret) => secret !== ''),
      );
    } catch (error) {
      pool.end(() => undefined);
      throw error;
    }
  }

  /** Runs one statement and answers its rows. Throws DatabaseRefused. */
  run<Row>({ sql, values }: Statement): Promise<Row[]> {
    return new Promise((resolve, reject) =>
      this.connection.query(sql, values, (error, rows) => (error ? reject(this.refusal(error, sql)) : resolve(rows as Row[]))),
    );
  }

  close(): void {
    this.connection.destroy();
    this.pool.end(() => undefined);
  }

  /** The driver's error holds the whole statement, and a cause is printed by tools that inspect errors: neither is kept. */
  private refusal(error: Error, sql: string): DatabaseRefused {
    const { code = 'no code' } = error as { code?: string };
    const said = code === SYNTAX_ERROR ? 'The statement has a syntax that this server does not know' : error.message;
    const message = this.secrets.reduce((text, secret) => text.replaceAll(secret, '***'), said);
    const advice = isForbidden(error) || code === 'ER_ACCESS_DENIED_ERROR' ? `${ADVICE} ` : '';
    const refused = new DatabaseRefused(`${advice}The database refused a statement: ${message} (${code}). The statement: ${sql}`);
    return Object.assign(refused, { code });
  }
}
