// Build machines name a folder for reports that they can show.
const { TEST_REPORTS: reports } = process.env;
const forMachines = reports && {
  reporters: ['default', ['<rootDir>/test/support/junit-reporter.mjs', { file: `${reports}/junit.xml` }]],
  collectCoverage: true,
  collectCoverageFrom: ['src/**/*.ts'],
  coverageDirectory: reports,
  coverageReporters: ['clover', 'text-summary'],
};

/** What `npm test` runs: everything that needs no server. @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.(services|versions)\\.test\\.ts$', '/test/rehearsal/', '/test/browser/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  // Sources import './x.js' (nodenext style) while the file on disk is './x.ts'.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  coverageProvider: 'v8',
  // Above the longest wait of a test (test/support/until.ts): that says what did not come.
  testTimeout: 300_000,
  // Two for each core of a small machine: most files wait more than they compute, for schedules, time limits and servers that were stopped.
  maxWorkers: 4,
  // Modules of a file that has ended are not all freed. A worker with a large heap spends much of its time on collecting garbage, so another takes its place.
  workerIdleMemoryLimit: '500MB',
  // Half a second is too short for a process without CPU to end in; one that something holds open is still told of.
  workerGracefulExitTimeout: 30_000,
  ...forMachines,
};
