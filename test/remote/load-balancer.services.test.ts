import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBalancer, type Balancer } from '../faults/balancer.js';
import { anInstallation, type Installation } from '../faults/installation.js';
import { startChild } from '../support/child.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', `${PROJECT}/node_modules/jest/bin/jest.js`];
/** Files of npm run test:remote that send, receive, and rely on what the processes share. */
const FILES = ['batch', 'fan-out', 'idempotency'];

let installation: Installation;
let balancer: Balancer;

beforeAll(async () => {
  installation = await anInstallation({ JWT_SECRET: 'the first of a list signs, and all of them verify' });
  const [one, other] = await Promise.all([installation.start(), installation.start()]);
  balancer = await startBalancer([one.url, other.url]);
});
afterAll(async () => {
  await balancer?.stop();
  await installation?.remove();
});

describe('two processes behind a load balancer', () => {
  it('pass the tests that need only an address', async () => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      TEST_BASE_URL: balancer.url,
      TEST_JWT_SECRET: installation.env['JWT_SECRET']!,
      TEST_RECEIVER_HOST: '127.0.0.1',
    };
    const pattern = `/(${FILES.join('|')})\\.e2e`;
    const run = startChild(
      process.execPath,
      [...JEST, '--rootDir', PROJECT, '--config', `${PROJECT}/jest.remote.config.mjs`, pattern],
      env,
    );
    const { code } = await run.exited;

    expect({ code, output: code === 0 ? [] : run.lines }).toEqual({ code: 0, output: [] });
    expect(run.lines).toContainEqual(expect.stringContaining(`Test Suites: ${FILES.length} passed`));
    expect([...balancer.answered.values()].every((answers) => answers > 0)).toBe(true);
  });

  it('have no application left afterwards', async () => {
    const left = await installation.sql<{ org_id: string }>('SELECT org_id FROM application WHERE deleted = 0');
    expect(left).toEqual([]);
  });
});
