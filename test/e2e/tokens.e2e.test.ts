import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { claimsFor, signToken, SPELLINGS } from '../support/tokens.js';
import { until } from '../support/until.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const dead = { status: 401, body: { code: 'authentication_failed', detail: 'Invalid token' } };

async function portalToken(appId: string, options: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await app.api.post(`/auth/app-portal-access/${appId}`, options);
  expect(status).toBe(200);
  return body.token;
}

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

/** What the application says to this token. */
const statusOf = async (appId: string, token: string) => (await app.as(token).get(`/app/${appId}`)).status;

describe('logging out', () => {
  it('answers 204 without a body, and the token is dead at once', async () => {
    const { id } = await anApplication(app);
    const token = await portalToken(id);
    expect(await statusOf(id, token)).toBe(200);

    expect(await app.as(token).post('/auth/logout')).toMatchObject({ status: 204, body: null });

    expect(await app.as(token).get(`/app/${id}`)).toMatchObject(dead);
  });

  it('leaves other tokens of the application alive, also those of the same moment', async () => {
    const { id } = await anApplication(app);
    const [one, other] = await Promise.all([portalToken(id), portalToken(id)]);
    await app.as(one).post('/auth/logout');
    expect(await statusOf(id, other)).toBe(200);
  });

  it('works through the client library', async () => {
    const { id } = await anApplication(app);
    const token = await portalToken(id);
    await app.svix(token).authentication.logout();
    await expect(app.svix(token).application.get(id)).rejects.toMatchObject({ code: 401 });
  });

  it('works with a token that was signed elsewhere', async () => {
    const { id } = await anApplication(app);
    const token = app.appTokenFor(id);
    expect((await app.as(token).post('/auth/logout')).status).toBe(204);
    expect(await statusOf(id, token)).toBe(401);
  });

  it.each([
    ['that expires in the year 10000', { exp: 253_402_300_800 }],
    ['that expires after all dates', { exp: 1e300 }],
    ['without expiry', { exp: undefined }],
    ['that was issued before all dates', { iat: -1e300 }],
    ['that has no time of issue', { iat: undefined }],
  ])('ends a token %s', async (_which, claims) => {
    const { id } = await anApplication(app);
    const token = signToken(app.env['JWT_SECRET']!, { ...claimsFor({ sub: id, org: app.orgId }), ...claims });
    expect(await statusOf(id, token)).toBe(200);
    expect((await app.as(token).post('/auth/logout')).status).toBe(204);
    expect(await statusOf(id, token)).toBe(401);
  });

  it.each(SPELLINGS)('ends the token also when it is spelled %s', async (_what, spell) => {
    const { id } = await anApplication(app);
    const token = await portalToken(id);
    await app.as(token).post('/auth/logout');
    expect(await app.as(spell(token)).post(`/app/${id}/endpoint`, { url: 'http://127.0.0.1:9/' })).toMatchObject(dead);
  });

  it('ends every token with the same jti', async () => {
    const { id } = await anApplication(app);
    const claims = claimsFor({ sub: id, org: app.orgId });
    const [one, other] = [{}, { typ: 'JWT' }].map((more) => signToken(app.env['JWT_SECRET']!, claims, { alg: 'HS256', ...more }));
    await app.as(one!).post('/auth/logout');
    expect(await statusOf(id, other!)).toBe(401);
  });

  it('leaves a token of another application with the same jti alive', async () => {
    const [{ id }, { id: otherId }] = [await anApplication(app), await anApplication(app)];
    const tokenOf = (sub: string) => signToken(app.env['JWT_SECRET']!, { ...claimsFor({ sub, org: app.orgId }), jti: 'same' });
    await app.as(tokenOf(id)).post('/auth/logout');
    expect(await statusOf(otherId, tokenOf(otherId))).toBe(200);
  });

  it.each(['with', 'without'])('ends a token of the organisation %s a jti, and no other', async (which) => {
    const claims = claimsFor({ sub: app.orgId });
    const token = signToken(app.env['JWT_SECRET']!, which === 'with' ? claims : { ...claims, jti: undefined, other: 1 });
    expect((await app.as(token).post('/auth/logout')).status).toBe(204);
    expect(await app.as(token).get('/app')).toMatchObject(dead);
    expect((await app.api.get('/app')).status).toBe(200);
  });

  it('ends the token of an operator', async () => {
    const [token, other] = [app.operatorToken(), app.operatorToken()];
    expect((await app.as(token).post('/auth/logout')).status).toBe(204);
    expect((await app.as(token).post('/auth/logout')).status).toBe(401);
    expect((await app.as(other).post('/auth/logout')).status).toBe(204);
  });

  it('needs a token', async () => {
    expect(await app.root.post('/api/v1/auth/logout')).toMatchObject(dead);
  });
});

describe('expiring all tokens of an application', () => {
  it('ends them at once, and no others', async () => {
    const [{ id }, { id: otherId }] = [await anApplication(app), await anApplication(app)];
    const [token, other] = [await portalToken(id), await portalToken(otherId)];

    expect(await app.api.post(`/auth/app/${id}/expire-all`, {})).toMatchObject({ status: 204, body: null });

    expect([await statusOf(id, token), await statusOf(otherId, other)]).toEqual([401, 200]);
    expect((await app.api.get('/app')).status).toBe(200);
  });

  it('leaves those alive that are issued afterwards', async () => {
    const { id } = await anApplication(app);
    await app.svix().authentication.expireAll(id, {});
    expect(await statusOf(id, await portalToken(id))).toBe(200);
  });

  it('ends tokens that were signed elsewhere', async () => {
    const { id } = await anApplication(app);
    const token = app.appTokenFor(id);
    await app.api.post(`/auth/app/${id}/expire-all`, {});
    expect(await statusOf(id, token)).toBe(401);
  });

  it('can wait for some seconds', async () => {
    const { id } = await anApplication(app);
    const token = await portalToken(id);
    await app.api.post(`/auth/app/${id}/expire-all`, { expiry: 1 });
    expect(await statusOf(id, token)).toBe(200);
    await until(async () => (await statusOf(id, token)) === 401, 5_000, 'the token to expire');
  });

  it('is not put off by a later one that waits', async () => {
    const { id } = await anApplication(app);
    const token = await portalToken(id);
    await app.api.post(`/auth/app/${id}/expire-all`, { expiry: 0 });
    await app.api.post(`/auth/app/${id}/expire-all`, { expiry: 3600 });
    expect(await statusOf(id, token)).toBe(401);
  });

  it('takes the uid of the application too', async () => {
    const { id } = await anApplication(app, { uid: 'expire-by-uid' });
    const token = await portalToken(id);
    expect((await app.api.post('/auth/app/expire-by-uid/expire-all', {})).status).toBe(204);
    expect(await statusOf(id, token)).toBe(401);
  });

  it('of named sessions leaves the other sessions alive', async () => {
    const { id } = await anApplication(app);
    const [phone, desk, none] = [
      await portalToken(id, { sessionId: 'phone' }),
      await portalToken(id, { sessionId: 'desk' }),
      await portalToken(id),
    ];

    await app.svix().authentication.expireAll(id, { sessionIds: ['phone'] });

    expect(await Promise.all([phone, desk, none].map((token) => statusOf(id, token)))).toEqual([401, 200, 200]);
  });

  it('of a session leaves the same session of another application alive', async () => {
    const [{ id }, { id: otherId }] = [await anApplication(app), await anApplication(app)];
    const other = await portalToken(otherId, { sessionId: 'phone' });
    await app.api.post(`/auth/app/${id}/expire-all`, { sessionIds: ['phone'] });
    expect(await statusOf(otherId, other)).toBe(200);
  });

  it.each([{ expiry: -1 }, { expiry: 604_801 }, { expiry: '1' }, { sessionIds: [''] }])('refuses %j', async (body) => {
    const { id } = await anApplication(app);
    expect((await app.api.post(`/auth/app/${id}/expire-all`, body)).status).toBe(422);
  });
});

describe('the life of a portal token', () => {
  it('is seven days if nothing else is said', async () => {
    const { id } = await anApplication(app);
    const { iat, exp } = claimsOf(await portalToken(id));
    expect(exp - iat).toBe(7 * 24 * 3600);
  });

  it.each([3600, 86_400, 604_800])('can be %i seconds', async (expiry) => {
    const { id } = await anApplication(app);
    const { iat, exp } = claimsOf(await portalToken(id, { expiry }));
    expect(exp - iat).toBe(expiry);
  });

  it.each([3599, 604_801, 3600.5, '3600'])('can not be %j seconds', async (expiry) => {
    const { id } = await anApplication(app);
    const answer = await app.api.post(`/auth/app-portal-access/${id}`, { expiry });
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'expiry'] }] } });
  });
});
