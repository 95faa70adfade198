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
    installation = await anInstallation({ MIGRATE_ON_START: 'false' });
    holder = await mysql.createConnection({ uri: installation.env['DATABASE_URL'] });
  });
  afterEach(async () => {
    holder?.destroy();
    await installation?.remove();
  });

  const migrate = () => startChild(process.execPath, [CLI, 'migrate'], { PATH: process.env['PATH'] ?? '', ...installation.env });
  const events = ({ lines }: Child) => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

  /** Whoever migrates is held up at its first look at what was applied. */
  const holdUp = async () => {
    await holder.query('CREATE TABLE schema_migration (id INT AUTO_INCREMENT PRIMARY KEY, timestamp BIGINT, name VARCHAR(255))');
    await holder.query('LOCK TABLES schema_migration WRITE');
  };
  const isHeldUp = async () => {
    const [row] = await installation.sql(
      "SELECT COUNT(*) AS held FROM information_schema.processlist WHERE state LIKE '%metadata lock%'",
    );
    return row!['held'] > 0;
  };
  const letGo = () => holder.query('UNLOCK TABLES');

  it('is made by one of two that migrate at once; the other waits, and both end well', async () => {
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
  }, 90_000);

  it('that is missing ends a server, which says what to do', async () => {
    const server = await installation.start({ untilReady: false });

    expect(await server.exited).toEqual({ code: 1, signal: null });
    const failed = server.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'server.failed');
    expect(failed).toMatchObject({ level: 'error', error: expect.stringContaining('node dist/cli.js migrate') });
  });

  it('that is still being made is not ready to be used: requests get 503 until it is', async () => {
    await holdUp();
    const server = await installation.start({ untilReady: false }, { MIGRATE_ON_START: 'true' });
    await until(isHeldUp, 30_000, 'it to be held up');

    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
    expect(await server.api.post('/app', { name: 'Shop' })).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });

    await letGo();
    await until(() => isReady(server.url), 30_000, 'it to be ready');
    expect((await server.api.post('/app', { name: 'Shop' })).status).toBe(201);
  }, 90_000);

  it('of a later release, which has more, is good enough', async () => {
    expect(await migrate().exited).toEqual({ code: 0, signal: null });
    await installation.sql(
      "INSERT INTO schema_migration (timestamp, name) VALUES (4102444800000, 'OfTheNextRelease4102444800000')",
    );
    await installation.sql('ALTER TABLE delivery ADD COLUMN of_the_next_release INT NULL');

    const server = await installation.start();

    expect((await server.api.post('/app', { name: 'Shop' })).status).toBe(201);
    expect((await migrate().exited).code).toBe(0);
  });
});
