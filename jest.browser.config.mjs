import base from './jest.config.mjs';

/** What `npm run test:browser` runs: journeys through the built pages in Chromium. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each has a service and a browser of its own.
  maxWorkers: 2,
};
