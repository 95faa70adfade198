import mysql from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { loadConfig, type AppConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { migrate } from '../../src/database/migrate.js';
import { createLog } from '../../src/observability/log.js';
import { startMariaDb } from '../support/services.js';

/** A MariaDB server with our tables for one test file, so that no other test changes its counters. */
export interface OwnServer {
  config: AppConfig;
  dataSource: DataSource;
  /** A connection to fill tables and to read counters. */
  status: mysql.Connection;
  stop(): Promise<void>;
}

export async function startOwnServer(): Promise<OwnServer> {
  const database = await startMariaDb();
  const status = await mysql.createConnection({ uri: database.url });
  await status.query('CREATE DATABASE posthorn');
  await status.changeUser({ database: 'posthorn' });
  const secrets = { jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') };
  const config = loadConfig({ DATABASE_URL: new URL('/posthorn', database.url).href }, () => secrets);
  const dataSource = await createDataSource(config).initialize();
  await migrate(dataSource, createLog('silent'));
  return {
    config,
    dataSource,
    status,
    async stop() {
      status.destroy();
      await dataSource.destroy();
      await database.stop();
    },
  };
}
