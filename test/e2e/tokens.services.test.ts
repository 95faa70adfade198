import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anInstallation, type Installation, type Server } from '../faults/installation.js';
import { apiAt } from '../support/api.js';
import { anApplication } from '../support/factories.js';
import { until } from '../support/until.js';

const get = async (server: Server, token: string, appId: string) =>
  (await apiAt(`${server.url}/api/v1`, token).get(`/app/${appId}`)).status;

describe('a token that one process revoked', () => {
  let installation: Installation;

  beforeEach(() => {
    installation = undefined as never;
  });
  afterEach(() => installation?.remove());

  async function revokedAtOther(env: Record<string, string>): Promise<{ other: Server; token: string; appId: string }> {
    installation = await anInstallation({ LOG_LEVEL: 'warn', ...env });
    const [one, other] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'api' })]);
    const { id: appId } = await anApplication(one);
    const { token } = (await one.api.post(`/auth/app-portal-access/${appId}`, {})).body;
    expect(await get(other, token, appId)).toBe(200);
    expect((await apiAt(`${one.url}/api/v1`, token).post('/auth/logout')).status).toBe(204);
    return { other, token, appId };
  }

  it('is dead in another within a second when they share a cache', async () => {
    const { other, token, appId } = await revokedAtOther({});
    await until(async () => (await get(other, token, appId)) === 401, 1_000, 'the other process to refuse the token');
  });

  it('is dead in another within five seconds when there is nothing but the database', async () => {
    const { other, token, appId } = await revokedAtOther({ REDIS_URL: '' });
    await until(async () => (await get(other, token, appId)) === 401, 5_000, 'the other process to refuse the token');
  });

  it('stays dead after a restart', async () => {
    const { token, appId } = await revokedAtOther({});
    const fresh = await installation.start({ role: 'api' });
    expect(await get(fresh, token, appId)).toBe(401);
  });
});
