// npm run test:versions: the e2e files with this build and the build before side by side on the same parts, each way round, and
// what is said of the two in words (*.versions.test.ts). "--short" first: the part of it that CI runs.
// Other arguments are passed on to Jest: npm run test:versions -- test/e2e/retry.e2e.test.ts --selectProjects before-is-worker
import { jestOnServers } from '../services/jest-on-servers.mjs';
import { buildBefore } from './build-before.ts';

const [first, ...rest] = process.argv.slice(2);
const short = first === '--short';

try {
  const env = { TEST_BUILD_BEFORE: buildBefore(), ...(short && { TEST_VERSIONS_SHORT: 'true' }) };
  const args = short ? rest : process.argv.slice(2);
  process.exitCode = await jestOnServers(['--config', 'jest.versions.config.mjs', ...args], env);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
