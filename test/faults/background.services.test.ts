import { describe } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { MysqlEngineStore } from '../../src/database/engine/mysql-engine-store.js';
import { MysqlEnginePool } from '../../src/database/engine/mysql-pool.js';
import { ownParts } from '../support/parts.js';
import { backgroundTasksContract } from './background.contract.js';
import { deadLettersContract } from './dead-letters.contract.js';
import type { OpenStore } from './engine-fixture.js';

async function open(): Promise<OpenStore> {
  const parts = await ownParts();
  const secrets = { jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') };
  const config = loadConfig(parts.env, () => secrets);
  const dataSource = await createDataSource(config).initialize();
  const store = new MysqlEngineStore(new MysqlEnginePool(config));
  return {
    store,
    other: store,
    dataSource,
    async close() {
      await Promise.all([store.close(), dataSource.destroy()]);
      await parts.remove();
    },
  };
}

describe('on MySQL', () => {
  describe('background tasks', () => backgroundTasksContract(open));
  describe('dead letters', () => deadLettersContract(open));
});
