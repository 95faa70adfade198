import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { startChild, type Child } from '../support/child.js';
import { until } from '../support/until.js';
import { anInstallation, type Installation } from './installation.js';

const CLI = join(resolve(import.meta.dirname, '../..'), 'dist/cli.js');

describe('the schema', () => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await anInstallation({ MIGRATE_ON_START: 'false' });
  });
  afterEach(() => installation?.remove());

  const migrate = () => startChild(process.execPath, [CLI, 'migrate'], { PATH: process.env['PATH'] ?? '', ...installation.env });
  const events = ({ lines }: Child) => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

  it('is made by one of two that migrate at once; the other waits, and both end well', async () => {
    // Whoever holds the lock: both have to wait, so that they are certain to be there at once.
    const holder = await mysql.createConnection({ uri: installation.env['DATABASE_URL'] });
    await holder.query("SELECT GET_LOCK(CONCAT('posthorn.migrate.', MD5(DATABASE())), 5)");
    const both = [migrate(), migrate()];
    for (const child of both) {
      await until(() => events(child).some(({ msg }) => msg === 'migration.waiting'), 30_000, 'it to wait');
    }
    await holder.end();

    expect(await Promise.all(both.map(({ exited }) => exited))).toEqual(Array(2).fill({ code: 0, signal: null }));
    const applied = both.map((child) => events(child).find(({ msg }) => msg === 'migration.finished').applied as number);
    const rows = await installation.sql('SELECT name FROM schema_migration');
    expect(rows.length).toBeGreaterThan(0);
    expect(applied.sort()).toEqual([0, rows.length]);
  }, 90_000);

  it('that is missing ends a server, which says what to do', async () => {
    const server = await installation.start({ untilReady: false });

    expect(await server.exited).toEqual({ code: 1, signal: null });
    const failed = server.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'server.failed');
    expect(failed).toMatchObject({ level: 'error', error: expect.stringContaining('node dist/cli.js migrate') });
  });

  it('of a later release, which has more, is good enough', async () => {
    expect(await migrate().exited).toEqual({ code: 0, signal: null });
    await installation.sql("INSERT INTO schema_migration (timestamp, name) VALUES (4102444800000, 'OfTheNextRelease4102444800000')");
    await installation.sql('ALTER TABLE delivery ADD COLUMN of_the_next_release INT NULL');

    const server = await installation.start();

    expect((await server.api.post('/app', { name: 'Shop' })).status).toBe(201);
    expect((await migrate().exited).code).toBe(0);
  });
});
