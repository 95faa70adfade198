import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anInstallation, type Installation, type Server } from '../faults/installation.js';
import { apiAt } from '../support/api.js';
import { claimsFor, signToken } from '../support/tokens.js';
import { until } from '../support/until.js';

const WRITE_MS = 5_000;

describe('the running tasks of an installation of two processes', () => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await anInstallation({ LOG_LEVEL: 'warn' });
  });
  afterEach(() => installation?.remove());

  const tasks = async ({ url }: Server): Promise<any[]> => {
    const token = await signToken(installation.env['JWT_SECRET']!, { ...claimsFor({ sub: 'operator' }), operator: true });
    return (await apiAt(`${url}/api/v1`, token).get('/admin/task')).body.data;
  };
  const untilListed = (server: Server, count: number) =>
    until(async () => (await tasks(server)).length === count, WRITE_MS, `${count} tasks`);

  it('are both listed, each with its roles', async () => {
    const [api] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'worker' })]);
    await untilListed(api, 2);
    const listed = await tasks(api);
    expect(listed.map(({ roles }) => roles.join()).toSorted()).toEqual(['api', 'worker']);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(2);
  });

  it('loses the row of a process that stops', async () => {
    const [api, worker] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'worker' })]);
    await untilListed(api, 2);
    await worker.stop(undefined, 'SIGINT');
    expect((await tasks(api)).map(({ roles }) => roles)).toEqual([['api']]);
  });

  it('keeps the row of a process that died', async () => {
    const [api, worker] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'worker' })]);
    await untilListed(api, 2);
    await worker.kill();
    expect(await tasks(api)).toHaveLength(2);
  });
});
