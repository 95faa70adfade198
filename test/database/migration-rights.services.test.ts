import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { loadConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { MIGRATION_RIGHTS } from '../../src/database/user-rights.js';
import { startMariaDb, type Service } from '../support/services.js';

const SECRETS = { jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') };

describe('the rights of the migration user', () => {
  let server: Service;
  let root: mysql.Connection;
  beforeAll(async () => {
    server = await startMariaDb();
    root = await mysql.createConnection({ uri: server.url });
  });
  afterAll(async () => {
    root?.destroy();
    await server?.stop();
  });

  /** Runs all migrations forward, back and forward again, in a new database. */
  const migrateAs = async (name: string, rights: readonly string[]) => {
    await root.query(`CREATE DATABASE ${name}`);
    await root.query(`CREATE USER '${name}'@'%' IDENTIFIED BY 'pw'`);
    await root.query(`GRANT ${rights.join(', ')} ON ${name}.* TO '${name}'@'%'`);
    const url = Object.assign(new URL(`/${name}`, server.url), { username: name, password: 'pw' });
    const dataSource = await createDataSource(loadConfig({ DATABASE_URL: url.href }, () => SECRETS)).initialize();
    try {
      const applied = await dataSource.runMigrations();
      for (const _ of applied) await dataSource.undoLastMigration();
      await dataSource.runMigrations();
      return applied.length;
    } finally {
      await dataSource.destroy();
    }
  };

  it('are enough for all migrations, forward and back', async () => {
    expect(await migrateAs('enough', MIGRATION_RIGHTS)).toBeGreaterThanOrEqual(7);
  });

  it.each(MIGRATION_RIGHTS)('are no more than that: without %s they fail', async (left) => {
    const rest = MIGRATION_RIGHTS.filter((right) => right !== left);

    await expect(migrateAs(`without_${left.toLowerCase()}`, rest)).rejects.toThrow(/denied/);
  });
});
