import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { MYSQL_CLASSES } from '../../src/database/error-classes.js';
import { answerTo, classOf } from '../../src/database/errors.js';
import { startMariaDb, type Service } from '../support/services.js';
import { until } from '../support/until.js';

type DriverError = Error & { code?: string; errno?: number };

/** Each error is caused on a server of its own, whose settings and users the tests change: the numbers are what the server really says. */
let server: Service;
let root: mysql.Connection;
const open: mysql.Connection[] = [];

beforeAll(async () => {
  // The only tablespace may not grow beyond 20 MB. A limit of connections that was 0 at the start can't be set later.
  server = await startMariaDb([
    '--innodb-file-per-table=0',
    '--innodb-data-file-path=ibdata1:12M:autoextend:max:20M',
    '--max-user-connections=250',
  ]);
  root = await mysql.createConnection({ uri: server.url, multipleStatements: true });
  await root.query(`CREATE DATABASE d; USE d;
    CREATE TABLE t (id INT PRIMARY KEY, small TINYINT, name VARCHAR(5) NOT NULL DEFAULT '', day DATE, body LONGTEXT);
    INSERT INTO t (id) VALUES (1), (2)`);
});
afterAll(async () => {
  root?.destroy();
  await server?.stop();
});
beforeEach(async () => {
  for (const one of open.splice(0)) one.destroy();
  await root.query("DROP USER IF EXISTS 'u'@'%'; CREATE USER 'u'@'%' IDENTIFIED BY 'p'; GRANT ALL ON d.* TO 'u'@'%'");
});

async function connectAs(user: string, password = 'p', database: string | null = 'd'): Promise<mysql.Connection> {
  const { hostname, port } = new URL(server.url);
  const connection = await mysql.createConnection({
    host: hostname,
    port: Number(port),
    user,
    password,
    ...(database === null ? {} : { database }),
  });
  connection.on('error', () => undefined);
  open.push(connection);
  return connection;
}

const SIGNAL = "BEGIN NOT ATOMIC SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ?; END";
const asUser = async (sql: string) => (await connectAs('u')).query(sql);

async function errorOf(work: () => Promise<unknown>): Promise<DriverError> {
  try {
    await work();
  } catch (error) {
    return error as DriverError;
  }
  throw new Error('There was no error.');
}

/** Sets a global variable while `work` runs. */
async function withGlobal<T>(name: string, value: string | number, work: () => Promise<T>): Promise<T> {
  const [[row]] = await root.query<mysql.RowDataPacket[]>(`SELECT @@GLOBAL.${name} AS value`);
  await root.query(`SET GLOBAL ${name} = ${value}`);
  try {
    return await work();
  } finally {
    await root.query(`SET GLOBAL ${name} = ${row!['value']}`);
  }
}

const tooManyConnections = () => Promise.all(Array.from({ length: 20 }, () => connectAs('u')));

async function deadlock(): Promise<void> {
  const [a, b] = [await connectAs('u'), await connectAs('u')];
  await a.query('BEGIN');
  await b.query('BEGIN');
  await a.query('UPDATE t SET small = 1 WHERE id = 1');
  await b.query('UPDATE t SET small = 1 WHERE id = 2');
  await Promise.all([a.query('UPDATE t SET small = 2 WHERE id = 2'), b.query('UPDATE t SET small = 2 WHERE id = 1')]);
}

async function lockWait(): Promise<void> {
  const [a, b] = [await connectAs('u'), await connectAs('u')];
  await a.query('BEGIN');
  await a.query('UPDATE t SET small = 1 WHERE id = 1');
  await b.query('SET innodb_lock_wait_timeout = 0');
  await b.query('UPDATE t SET small = 2 WHERE id = 1');
}

/** Ends a statement that sleeps, or its connection. */
async function ended(how: 'KILL QUERY' | 'KILL'): Promise<void> {
  const connection = await connectAs('u');
  const sleeping = connection.query('SELECT * FROM t WHERE SLEEP(20) = 0 FOR UPDATE');
  sleeping.catch(() => undefined);
  await until(
    async () =>
      (
        await root.query<mysql.RowDataPacket[]>(
          "SELECT 1 FROM information_schema.processlist WHERE info LIKE '%SLEEP(20)%' AND id = ?",
          [connection.threadId],
        )
      )[0].length > 0,
    5_000,
    'the statement to run',
  );
  await root.query(`${how} ${connection.threadId}`);
  await sleeping;
}

async function fill(table: string): Promise<void> {
  for (let left = 500; left > 0; left--) await root.query(`INSERT INTO ${table} VALUES (REPEAT('x', 60000))`);
}

describe('MariaDB says', () => {
  it.each<[errno: number, expected: string, work: () => Promise<unknown>]>([
    [1045, 'refused', () => connectAs('u', 'wrong')],
    [
      1049,
      'refused',
      async () => root.changeUser({ database: 'nothing' }).finally(() => root.query('USE d').catch(() => undefined)),
    ],
    [
      4151,
      'refused',
      async () => {
        await root.query("ALTER USER 'u'@'%' ACCOUNT LOCK");
        await connectAs('u');
      },
    ],
    [
      1862,
      'refused',
      async () => {
        await root.query("ALTER USER 'u'@'%' PASSWORD EXPIRE");
        await withGlobal('disconnect_on_expired_password', 1, () => connectAs('u'));
      },
    ],
    [1044, 'forbidden', () => connectAs('u', 'p', 'mysql')],
    [1142, 'forbidden', () => asUser('SELECT * FROM mysql.user')],
    [
      1143,
      'forbidden',
      async () => {
        await root.query("REVOKE ALL ON d.* FROM 'u'@'%'; GRANT SELECT (id) ON d.t TO 'u'@'%'");
        await asUser('SELECT small FROM t');
      },
    ],
    [1227, 'forbidden', () => asUser('SET GLOBAL read_only = 1')],
    [1290, 'readOnly', () => withGlobal('read_only', 1, () => asUser('UPDATE t SET small = 1'))],
    [
      1792,
      'readOnly',
      async () => {
        const connection = await connectAs('u');
        await connection.query('SET SESSION TRANSACTION READ ONLY');
        await connection.query('UPDATE t SET small = 1');
      },
    ],
    [1040, 'unreached', () => withGlobal('max_connections', 10, tooManyConnections)],
    [
      1226,
      'unreached',
      async () => {
        await root.query("ALTER USER 'u'@'%' WITH MAX_USER_CONNECTIONS 1");
        await Promise.all([connectAs('u'), connectAs('u')]);
      },
    ],
    [1203, 'unreached', () => withGlobal('max_user_connections', 2, tooManyConnections)],
    [1205, 'conflict', lockWait],
    [1213, 'conflict', deadlock],
    [1317, 'lost', () => ended('KILL QUERY')],
    [1969, 'lost', () => asUser('SET STATEMENT max_statement_time = 0.1 FOR SELECT * FROM t WHERE SLEEP(5) = 0')],
    [1062, 'duplicate', () => asUser('INSERT INTO t (id) VALUES (1)')],
    [1048, 'badData', () => asUser('INSERT INTO t (id, name) VALUES (9, NULL)')],
    [1264, 'badData', () => asUser('INSERT INTO t (id, small) VALUES (9, 1000)')],
    [1406, 'badData', () => asUser("INSERT INTO t (id, name) VALUES (9, 'too long')")],
    [1292, 'badData', () => asUser("INSERT INTO t (id, day) VALUES (9, '2026-99-99')")],
    [1366, 'badData', () => asUser("INSERT INTO t (id, small) VALUES (9, 'x')")],
    [1690, 'badData', () => asUser('SELECT CAST(0 AS UNSIGNED) - 1')],
    [1146, 'unknown', () => asUser('SELECT * FROM nothing')],
    [1064, 'unknown', () => asUser('SELEKT')],
  ])('%s: %s', async (errno, expected, work) => {
    const error = await errorOf(work);

    expect(error).toMatchObject({ errno });
    expect(classOf(error)).toBe(expected);
  });

  it('any number of the table, also of MySQL and TiDB, which this server can only be told to say: its class', async () => {
    const connection = await connectAs('u');
    const wrong: string[] = [];
    for (const [errno, expected] of Object.entries(MYSQL_CLASSES)) {
      const error = await errorOf(() => connection.query(SIGNAL, [Number(errno)]));
      if (error.errno !== Number(errno) || classOf(error) !== expected) wrong.push(`${errno}: ${error.errno}, ${classOf(error)}`);
    }

    expect(wrong).toEqual([]);
  });

  it('1153: tooLarge, or the connection is lost, because the server closes it while the packet is being sent', async () => {
    const error = await errorOf(() => withGlobal('max_allowed_packet', 16_384, () => asUser(`SELECT '${'x'.repeat(40_000)}'`)));

    expect(['tooLarge', 'lost']).toContain(classOf(error));
  });

  it('nothing any more, when it is killed: lost; and it can not be reached then: unreached', async () => {
    const connection = await connectAs('u');
    const sleeping = errorOf(() => connection.query('SELECT SLEEP(20)'));
    await server.kill();
    try {
      expect(classOf(await sleeping)).toBe('lost');
      expect(classOf(await errorOf(() => connectAs('u')))).toBe('unreached');
    } finally {
      await server.restart();
      root = await mysql.createConnection({ uri: server.url, database: 'd', multipleStatements: true });
    }
  });

  it('that it shuts down: lost', async () => {
    const connection = await connectAs('u');
    const sleeping = errorOf(() => connection.query('SELECT SLEEP(20)'));
    await root.query('SHUTDOWN');
    try {
      expect(answerTo(await sleeping)).toMatchObject({ status: 503, undecided: true });
    } finally {
      await server.restart();
      root = await mysql.createConnection({ uri: server.url, database: 'd', multipleStatements: true });
    }
  });

  // Which of its codes comes depends on the moment.
  it('that the connection was killed: lost', async () => {
    expect(classOf(await errorOf(() => ended('KILL')))).toBe('lost');
  });

  // The last test, because the tablespace stays full.
  it('1114: full', async () => {
    await root.query('CREATE TABLE full_up (body LONGTEXT)');
    const error = await errorOf(() => fill('full_up'));

    expect(error).toMatchObject({ errno: 1114 });
    expect(answerTo(error)).toMatchObject({ status: 503, undecided: false });
  });
});
