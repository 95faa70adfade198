import { describe } from '@jest/globals';
import { plansContract } from './plans/contract.js';
import { sqliteRecorder } from './plans/recorder.js';

const SMALL = ['shared_work', 'write_probe', 'running_task', 'sealing_mode', 'data_key', 'schema_migration'];

describe('the plans of SQLite', () => {
  plansContract(async () => sqliteRecorder(SMALL), []);
});
