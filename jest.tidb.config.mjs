import onServers from './jest.services.config.mjs';

/** Files that can't run on TiDB, and why. */
const CAN_NOT = {
  'test/faults/migration.services.test.ts':
    'holds migrations up with LOCK TABLES, which locks nothing on TiDB; the e2e files run all migrations',
  'test/faults/poller-order.services.test.ts':
    "looks for MariaDB's waiting statement in the list of processes; on TiDB a poll reads the open transactions again and again",
};

/** What `npm run test:tidb` runs (test/services/tidb.mjs starts the servers). @type {import('jest').Config} */
export default {
  ...onServers,
  testMatch: ['<rootDir>/test/e2e/**/*.e2e.test.ts', '<rootDir>/test/faults/**/*.services.test.ts'],
  testPathIgnorePatterns: [...onServers.testPathIgnorePatterns, ...Object.keys(CAN_NOT)],
};
