import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { retainsPasswords } from '../../src/database/user-rights.js';
import { startChild } from '../support/child.js';
import { programOf } from '../support/process.js';

const DATA_ONLY = 'SELECT, INSERT, UPDATE, DELETE';
/** For names and passwords: what is special in SQL, in patterns of GRANT, and in URLs. */
const ODD = `'"\`\\%_ @:/?#ü`;

describe('the users that migrate makes', () => {
  let server: URL;
  let id: string;
  let database: string;
  let neighbour: string;
  let root: mysql.Connection;
  let data: { name: string; password: string };
  let migration: { name: string; password: string };

  beforeEach(async () => {
    id = randomBytes(4).toString('hex');
    // Without an escape, "_" in a grant would match the neighbour too.
    [database, neighbour] = [`users_${id}`, `usersX${id}`];
    data = { name: `data_${id}`, password: `secret-${randomBytes(6).toString('hex')}` };
    migration = { name: `migration_${id}`, password: `secret-${randomBytes(6).toString('hex')}` };
    server = new URL(process.env['TEST_DATABASE_URL']!);
    root = await mysql.createConnection({ uri: server.href });
    for (const name of [database, neighbour]) await root.query(`CREATE DATABASE ${name}`);
    await root.query(`CREATE TABLE ${neighbour}.other (id INT)`);
  });
  afterEach(async () => {
    for (const name of [database, neighbour]) await root.query(`DROP DATABASE ${name}`);
    const [users] = await root.query<mysql.RowDataPacket[]>('SELECT User, Host FROM mysql.user WHERE User LIKE ?', [`%${id}%`]);
    for (const { User, Host } of users)
      await root.query(Host === '' ? 'DROP ROLE ?' : 'DROP USER ?@?', Host === '' ? [User] : [User, Host]);
    root.destroy();
  });

  const urlOf = (user: { name: string; password: string }, name = database) => {
    const login = { username: encodeURIComponent(user.name), password: encodeURIComponent(user.password) };
    return Object.assign(new URL(server), { pathname: `/${name}`, ...login }).href;
  };
  const adminUrl = () => Object.assign(new URL(server), { pathname: '' }).href;
  const environment = () => ({
    PATH: process.env['PATH'] ?? '',
    JWT_SECRET: 'x'.repeat(32),
    ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
    LOG_LEVEL: 'trace',
    DATABASE_URL: urlOf(data),
    DATABASE_MIGRATION_URL: urlOf(migration),
    DATABASE_ADMIN_URL: adminUrl(),
  });
  /** Runs the command. Whatever happens, it prints no password. */
  const migrate = async (changes: Record<string, string> = {}) => {
    const child = startChild(process.execPath, [programOf('this build', 'cli.js'), 'migrate'], { ...environment(), ...changes });
    const { code } = await child.exited;
    const output = child.lines.join('\n');
    for (const { password } of [data, migration]) {
      expect(output).not.toContain(password);
      expect(output).not.toContain(encodeURIComponent(password));
    }
    const ready = child.lines.filter((line) => line.includes('"database.user_ready"')).map((line) => JSON.parse(line));
    return { code, output, ready };
  };
  const migrated = async (changes: Record<string, string> = {}) => {
    const { code, output, ready } = await migrate(changes);
    expect([code, output]).toEqual([0, output]);
    return ready;
  };
  const as = async <T>(user: { name: string; password: string }, work: (connection: mysql.Connection) => Promise<T>) => {
    const connection = await mysql.createConnection({ uri: urlOf(user) });
    return work(connection).finally(() => connection.destroy());
  };
  const canLogIn = (user: { name: string; password: string }) =>
    as(user, async () => true).catch((error: { code: string }) =>
      error.code === 'ER_ACCESS_DENIED_ERROR' ? false : Promise.reject(error),
    );
  const grantsOf = async ({ name }: { name: string }) => {
    const [rows] = await root.query<mysql.RowDataPacket[]>("SHOW GRANTS FOR ?@'%'", [name]);
    return rows
      .map((row) =>
        String(Object.values(row)[0])
          .replace(/ (TO|IDENTIFIED) .*/s, '')
          .replace(/,(?=\S)/g, ', '),
      )
      .toSorted();
  };
  const versionOf = async () => {
    const [[row]] = await root.query<mysql.RowDataPacket[]>('SELECT VERSION() AS version');
    return row!['version'] as string;
  };
  const dataOnly = () => ['GRANT USAGE ON *.*', `GRANT ${DATA_ONLY} ON \`users\\_${id}\`.*`].toSorted();

  it('have exactly the rights that they need, on this database only', async () => {
    expect(await migrated()).toMatchObject([
      { user: migration.name, of: 'DATABASE_MIGRATION_URL', login: 'set', rightsChanged: 1 },
      { user: data.name, of: 'DATABASE_URL', login: 'set', rightsChanged: 1 },
    ]);

    expect(await grantsOf(data)).toEqual(dataOnly());
    expect(await grantsOf(migration)).toEqual([
      `GRANT ${DATA_ONLY}, CREATE, DROP, ALTER ON \`users\\_${id}\`.*`,
      'GRANT USAGE ON *.*',
    ]);
    for (const user of [data, migration])
      await expect(as(user, (connection) => connection.query(`SELECT * FROM ${neighbour}.other`))).rejects.toMatchObject({
        code: 'ER_TABLEACCESS_DENIED_ERROR',
      });
  });

  it.each([
    'CREATE TABLE mine (id INT)',
    'CREATE TEMPORARY TABLE mine (id INT)',
    'ALTER TABLE message ADD COLUMN mine INT',
    'CREATE INDEX mine ON message (event_type)',
    'TRUNCATE TABLE message',
    'DROP TABLE message',
    'LOCK TABLES message WRITE',
    'CREATE VIEW mine AS SELECT 1',
  ])('refuse the running service: %s', async (statement) => {
    await migrated();

    await expect(as(data, (connection) => connection.query(statement))).rejects.toThrow(/denied/);
  });

  it('are not touched by a second run', async () => {
    await migrated();
    const state = async () => {
      const [rows] = await root.query('SELECT * FROM mysql.user WHERE User IN (?, ?) ORDER BY User', [data.name, migration.name]);
      return [rows, await grantsOf(data), await grantsOf(migration)];
    };
    const before = await state();

    expect(await migrated()).toMatchObject(Array(2).fill({ login: 'kept', rightsChanged: 0 }));
    expect(await state()).toEqual(before);
  });

  it('may have any characters in their names and passwords', async () => {
    data = { name: `d${ODD}${id}`.slice(0, 32), password: `${ODD}${id}` };
    migration = { name: `m'${id}`, password: `\\' OR 1=1 -- ${id}` };
    await migrated();

    expect(await migrated()).toMatchObject(Array(2).fill({ login: 'kept', rightsChanged: 0 }));
    expect(await canLogIn(data)).toBe(true);
  });

  it('lose what they do not need, and keep what they have elsewhere', async () => {
    await root.query("CREATE USER ?@'%' IDENTIFIED BY ?", [data.name, data.password]);
    await root.query(`CREATE TABLE ${database}.early (id INT)`);
    await root.query(`CREATE ROLE 'role_${id}'`);
    for (const grant of [
      `GRANT ALL ON \`users\\_${id}\`.* TO ?@'%' WITH GRANT OPTION`,
      `GRANT ALL ON \`users%${id}\`.* TO ?@'%'`,
      `GRANT ALTER, SELECT (id) ON ${database}.early TO ?@'%'`,
      "GRANT PROCESS, SHOW DATABASES ON *.* TO ?@'%'",
      `GRANT 'role_${id}' TO ?@'%'`,
      `GRANT DROP ON ${neighbour}.* TO ?@'%'`,
    ])
      await root.query(grant, [data.name]);

    await migrated();

    expect(await grantsOf(data)).toEqual([...dataOnly(), `GRANT DROP ON \`${neighbour}\`.*`].toSorted());
    expect(await migrated()).toMatchObject(Array(2).fill({ rightsChanged: 0 }));
  });

  it('may have been allowed everything on the whole server', async () => {
    await root.query("CREATE USER ?@'%' IDENTIFIED BY ?", [data.name, data.password]);
    await root.query("GRANT ALL ON *.* TO ?@'%' WITH GRANT OPTION", [data.name]);

    await migrated();

    expect(await grantsOf(data)).toEqual(dataOnly());
  });

  it('get what an interrupted run did not come to', async () => {
    await root.query("CREATE USER ?@'%' IDENTIFIED BY ?", [data.name, data.password]);
    await root.query("CREATE USER ?@'%' IDENTIFIED BY ?", [migration.name, 'an older one']);
    await root.query(`GRANT SELECT ON \`users\\_${id}\`.* TO ?@'%'`, [migration.name]);

    expect(await migrated()).toMatchObject([{ login: 'changed' }, { login: 'kept' }]);
    expect(await grantsOf(data)).toEqual(dataOnly());
  });

  it('are made once by two runs at the same time', async () => {
    const runs = await Promise.all([migrated(), migrated()]);

    expect(
      runs
        .flat()
        .map(({ login }) => login)
        .toSorted(),
    ).toEqual(['kept', 'kept', 'set', 'set']);
    expect(await grantsOf(data)).toEqual(dataOnly());
  });

  it('get a new password; where the server can, the old one stays valid, also after a second run', async () => {
    await migrated();
    const before = { ...data };
    data.password = `secret-${randomBytes(6).toString('hex')}`;
    const retained = retainsPasswords({ version: await versionOf(), literalNames: false });

    expect(await migrated()).toMatchObject([{ login: 'kept' }, { login: 'changed' }]);
    expect([await canLogIn(data), await canLogIn(before)]).toEqual([true, retained]);
    expect(await migrated()).toMatchObject([{ login: 'kept' }, { login: 'kept' }]);
    expect([await canLogIn(data), await canLogIn(before)]).toEqual([true, retained]);
  });

  it('can have had an empty password', async () => {
    await root.query("CREATE USER ?@'%'", [data.name]);

    expect(await migrated()).toMatchObject([{}, { login: 'changed' }]);
  });

  it('are refused to an admin who may not make users, with the rights that it needs', async () => {
    const weak = { name: `weak_${id}`, password: `secret-${randomBytes(6).toString('hex')}` };
    await root.query("CREATE USER ?@'%' IDENTIFIED BY ?", [weak.name, weak.password]);
    await root.query(`GRANT SELECT ON *.* TO ?@'%'`, [weak.name]);

    const { code, output } = await migrate({ DATABASE_ADMIN_URL: urlOf(weak, '') });

    expect(code).toBe(1);
    expect(output).toMatch(
      /The user of DATABASE_ADMIN_URL needs CREATE USER.*CREATE USER IF NOT EXISTS \?@'%' IDENTIFIED BY \?$/m,
    );
    expect(output).not.toContain(weak.password);
  });

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'wrong-password'), 'Access denied'],
    ['a database that nobody made', (url: URL) => (url.pathname = '/nobody_made_this'), 'nobody_made_this: Unknown database'],
    ['a server that is away', (url: URL) => (url.port = '1'), 'ECONNREFUSED'],
  ])('are not made with %s, and the error names the URL', async (_what, change, words) => {
    const changed = (text: string) => {
      const url = new URL(text);
      change(url);
      return url.href;
    };
    const { DATABASE_URL, DATABASE_MIGRATION_URL, DATABASE_ADMIN_URL } = environment();
    const both = { DATABASE_URL: changed(DATABASE_URL), DATABASE_MIGRATION_URL: changed(DATABASE_MIGRATION_URL) };

    const { code, output } = await migrate({ ...both, DATABASE_ADMIN_URL: changed(DATABASE_ADMIN_URL) });

    expect([code, output]).toEqual([1, expect.stringMatching(/The user of DATABASE_ADMIN_URL can't connect/)]);
    expect(output).toContain(words);
    expect(output).not.toContain('wrong-password');
  });

  it('are made by an admin with the rights of the master user of RDS, which has not all', async () => {
    const master = { name: `master_${id}`, password: 'x' };
    const rights = `${DATA_ONLY}, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, CREATE USER`;
    await root.query("CREATE USER ?@'%' IDENTIFIED BY ?", [master.name, master.password]);
    await root.query(`GRANT ${rights} ON *.* TO ?@'%' WITH GRANT OPTION`, [master.name]);
    const DATABASE_ADMIN_URL = urlOf(master);
    await migrated({ DATABASE_ADMIN_URL });
    data.password = `secret-${randomBytes(6).toString('hex')}`;

    expect(await migrated({ DATABASE_ADMIN_URL })).toMatchObject([{}, { login: 'changed' }]);
    expect(await grantsOf(data)).toEqual(dataOnly());
  });

  it('are not taken from another account that has the same name for a narrower host', async () => {
    const [[row]] = await root.query<mysql.RowDataPacket[]>("SELECT SUBSTRING_INDEX(USER(), '@', -1) AS host");
    await root.query('CREATE USER ?@? IDENTIFIED BY ?', [data.name, row!['host'], data.password]);

    const { code, output } = await migrate();

    expect([code, output]).toEqual([1, expect.stringContaining('The user of DATABASE_URL is taken for another account')]);
  });

  it('are not taken from somebody who logs in without a password of the database', async () => {
    const isMariaDb = /mariadb/i.test(await versionOf());
    if (!isMariaDb) await root.query("INSTALL PLUGIN mysql_no_login SONAME 'mysql_no_login.so'").catch(() => undefined);
    await root.query(`CREATE USER ?@'%' IDENTIFIED ${isMariaDb ? 'VIA unix_socket' : 'WITH mysql_no_login'}`, [data.name]);

    const { code, output } = await migrate();

    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/The user of DATABASE_URL exists and logs in by (unix_socket|mysql_no_login)/),
    ]);
  });

  it('are not made without DATABASE_ADMIN_URL: an installation with one user migrates as before', async () => {
    const alone = { DATABASE_URL: Object.assign(new URL(server), { pathname: `/${database}` }).href };
    const none = { DATABASE_MIGRATION_URL: '', DATABASE_ADMIN_URL: '' };

    expect(await migrated({ ...alone, ...none })).toEqual([]);

    const [users] = await root.query('SELECT User FROM mysql.user WHERE User LIKE ?', [`%${id}%`]);
    expect(users).toEqual([]);
    const [tables] = await root.query(`SHOW TABLES FROM ${database} LIKE 'message'`);
    expect(tables).toHaveLength(1);
  });
});
