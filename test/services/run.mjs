// npm run test:services: the end-to-end suite and everything that wants real servers, on MariaDB, Redis and an SQS emulator.
// --short: some of what wants real servers, without the client of Rust, which takes minutes to compile; npm run test:compose runs end-to-end
// files on servers of the same kinds. Other arguments are passed on to Jest: npm run test:services -- test/e2e/message.e2e.test.ts
import { jestOnServers } from './jest-on-servers.mjs';

/** What breaks first when a statement, a lock or a recovery changes. */
const SHORT = [
  'claims',
  'clients',
  'crash',
  'database-away',
  'endpoint-lists',
  'error-classes',
  'full-disk',
  'largest',
  'lone-rows',
  'migration',
  'migration-rights',
  'new-connections',
  'plans',
  'recovery-database',
  'recovery-queue',
  'recovery-redis',
  'redis',
  'redis-cache',
  'two-processes',
  'unwritable',
  'user-session',
  'users',
];

const isShort = process.argv.includes('--short');
const args = process.argv.slice(2).filter((arg) => arg !== '--short');
const files = isShort ? [`--testPathPatterns=/(${SHORT.join('|')})\\.services\\.test\\.ts$`] : [];

process.exitCode = await jestOnServers(
  ['--config', 'jest.services.config.mjs', ...files, ...args],
  isShort ? { TEST_CLIENTS: 'python,go' } : {},
);
