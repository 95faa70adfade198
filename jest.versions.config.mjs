import { readdirSync } from 'node:fs';
import withoutServers from './jest.config.mjs';
import { idOfBuildBefore } from './test/versions/build-before.ts';
import { INSIDE, MENDED } from './test/versions/left-out.mjs';

/** What the build before does in each project; this build does the other half, or everything too. */
const PROJECTS = { 'before-is-api': 'api', 'before-is-worker': 'worker', 'before-is-both': 'api,worker' };

/** The short form: files in which most passes between the two, each way round. */
const SHORT = {
  'before-is-api': ['delivery-bytes', 'resend'],
  'before-is-worker': ['delivery', 'replay'],
  'before-is-both': ['batch', 'fan-out', 'endpoint-secret'],
};

const { TEST_VERSIONS_SHORT: short } = process.env;
const {
  testMatch: _all,
  maxWorkers,
  testTimeout,
  workerGracefulExitTimeout,
  workerIdleMemoryLimit,
  ...perProject
} = withoutServers;
const base = { ...perProject, testEnvironment: '<rootDir>/test/versions/environment.mjs' };
const e2e = readdirSync(new URL('./test/e2e', import.meta.url))
  .filter((file) => file.endsWith('.e2e.test.ts'))
  .map((file) => file.replace('.e2e.test.ts', ''));

if (MENDED.buildBefore !== idOfBuildBefore() && MENDED.tests.length > 0)
  throw new Error(
    `MENDED in test/versions/left-out.mjs is true for the build before ${MENDED.buildBefore}, not for ${idOfBuildBefore()}: empty it, and name the new one.`,
  );
for (const { file, because } of [...INSIDE, ...MENDED.tests])
  if (!e2e.includes(file)) throw new Error(`test/versions/left-out.mjs names a file that is not there: ${file} (${because}).`);

/** The e2e files with the build before in these roles beside this one. */
function beside([displayName, role]) {
  const leftOut = [...INSIDE, ...MENDED.tests].filter(({ roles }) => roles.includes(role));
  const whole = leftOut.filter(({ test }) => test === undefined).map(({ file }) => file);
  const files = (short ? SHORT[displayName] : e2e).filter((file) => !whole.includes(file));
  return {
    ...base,
    displayName,
    testMatch: files.map((file) => `<rootDir>/test/e2e/${file}.e2e.test.ts`),
    testEnvironmentOptions: { role, leftOut: leftOut.filter(({ test }) => test !== undefined) },
  };
}

/** What `npm run test:versions` runs. @type {import('jest').Config} */
export default {
  maxWorkers,
  workerGracefulExitTimeout,
  workerIdleMemoryLimit,
  testTimeout,
  projects: [
    {
      ...base,
      displayName: 'side-by-side',
      testMatch: ['<rootDir>/test/versions/*.versions.test.ts'],
      testPathIgnorePatterns: ['/node_modules/'],
      testEnvironmentOptions: { role: null, leftOut: [] },
    },
    ...Object.entries(PROJECTS).map(beside),
  ],
};
