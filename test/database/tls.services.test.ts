import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import type { AppConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { loadMigrationConfig } from '../../src/config/migration-config.js';
import { ensureUsers } from '../../src/database/users.js';
import { createLog } from '../../src/observability/log.js';
import { anApplication, anEndpoint, aMessage } from '../support/factories.js';
import { startApp } from '../support/app.js';
import { startReceiver } from '../support/receiver.js';
import { startMariaDb } from '../support/services.js';

type Server = Awaited<ReturnType<typeof startMariaDb>>;

/** A key with a self-signed certificate for 127.0.0.1. */
function selfSigned(folder: string): { key: string; cert: string } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const options = [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=127.0.0.1',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  ];
  execFileSync('openssl', ['req', '-x509', ...options, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key, cert };
}

describe('a database that requires TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-tls-'));
  let server: Server;
  let withoutTls: string;
  let certificate: string;

  beforeAll(async () => {
    const { key, cert } = selfSigned(folder);
    certificate = cert;
    server = await startMariaDb([`--ssl-key=${key}`, `--ssl-cert=${cert}`]);
    const root = await mysql.createConnection({ uri: server.url });
    await root.query('CREATE DATABASE posthorn');
    await root.query("CREATE USER 'tls'@'127.0.0.1' IDENTIFIED BY 'pw' REQUIRE SSL");
    await root.query("GRANT ALL ON posthorn.* TO 'tls'@'127.0.0.1'");
    await root.end();
    withoutTls = server.url.replace('root@', 'tls:pw@').replace(/\/$/, '/posthorn');
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('accepts all connections if the URL asks for TLS', async () => {
    const ssl = encodeURIComponent(JSON.stringify({ rejectUnauthorized: false }));
    const app = await startApp({ DATABASE_URL: `${withoutTls}?ssl=${ssl}`, MIGRATE_ON_START: 'true' });
    const receiver = await startReceiver();
    const { id: appId } = await anApplication(app);
    await anEndpoint(app, appId, { url: receiver.url });
    await aMessage(app, appId);

    expect(await receiver.got(1)).toHaveLength(1);
    await app.stop();
    await receiver.stop();
  });

  describe('and users that migrate makes', () => {
    const ssl = `?ssl=${encodeURIComponent(JSON.stringify({ rejectUnauthorized: false }))}`;
    const urlOf = (user: string) => `${server.url.replace('root@', `${user}@`).replace(/\/$/, '/posthorn')}`;
    const ensure = (tls: string) =>
      ensureUsers(
        loadMigrationConfig({
          DATABASE_URL: urlOf('data:pw') + tls,
          DATABASE_MIGRATION_URL: urlOf('migration:pw') + tls,
          DATABASE_ADMIN_URL: urlOf('root') + tls,
        }).users!,
        createLog('silent'),
      );
    const canConnect = async (url: string) =>
      mysql.createConnection({ uri: url }).then(
        (connection) => (connection.destroy(), true),
        () => false,
      );

    it('requires it of them once the admin uses it, and then only with it can they be checked', async () => {
      await ensure('');
      expect(await canConnect(urlOf('data:pw'))).toBe(true);

      await ensure(ssl);

      expect([await canConnect(urlOf('data:pw')), await canConnect(urlOf('data:pw') + ssl)]).toEqual([false, true]);
      await ensure(ssl);
      await ensure(`?ssl=${encodeURIComponent(JSON.stringify({ caFile: certificate }))}`);
      await expect(ensure('')).rejects.toThrow('has to use TLS, but DATABASE_ADMIN_URL has no ?ssl');
    });
  });

  it('is trusted by both pools if the URL names the file of its certificate', async () => {
    const ssl = encodeURIComponent(JSON.stringify({ caFile: certificate }));
    const app = await startApp({ DATABASE_URL: `${withoutTls}?ssl=${ssl}`, MIGRATE_ON_START: 'true' });
    const { id: appId } = await anApplication(app);

    expect((await aMessage(app, appId)).id).toMatch(/^msg_/);
    await app.stop();
  });

  it.each([
    ['API', (config: AppConfig) => createDataSource(config).initialize()],
    ['engine', (config: AppConfig) => new MysqlEnginePool(config).query('SELECT 1', [])],
  ])('is not trusted with the certificates of RDS, by the pool of the %s', async (_name, connect) => {
    const config = { database: { mysqlUrl: `${withoutTls}?ssl=Amazon%20RDS`, poolSize: 4 } } as AppConfig;

    await expect(connect(config)).rejects.toThrow(/self-signed/);
  });

  it('is not trusted with a self-signed certificate', async () => {
    const ssl = encodeURIComponent(JSON.stringify({ rejectUnauthorized: true }));
    const connection = mysql.createConnection({ uri: `${withoutTls}?ssl=${ssl}` });

    await expect(connection).rejects.toThrow(/self-signed/);
  });
});
