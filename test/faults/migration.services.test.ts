import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { startChild, type Child } from '../support/child.js';
import { isReady } from '../support/process.js';
import { until } from '../support/until.js';
import { anInstallation, type Installation } from './installation.js';

const CLI = join(resolve(import.meta.dirname, '../..'), 'dist/cli.js');

describe('the schema', () => {
  let installation: Installation;
  let holder: mysql.Connection;

  beforeEach(async () => {
    installation = await anInstallation({ MIGRATE_ON_START: 'false' }, { schema: false });
    holder = await mysql.createConnection({ uri: installation.database.adminUrl });
  });
  afterEach(async () => {
    holder?.destroy();
    await installation?.remove();
  });

  const migrate = () =>
    startChild(process.execPath, [CLI, 'migrate'], {
      PATH: process.env['PATH'] ?? '',
      ...installation.env,
      DATABASE_MIGRATION_URL: installation.database.migrationUrl,
    });
  /** A server of an installation with one user, which migrates by itself. */
  const migratesAtStart = () => ({ DATABASE_URL: installation.database.migrationUrl, MIGRATE_ON_START: 'true' });
  const events = ({ lines }: Child) => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

  /** Holds a lock that stops every migration at its first read of the applied migrations. */
  const holdUp = async () => {
    await holder.query('CREATE TABLE schema_migration (id INT AUTO_INCREMENT PRIMARY KEY, timestamp BIGINT, name VARCHAR(255))');
    await holder.query('LOCK TABLES schema_migration WRITE');
  };
  const isHeldUp = async () => {
    const [row] = await installation.sql(
      "SELECT COUNT(*) AS held FROM information_schema.processlist WHERE state LIKE '%metadata lock%' AND db = DATABASE()",
    );
    return row!['held'] > 0;
  };
  const letGo = () => holder.query('UNLOCK TABLES');

  it('is created by one of two processes that migrate at once; the other waits, and both succeed', async () => {
    await holdUp();
    const both = [migrate(), migrate()];
    const waiting = () => both.filter((child) => events(child).some(({ msg }) => msg === 'migration.waiting'));
    await until(() => waiting().length > 0, 30_000, 'one to wait');
    await letGo();

    expect(await Promise.all(both.map(({ exited }) => exited))).toEqual(Array(2).fill({ code: 0, signal: null }));
    const applied = both.map((child) => events(child).find(({ msg }) => msg === 'migration.finished').applied as number);
    const rows = await installation.sql('SELECT name FROM schema_migration');
    expect(rows.length).toBeGreaterThan(0);
    expect(applied.sort()).toEqual([0, rows.length]);
    expect(waiting()).toHaveLength(1);
  });

  it('that is missing ends a server, and the error says what to do', async () => {
    const server = await installation.start({ untilReady: false });

    expect(await server.exited).toEqual({ code: 1, signal: null });
    const failed = server.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'server.failed');
    expect(failed).toMatchObject({ level: 'error', error: expect.stringContaining('node dist/cli.js migrate') });
  });

  it('that is still being created makes requests fail with 503 until it is ready', async () => {
    await holdUp();
    const server = await installation.start({ untilReady: false }, migratesAtStart());
    await until(isHeldUp, 60_000, 'it to be held up');
    await until(async () => (await fetch(`${server.url}/health/live`)).ok, 60_000, 'it to listen');

    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
    expect(await server.api.post('/app', { name: 'Shop' })).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });

    await letGo();
    await until(() => isReady(server.url), 30_000, 'it to be ready');
    expect((await server.api.post('/app', { name: 'Shop' })).status).toBe(201);
  });

  it('of a later release, with more migrations, is accepted', async () => {
    expect(await migrate().exited).toEqual({ code: 0, signal: null });
    await installation.sql(
      "INSERT INTO schema_migration (timestamp, name) VALUES (4102444800000, 'OfTheNextRelease4102444800000')",
    );
    await installation.sql('ALTER TABLE delivery ADD COLUMN of_the_next_release INT NULL');

    const server = await installation.start();

    expect((await server.api.post('/app', { name: 'Shop' })).status).toBe(201);
    expect((await migrate().exited).code).toBe(0);
  });

  describe('that the database refuses to create', () => {
    beforeEach(() => installation.sql('CREATE TABLE attempt (id INT PRIMARY KEY)'));

    const refused = expect.stringMatching(
      /Can't DROP INDEX .* \(ER_CANT_DROP_FIELD_OR_KEY\)\. The statement: ALTER TABLE .?attempt/,
    );

    it('ends the migration command with the statement and the error of the database', async () => {
      const step = migrate();

      expect(await step.exited).toEqual({ code: 1, signal: null });
      expect(step.lines.filter((line) => !line.startsWith('{'))).toEqual([refused]);
    });

    it('ends a server that migrates at its start, because waiting would not help', async () => {
      const server = await installation.start({ untilReady: false }, migratesAtStart());

      expect(await server.exited).toEqual({ code: 1, signal: null });
      const lines = server.log.map((line) => JSON.parse(line));
      expect(lines.filter(({ msg }) => msg === 'server.failed')).toEqual([
        expect.objectContaining({ level: 'error', error: refused }),
      ]);
      expect(lines.filter(({ msg }) => msg === 'database.away')).toEqual([]);
    });
  });

  it('that lacks a permission ends both, and neither prints the password', async () => {
    const [name, password] = [`weak_${randomBytes(4).toString('hex')}`, randomBytes(8).toString('hex')];
    const url = new URL(installation.env['DATABASE_URL']!);
    await holder.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '${password}'`);
    try {
      await holder.query(`GRANT SELECT, INSERT, CREATE ON \`${url.pathname.slice(1)}\`.* TO '${name}'@'%'`);
      [url.username, url.password] = [name, password];
      const weak = { DATABASE_URL: url.href, MIGRATE_ON_START: 'true' };
      const server = await installation.start({ untilReady: false }, weak);
      expect(await server.exited).toEqual({ code: 1, signal: null });
      const step = startChild(process.execPath, [CLI, 'migrate'], {
        PATH: process.env['PATH'] ?? '',
        ...installation.env,
        ...weak,
      });
      expect(await step.exited).toEqual({ code: 1, signal: null });

      for (const lines of [server.log, step.lines]) {
        expect(lines.join('\n')).toMatch(/command denied to user .* \(ER_TABLEACCESS_DENIED_ERROR\)\. The statement: /);
        expect(lines.join('\n')).not.toContain(password);
      }
    } finally {
      await holder.query(`DROP USER '${name}'@'%'`);
    }
  });

  describe('with a user that may only change data', () => {
    const atStart = { MIGRATE_ON_START: 'true' };

    it('ends a server that should create it, and the error says what to do', async () => {
      const server = await installation.start({ untilReady: false }, atStart);

      expect(await server.exited).toEqual({ code: 1, signal: null });
      const failed = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error');
      const text = expect.stringMatching(
        /This user may not change tables: run "node dist\/cli\.js migrate" .*DATABASE_MIGRATION_URL.*CREATE command denied/,
      );
      expect(failed).toEqual([expect.objectContaining({ msg: 'server.failed', error: text })]);
    });

    it('lets a server start that finds nothing to do', async () => {
      expect((await migrate().exited).code).toBe(0);

      const server = await installation.start({}, atStart);

      expect((await server.api.post('/app', { name: 'Shop' })).status).toBe(201);
    });
  });

  it.each([
    ['a wrong password', (url: URL) => (url.password = 'wrong'), 'Access denied'],
    ['a database that does not exist', (url: URL) => (url.pathname = '/nobody_made_this'), 'Unknown database'],
  ])('is not waited for with %s', async (_, change, words) => {
    const url = new URL(installation.database.adminUrl);
    change(url);
    const server = await installation.start({ untilReady: false }, { DATABASE_URL: url.href, MIGRATE_ON_START: 'true' });

    expect(await server.exited).toEqual({ code: 1, signal: null });
    const failed = server.log.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error');
    expect(failed).toEqual([expect.objectContaining({ msg: 'server.failed', error: expect.stringContaining(words) })]);
    expect(server.log.join('\n')).not.toContain('database.away');
  });

  it('may take longer to create than the time limit of a request: its statements have a longer limit', async () => {
    await holdUp();
    const step = migrate();
    await until(isHeldUp, 60_000, 'it to be held up');
    // Longer than the time limit for statements of requests.
    await new Promise((wake) => setTimeout(wake, 12_000));
    expect(step.exit()).toBeUndefined();
    await letGo();

    expect(await step.exited).toEqual({ code: 0, signal: null });
  });
});
