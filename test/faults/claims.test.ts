import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { createDataSource } from '../../src/database/data-source.js';
import { migrate } from '../../src/database/migrate.js';
import { Mutex } from '../../src/async/mutex.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { SqliteEngineStore } from '../../src/database/engine/sqlite-engine-store.js';
import { createLog } from '../../src/observability/log.js';
import { claimsContract } from './claims.contract.js';
import type { OpenStore } from './engine-fixture.js';
import { cachedEndpointsContract } from './endpoints.contract.js';
import { failureClockContract } from './failure-clock.contract.js';
import { groupsContract } from './groups.contract.js';
import { messageFeaturesContract } from './message-features.contract.js';
import { rowRemovalContract } from './row-removal.contract.js';

/** The embedded database has one process and one connection, so the other store is the same one. */
async function open(): Promise<OpenStore> {
  const folder = await mkdtemp(join(tmpdir(), 'posthorn-test-'));
  const dataSource = await createDataSource(loadConfig({ DATA_DIR: folder }, localSecrets)).initialize();
  await migrate(dataSource, createLog('silent'));
  const store = new SqliteEngineStore(dataSource, new Mutex(), new DatabaseClock());
  return {
    store,
    other: store,
    dataSource,
    async close() {
      await store.close();
      await dataSource.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('on SQLite', () => {
  describe('claims', () => claimsContract(open));
  describe('endpoints of claims', () => cachedEndpointsContract(open));
  describe('the clock of failures', () => failureClockContract(open));
  describe('a group', () => groupsContract(open));
  describe('features of few messages', () => messageFeaturesContract(open));
  describe('the removal of rows', () => rowRemovalContract(open));
});
