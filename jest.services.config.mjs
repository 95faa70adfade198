import withoutServers from './jest.config.mjs';

/** What `npm run test:services` runs, on real servers (test/services/run.mjs starts them). @type {import('jest').Config} */
export default {
  ...withoutServers,
  testMatch: ['<rootDir>/test/**/*.e2e.test.ts', '<rootDir>/test/**/*.services.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
