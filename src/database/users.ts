import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseUser, DatabaseUsers } from '../config/migration-config.js';
import type { Log } from '../observability/log.js';
import { DatabaseRefused } from './errors.js';
import { withMigrationLock } from './migrate.js';
import {
  DATA_RIGHTS,
  isMariaDb,
  isTidbServer,
  MIGRATION_RIGHTS,
  passwordChange,
  rightsChange,
  type Server,
  type Statement,
} from './user-rights.js';
import { grantsOf, rolesOf } from './user-grants.js';
import { UserSession } from './user-session.js';

/** Plugins of accounts that have a password in the database itself, which ALTER USER can change. */
const PASSWORD_PLUGINS = ['', 'mysql_native_password', 'caching_sha2_password', 'sha256_password'];

/**
 * TiDB answers from a copy of users and rights in its memory, which it loads again after each change. While others are changed on the same server, it may
 * answer from an older copy for a moment.
 */
const COPY_LIMIT_MS = 5_000;
const LOOK_EVERY_MS = 50;

/** Both servers refuse a log-in with a wrong password by this code. */
const WRONG_PASSWORD = 'ER_ACCESS_DENIED_ERROR';

interface Account {
  plugin: string;
  isEmpty: number;
  sslType: string;
}

/**
 * Makes the users of DATABASE_URL and DATABASE_MIGRATION_URL, as the user of DATABASE_ADMIN_URL. Afterwards both can log in with their
 * passwords and have exactly the rights on the database that they need. A user that is as it should be is not touched. So a repeated run
 * keeps the password that MySQL retained for the processes of the release before.
 *
 * If the process dies: each statement is complete by itself, and the next run does what is missing. Rights are given before others are
 * taken, so running processes never lack one.
 *
 * @throws DatabaseRefused, DatabaseAway; driver errors of a connection
 */
export async function ensureUsers(users: DatabaseUsers, log: Log): Promise<void> {
  const secrets = [users.data.password, users.migration.password, decodeURIComponent(new URL(users.adminUrl).password)];
  const admin = await UserSession.open(withDatabase(users.adminUrl, users.database), secrets).catch((error: unknown) => {
    const { message, code = 'no code' } = error as { message: string; code?: string };
    throw new DatabaseRefused(
      `The user of DATABASE_ADMIN_URL can't connect to the database ${users.database}: ${message} (${code}).`,
    );
  });
  const ask = (sql: string) => admin.run({ sql, values: [] });
  try {
    await withMigrationLock(ask, log, async () => {
      const setUp = new UserSetUp(users, admin, await serverOf(admin), await usesTls(admin));
      for (const [user, rights] of [
        [users.migration, MIGRATION_RIGHTS],
        [users.data, DATA_RIGHTS],
      ] as const) {
        const login = await setUp.ensureLogIn(user);
        const changes = await setUp.ensureRights(user, rights);
        log.info('database.user_ready', { user: user.name, of: user.variable, login, rightsChanged: changes });
      }
    });
  } finally {
    admin.close();
  }
}

/** Brings one user after the other into its state. */
class UserSetUp {
  constructor(
    private readonly users: DatabaseUsers,
    private readonly admin: UserSession,
    private readonly server: Server,
    private readonly tls: boolean,
  ) {}

  /** Answers what happened to the password. */
  async ensureLogIn(user: DatabaseUser): Promise<'kept' | 'changed' | 'set'> {
    const account = await this.accountOf(user);
    if (!account) {
      const sql = `CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?${this.tls ? ' REQUIRE SSL' : ''}`;
      await this.admin.run({ sql, values: [user.name, user.password] });
      await this.assertLogIn(user);
      return 'set';
    }
    assertUsable(user, account, this.tls);
    if (this.tls && account.sslType === '') await this.admin.run({ sql: "ALTER USER ?@'%' REQUIRE SSL", values: [user.name] });
    if (await this.canLogIn(user)) return 'kept';
    await this.admin.run(passwordChange(this.server, user, Boolean(account.isEmpty)));
    await this.assertLogIn(user);
    return 'changed';
  }

  /** Answers the number of statements that were necessary. Throws DatabaseRefused if the rights are others afterwards. */
  async ensureRights(user: DatabaseUser, rights: readonly string[]): Promise<number> {
    const statements = await this.changesFor(user, rights);
    if (statements.length === 0) return 0;
    for (const statement of statements) await this.admin.run(statement);
    let left: Statement | undefined;
    await this.becomes(async () => ([left] = await this.changesFor(user, rights)).length === 0);
    if (left)
      throw new DatabaseRefused(`The user of ${user.variable} still has other rights than it should. Run by hand: ${left.sql}`);
    return statements.length;
  }

  /** Whether the server says so: at once, or in TiDB within seconds. */
  private async becomes(isSo: () => Promise<boolean>): Promise<boolean> {
    const until = isTidbServer(this.server) ? performance.now() + COPY_LIMIT_MS : 0;
    while (!(await isSo())) {
      if (performance.now() > until) return false;
      await sleep(LOOK_EVERY_MS);
    }
    return true;
  }

  private async changesFor({ name }: DatabaseUser, rights: readonly string[]): Promise<Statement[]> {
    const { server, admin } = this;
    const { database } = this.users;
    const statements = rightsChange(name, await grantsOf(admin, name, { database, server }), { database, rights, server });
    for (const role of await rolesOf(admin, name, server)) {
      const isPlain = isMariaDb(server);
      const sql = isPlain ? "REVOKE ? FROM ?@'%'" : "REVOKE ?@? FROM ?@'%'";
      statements.push({ sql, values: isPlain ? [role.name, name] : [role.name, role.host, name] });
    }
    return statements;
  }

  private async accountOf({ name }: DatabaseUser): Promise<Account | undefined> {
    const columns = "plugin, authentication_string = '' AS isEmpty";
    // TiDB keeps the kind of TLS in another table: 1 and more are what REQUIRE asks for.
    const sql = isTidbServer(this.server)
      ? `SELECT ${columns}, IF(Priv->'$.ssl_type' > 0, 'ANY', '') AS sslType
          FROM mysql.user LEFT JOIN mysql.global_priv USING (Host, User) WHERE User = ? AND Host = '%'`
      : `SELECT ${columns}, ssl_type AS sslType FROM mysql.user WHERE User = ? AND Host = '%'`;
    const [account] = await this.admin.run<Account>({ sql, values: [name] });
    return account;
  }

  private async assertLogIn(user: DatabaseUser): Promise<void> {
    if (await this.becomes(() => this.canLogIn(user))) return;
    throw new DatabaseRefused(
      `The database refuses the user of ${user.variable} although its password was just set. Look for another account of that name, ` +
        "for a narrower host than '%', and for a log-in limit of the account.",
    );
  }

  /** Whether the user can log in with its password, where the admin's connection goes. */
  private async canLogIn(user: DatabaseUser): Promise<boolean> {
    const url = new URL(withDatabase(this.users.adminUrl, ''));
    [url.username, url.password] = [encodeURIComponent(user.name), encodeURIComponent(user.password)];
    let session: UserSession;
    try {
      session = await UserSession.open(url.href, [user.password]);
    } catch (error) {
      if ((error as { code?: unknown }).code === WRONG_PASSWORD) return false;
      throw error;
    }
    try {
      const [row] = await session.run<{ account: string }>({ sql: 'SELECT CURRENT_USER() AS account', values: [] });
      if (row?.account === `${user.name}@%`) return true;
    } finally {
      session.close();
    }
    throw new DatabaseRefused(
      `The user of ${user.variable} is taken for another account than '${user.name}'@'%'. Drop the account of that name with a narrower host, or name another user.`,
    );
  }
}

/** Throws DatabaseRefused if the account is not one that can get this password. */
function assertUsable(user: DatabaseUser, { plugin, sslType }: Account, tls: boolean): void {
  if (!PASSWORD_PLUGINS.includes(plugin))
    throw new DatabaseRefused(
      `The user of ${user.variable} exists and logs in by ${plugin}, not with a password. Drop that account, or name another user in ${user.variable}.`,
    );
  if (!tls && sslType !== '')
    throw new DatabaseRefused(
      `The user of ${user.variable} exists and has to use TLS, but DATABASE_ADMIN_URL has no ?ssl=…. Add it, and to the other URLs too.`,
    );
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

async function serverOf(session: UserSession): Promise<Server> {
  const [row] = await session.run<{ version: string }>({ sql: 'SELECT VERSION() AS version', values: [] });
  const partial = await session.run<{ Value: string }>({ sql: "SHOW GLOBAL VARIABLES LIKE 'partial_revokes'", values: [] });
  return { version: row!.version, literalNames: partial[0]?.Value === 'ON' };
}

async function usesTls(session: UserSession): Promise<boolean> {
  const [row] = await session.run<{ Value: string }>({ sql: "SHOW SESSION STATUS LIKE 'Ssl_cipher'", values: [] });
  return (row?.Value ?? '') !== '';
}
