// npm run test:services: the end-to-end suite and everything that wants real servers, on MariaDB, Redis and an SQS emulator.
// Arguments are passed on to Jest: npm run test:services -- test/e2e/message.e2e.test.ts
import { jestOnServers } from './jest-on-servers.mjs';

process.exitCode = await jestOnServers(['--config', 'jest.services.config.mjs', ...process.argv.slice(2)]);
