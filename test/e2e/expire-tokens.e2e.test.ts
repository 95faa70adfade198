import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { startChild } from '../support/child.js';
import { anApplication } from '../support/factories.js';
import { programOf } from '../support/process.js';
import { claimsFor, randomOrgId, signToken } from '../support/tokens.js';
import { until } from '../support/until.js';

const SECONDS = 10_000;

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** Commands as operators run them: processes of their own, beside the service. */
async function run(...args: string[]): Promise<{ code: number | null; text: string }> {
  const { DATA_DIR, DATABASE_URL = '', JWT_SECRET } = app.env;
  const child = startChild(process.execPath, [programOf('this build', 'cli.js'), ...args], {
    PATH: process.env['PATH']!,
    DATA_DIR: DATA_DIR!,
    DATABASE_URL,
    ...(args[0] === 'token' && { JWT_SECRET: JWT_SECRET! }),
  });
  const { code } = await child.exited;
  return { code, text: child.lines.join('\n') };
}

const statusOf = async (token: string, path = '/app') => (await app.as(token).get(path)).status;
const dies = (token: string, path?: string) =>
  until(async () => (await statusOf(token, path)) === 401, SECONDS, 'the token to be refused');

describe('expire-tokens', () => {
  it('ends the tokens of an organisation, its applications and its keys, and no others', async () => {
    const orgId = randomOrgId();
    const token = app.tokenFor(orgId);
    const api = app.as(token);
    const { id } = await anApplication({ api });
    const portal = (await api.post(`/auth/app-portal-access/${id}`, {})).body.token;
    const key = (await api.post('/auth/api-token', { name: 'key' })).body;
    expect([await statusOf(portal, `/app/${id}`), await statusOf(key.token)]).toEqual([200, 200]);
    const stranger = app.tokenFor(randomOrgId());

    const { code, text } = await run('expire-tokens', orgId);

    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain(`${orgId} and its applications`);
    expect(text).toContain('1 API key ');
    await Promise.all([dies(token), dies(portal, `/app/${id}`), dies(key.token)]);
    expect([await statusOf(stranger), await statusOf(app.token)]).toEqual([200, 200]);
    await until(async () => (await statusOf(app.tokenFor(orgId))) === 200, SECONDS, 'a new token to be valid');
    const shown = await app.as((await run('token', orgId)).text).get(`/auth/api-token/${key.id}`);
    expect(shown.body.expiresAt).not.toBeNull();
  });

  it('has an entry in the audit log', async () => {
    const orgId = randomOrgId();
    expect((await run('expire-tokens', orgId, '--keep-api-keys')).code).toBe(0);
    const api = app.as((await run('token', orgId)).text);
    expect((await api.get('/audit-log')).body.data).toMatchObject([
      { operation: 'command.expire-tokens', actor: 'command', objects: { apiKeys: 'kept' } },
    ]);
  });

  it('can leave the API keys alive', async () => {
    const orgId = randomOrgId();
    const token = app.tokenFor(orgId);
    const key = (await app.as(token).post('/auth/api-token', { name: 'key' })).body.token;
    expect((await run('expire-tokens', orgId, '--keep-api-keys')).code).toBe(0);
    await dies(token);
    expect(await statusOf(key)).toBe(200);
  });

  it('leaves what was issued after the time alive', async () => {
    const orgId = randomOrgId();
    const issuedAgo = (seconds: number) => {
      const claims = claimsFor({ sub: orgId });
      return signToken(app.env['JWT_SECRET']!, { ...claims, iat: (claims['iat'] as number) - seconds });
    };
    const [old, young] = [issuedAgo(3_600), issuedAgo(60)];
    expect((await run('expire-tokens', orgId, '--before', new Date(Date.now() - 600_000).toISOString())).code).toBe(0);
    await dies(old);
    expect(await statusOf(young)).toBe(200);
  });

  it('ends a token that does not say when it was issued', async () => {
    const orgId = randomOrgId();
    const token = signToken(app.env['JWT_SECRET']!, { sub: orgId });
    expect(await statusOf(token)).toBe(200);
    await run('expire-tokens', orgId);
    await dies(token);
  });

  it('ends the tokens of operators', async () => {
    const logout = async (token: string) => (await app.as(token).get('/app')).status;
    const token = app.operatorToken();
    expect(await logout(token)).toBe(403);
    expect((await run('expire-tokens', '--operator')).code).toBe(0);
    await until(async () => (await logout(token)) === 401, SECONDS, 'the token to be refused');
    expect(await logout((await run('token', '--operator')).text)).toBe(403);
  });

  it.each([
    [[]],
    [['nobody']],
    [['operator']],
    [['org_1', 'org_2']],
    [['org_1', '--operator']],
    [['org_1', '--before', 'yesterday']],
    [['org_1', '--before', '2999-01-01T00:00:00Z']],
    [['org_1', '--unknown']],
  ])('refuses %j', async (args) => {
    expect((await run('expire-tokens', ...args)).code).toBe(2);
  });
});

describe('token', () => {
  const lifeOf = (token: string) => {
    const { exp, iat } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    return (exp - iat) / 86_400;
  };

  it('is valid for a year, or for as many days as are asked for', async () => {
    expect(lifeOf((await run('token')).text)).toBe(365);
    expect(lifeOf((await run('token', 'org_days', '--days', '30')).text)).toBe(30);
    expect(lifeOf((await run('token', '--operator', '--days', '1')).text)).toBe(1);
  });

  it('prints how it is used, with --help', async () => {
    const { code, text } = await run('token', '--help');
    expect([code, text]).toEqual([0, expect.stringMatching(/^Usage: .*--days/s)]);
  });

  it.each([[['nobody']], [['org_1', '--days', '0']], [['org_1', '--days', '3651']], [['org_1', '--days', 'many']]])(
    'refuses %j',
    async (args) => {
      expect((await run('token', ...args)).code).toBe(2);
    },
  );
});
