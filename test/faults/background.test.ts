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
import { backgroundTasksContract } from './background.contract.js';
import { deadLettersContract } from './dead-letters.contract.js';
import type { OpenStore } from './engine-fixture.js';

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
  describe('background tasks', () => backgroundTasksContract(open));
  describe('dead letters', () => deadLettersContract(open));
});
