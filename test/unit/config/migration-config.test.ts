import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/config.js';
import { loadMigrationConfig } from '../../../src/config/migration-config.js';

const DATA = 'mysql://posthorn:pw@db:3306/posthorn';
const MIGRATION = 'mysql://posthorn_migration:pw2@direct:3306/posthorn';
const ADMIN = 'mysql://admin:pw3@direct:3306';
const ALL = { DATABASE_URL: DATA, DATABASE_MIGRATION_URL: MIGRATION, DATABASE_ADMIN_URL: ADMIN };

describe('the configuration of migrate', () => {
  it.each([
    ['is DATABASE_URL alone, as before there were two users', { DATABASE_URL: DATA }, DATA],
    ['migrates with DATABASE_MIGRATION_URL', { DATABASE_URL: DATA, DATABASE_MIGRATION_URL: MIGRATION }, MIGRATION],
    ['is nothing on the embedded database', {}, null],
    ['takes an empty variable as not set', { DATABASE_URL: DATA, DATABASE_MIGRATION_URL: '', DATABASE_ADMIN_URL: '' }, DATA],
  ])('%s', (_what, environment, mysqlUrl) => {
    expect(loadMigrationConfig(environment)).toEqual({ mysqlUrl, users: null });
  });

  it('names the two users to make with DATABASE_ADMIN_URL, as the driver reads them', () => {
    const odd = {
      ...ALL,
      DATABASE_URL: 'mysql://post%40horn:p%2Fw%27@db/post%20horn',
      DATABASE_MIGRATION_URL: 'mysql://m:x@db/post%20horn',
    };

    expect(loadMigrationConfig(odd)).toEqual({
      mysqlUrl: odd.DATABASE_MIGRATION_URL,
      users: {
        adminUrl: ADMIN,
        database: 'post horn',
        data: { variable: 'DATABASE_URL', name: 'post@horn', password: "p/w'" },
        migration: { variable: 'DATABASE_MIGRATION_URL', name: 'm', password: 'x' },
      },
    });
  });

  it.each([
    ['an admin without a migration user', { DATABASE_MIGRATION_URL: '' }, 'DATABASE_MIGRATION_URL is missing'],
    ['a migration user without a data user', { DATABASE_URL: '', DATABASE_ADMIN_URL: '' }, 'DATABASE_URL is missing'],
    ['another database', { DATABASE_MIGRATION_URL: 'mysql://m:pw@db/other' }, 'names another database'],
    ['no database', { DATABASE_URL: 'mysql://d:pw@db', DATABASE_MIGRATION_URL: 'mysql://m:pw@db' }, 'names no database'],
    [
      'the admin as data user',
      { DATABASE_URL: 'mysql://admin:pw@db/posthorn' },
      'DATABASE_URL names the user of DATABASE_ADMIN_URL',
    ],
    [
      'the admin as migration user',
      { DATABASE_MIGRATION_URL: 'mysql://admin:pw@db/posthorn' },
      'DATABASE_MIGRATION_URL names the user of DATABASE_ADMIN_URL',
    ],
    ['one user for both', { DATABASE_MIGRATION_URL: DATA }, 'names the user of DATABASE_URL'],
    ['no password', { DATABASE_URL: 'mysql://posthorn@db/posthorn' }, 'no user or no password'],
    ['no admin', { DATABASE_ADMIN_URL: 'mysql://db:3306' }, 'DATABASE_ADMIN_URL has no user'],
    ['TLS for the admin only', { DATABASE_ADMIN_URL: `${ADMIN}?ssl=Amazon%20RDS` }, 'DATABASE_URL has no ?ssl='],
    ['a stray %', { DATABASE_ADMIN_URL: 'mysql://admin:50%@db' }, 'DATABASE_ADMIN_URL has a %'],
    ['another protocol', { DATABASE_ADMIN_URL: 'postgres://admin:geheim@db' }, 'DATABASE_ADMIN_URL must be a URL'],
  ])('refuses %s, and shows no password', (_what, changes, words) => {
    const load = () => loadMigrationConfig({ ...ALL, ...changes });

    expect(load).toThrow(words);
    expect(load).not.toThrow(/pw|geheim|50%/);
  });
});

describe('the configuration of a server', () => {
  it('neither has nor checks the two URLs of migrate', () => {
    const given = { ...ALL, DATABASE_ADMIN_URL: 'wrong', DATABASE_MIGRATION_URL: 'mysql://m:geheim@db/other' };
    const config = loadConfig(given, () => ({ jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') }));

    expect(JSON.stringify(config)).not.toMatch(/wrong|geheim/);
    expect(config.database.mysqlUrl).toBe(DATA);
  });
});
