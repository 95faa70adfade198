import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { claimsFor, signToken, SPELLINGS } from '../support/tokens.js';

let app: TestApp;
let secret: string;

beforeAll(async () => {
  app = await startApp();
  secret = app.env['JWT_SECRET']!;
});
afterAll(() => app.stop());

const now = () => Math.floor(Date.now() / 1000);

/** What the API says to a token with these claims. */
function listAs(claims: Record<string, unknown>) {
  return app.as(signToken(secret, claims)).get('/app');
}

/** The status of a GET with these Authorization headers. */
function twoHeaders(url: string, authorization: string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, (answer) => resolve(answer.resume().statusCode));
    sent.on('error', reject).setHeader('authorization', authorization).end();
  });
}

function unsigned(claims: Record<string, unknown>): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`;
}

describe('a request is refused with exactly "Invalid token"', () => {
  const refused = { status: 401, body: { code: 'authentication_failed', detail: 'Invalid token' } };

  it.each([
    ['no header', {}],
    ['no scheme', { authorization: 'abc' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['nonsense', { authorization: 'Bearer nonsense' }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('that has %s', async (_what, headers) => {
    expect(await app.root.get('/api/v1/app', headers as Record<string, string>)).toMatchObject(refused);
  });

  it('that is signed by another secret', async () => {
    expect(await app.as(signToken('another secret', claimsFor({ sub: app.orgId }))).get('/app')).toMatchObject(refused);
  });

  it('that is not signed at all', async () => {
    expect(await app.as(unsigned(claimsFor({ sub: app.orgId }))).get('/app')).toMatchObject(refused);
  });

  it('that has expired more than a minute ago', async () => {
    expect(await listAs({ ...claimsFor({ sub: app.orgId }), exp: now() - 61 })).toMatchObject(refused);
  });

  it('that is valid only in more than a minute', async () => {
    expect(await listAs({ ...claimsFor({ sub: app.orgId }), nbf: now() + 65 })).toMatchObject(refused);
  });

  it.each(['HS384', 'HS512', 'RS256', 'none', 'None', 'hs256'])('whose header says %s', async (alg) => {
    expect(await app.as(signToken(secret, claimsFor({ sub: app.orgId }), { alg })).get('/app')).toMatchObject(refused);
  });

  it.each([
    ['critical extensions', { alg: 'HS256', crit: ['exp'], exp: 1 }],
    ['a payload that is not encoded', { alg: 'HS256', crit: ['b64'], b64: false }],
    ['no algorithm', { typ: 'JWT' }],
  ])('whose header has %s', async (_what, header) => {
    expect(await app.as(signToken(secret, claimsFor({ sub: app.orgId }), header)).get('/app')).toMatchObject(refused);
  });

  it('whose header names a key of its own', async () => {
    const header = {
      alg: 'HS256',
      kid: '../../dev/null',
      jku: 'http://127.0.0.1:9/',
      x5u: 'http://127.0.0.1:9/',
      jwk: { kty: 'oct', k: 'YQ' },
    };
    expect(await app.as(signToken('a', claimsFor({ sub: app.orgId }), header)).get('/app')).toMatchObject(refused);
  });

  it('that comes with a second Authorization header', async () => {
    const answer = await twoHeaders(`${app.url}/api/v1/app`, [`Bearer ${app.token}`, 'Bearer nonsense']);
    expect(answer).toBe(401);
  });

  it('that is longer than any token', async () => {
    const long = { ...claimsFor({ sub: app.orgId }), text: 'x'.repeat(8_192) };
    expect(await listAs(long)).toMatchObject(refused);
  });

  it.each(SPELLINGS)('that is spelled %s', async (_what, spell) => {
    expect(await app.as(spell(app.token)).get('/app')).toMatchObject(refused);
  });

  it('that was issued in the future', async () => {
    expect(await listAs({ ...claimsFor({ sub: app.orgId }), iat: now() + 65 })).toMatchObject(refused);
  });
});

describe('a token', () => {
  it('tolerates clocks that differ by a minute', async () => {
    const skewed = { iat: now() + 50, nbf: now() + 50, exp: now() - 50, sub: app.orgId };
    expect((await listAs(skewed)).status).toBe(200);
  });

  it('need not expire', async () => {
    expect((await listAs({ sub: app.orgId })).status).toBe(200);
  });

  it('is accepted under a lower-case scheme', async () => {
    expect((await app.root.get('/api/v1/app', { authorization: `bearer ${app.token}` })).status).toBe(200);
  });

  it('is looked at again at each use', async () => {
    const token = app.as(signToken(secret, { sub: app.orgId, exp: now() - 58 }));
    const first = await token.get('/app');
    await new Promise((wake) => setTimeout(wake, 2_500));
    expect([first.status, (await token.get('/app')).status]).toEqual([200, 401]);
  });

  it('needs a subject', async () => {
    const answer = await listAs({ iat: now() });
    expect(answer).toMatchObject({ status: 401, body: { code: 'authentication_failed' } });
    expect(answer.body.detail).toContain('sub');
  });

  it('can not be the signing secret: the answer says what is wrong', async () => {
    const answer = await app.as(secret).get('/app');
    expect(answer).toMatchObject({ status: 401, body: { code: 'authentication_failed' } });
    expect(answer.body.detail).toMatch(/secret/);
  });

  it.each([
    ['no organisation', { sub: 'user_1' }],
    ['an application without its organisation', { sub: 'app_1' }],
    ['an organisation with a space behind it', { sub: 'org_1 ' }],
    ['an organisation beyond ASCII', { sub: 'org_ä' }],
    ['an organisation longer than 255 characters', { sub: `org_${'x'.repeat(252)}` }],
    ['no application in an organisation', { sub: 'user_1', org: 'org_1' }],
    ['an application in no organisation', { sub: 'app_1', org: 'user_1' }],
    ['an organisation that is no text', { sub: 'app_1', org: 5 }],
  ])('names %s: 400', async (_what, claims) => {
    expect(await listAs(claims)).toMatchObject({ status: 400, body: { code: 'bad_token' } });
  });

  it('may name an organisation of 255 characters', async () => {
    expect((await listAs({ sub: `org_${'x'.repeat(251)}` })).status).toBe(200);
  });
});

describe('an application token', () => {
  let own: { id: string };
  let other: { id: string };

  beforeAll(async () => {
    own = await anApplication(app, { uid: 'own-app' });
    other = await anApplication(app, { uid: 'other-app' });
  });

  const api = () => app.as(app.appTokenFor(own.id));

  it.each([
    ['list', () => api().get('/app')],
    ['create', () => api().post('/app', { name: 'a' })],
    ['replace', () => api().put(`/app/${own.id}`, { name: 'a' })],
    ['change', () => api().patch(`/app/${own.id}`, { name: 'a' })],
    ['delete', () => api().delete(`/app/${own.id}`)],
  ])('may not %s applications: 403', async (_what, request) => {
    expect(await request()).toMatchObject({ status: 403, body: { code: 'insufficient access' } });
  });

  it.each(['id', 'uid'])('may read its own application by %s', async (key) => {
    expect((await api().get(`/app/${key === 'id' ? own.id : 'own-app'}`)).status).toBe(200);
  });

  it.each(['id', 'uid'])('does not find another application by %s', async (key) => {
    const answer = await api().get(`/app/${key === 'id' ? other.id : 'other-app'}`);
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('of another organisation does not find the application', async () => {
    expect((await app.as(app.appTokenFor(own.id, 'org_somebody')).get(`/app/${own.id}`)).status).toBe(404);
  });
});

describe('portal access', () => {
  it('gives a token for the application', async () => {
    const { id } = await anApplication(app, { uid: 'portal' });
    const { status, body } = await app.api.post('/auth/app-portal-access/portal', {});
    expect([status, body.url]).toEqual([200, expect.stringMatching(/^https?:\/\/[^/]+\/portal#token=/)]);
    expect(body.url.split('#token=')[1]).toBe(body.token);
    expect((await app.as(body.token).get(`/app/${id}`)).status).toBe(200);
    expect((await app.as(body.token).get('/app')).status).toBe(403);
  });

  it('puts the feature flags into the token', async () => {
    const { id } = await anApplication(app);
    await app.api.post('/event-type', { name: 'portal.flagged', description: '', featureFlag: 'cool' });
    const { body } = await app.api.post(`/auth/app-portal-access/${id}`, { featureFlags: ['cool'] });
    expect((await app.as(body.token).get('/event-type/portal.flagged')).status).toBe(200);
  });

  it('works through the client library', async () => {
    const { id } = await anApplication(app);
    const { token, url } = await app.svix().authentication.appPortalAccess(id, {});
    expect((await app.svix(token).application.get(id)).id).toBe(id);
    expect(new URL(url).hash).toBe(`#token=${token}`);
  });

  it('needs a body', async () => {
    const { id } = await anApplication(app);
    expect((await app.api.post(`/auth/app-portal-access/${id}`)).status).toBe(422);
  });

  it('under its old name needs none', async () => {
    const { id } = await anApplication(app);
    const { status, body } = await app.api.post(`/auth/dashboard-access/${id}`);
    expect([status, (await app.as(body.token).get(`/app/${id}`)).status]).toEqual([200, 200]);
    expect(new URL(body.url)).toMatchObject({ pathname: '/portal', hash: `#token=${body.token}` });
  });

  it('to an application that does not exist is a 404', async () => {
    expect((await app.api.post('/auth/app-portal-access/nobody', {})).status).toBe(404);
  });

  it('creates the application that it is given', async () => {
    const application = { name: 'New', uid: 'portal-new' };
    expect((await app.api.post('/auth/app-portal-access/portal-new', { application })).status).toBe(200);
    expect((await app.api.get('/app/portal-new')).body).toMatchObject(application);
  });

  it('leaves an application that exists as it is', async () => {
    await anApplication(app, { name: 'Old', uid: 'portal-old' });
    const application = { name: 'New', uid: 'something-else' };
    expect((await app.api.post('/auth/app-portal-access/portal-old', { application })).status).toBe(200);
    expect((await app.api.get('/app/portal-old')).body.name).toBe('Old');
  });

  it.each([
    ['application_uid_missing', { name: 'a' }],
    ['application_uid_mismatch', { name: 'a', uid: 'another' }],
  ])('does not create one on %s', async (type, application) => {
    const answer = await app.api.post('/auth/app-portal-access/portal-mismatch', { application });
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'application', 'uid'], type }] } });
  });

  it('is not for application tokens', async () => {
    const { id } = await anApplication(app);
    expect((await app.as(app.appTokenFor(id)).post(`/auth/app-portal-access/${id}`, {})).status).toBe(403);
  });
});

describe('what is wrong with a request is told', () => {
  it('of its query before its token', async () => {
    expect((await app.root.get('/api/v1/app?limit=many')).status).toBe(400);
    expect((await app.root.get('/api/v1/app?limit=251')).status).toBe(422);
    expect((await app.root.get('/api/v1/app?limit=250')).status).toBe(401);
  });

  it('of its token before its body', async () => {
    expect((await app.root.post('/api/v1/app', { name: 5 })).status).toBe(401);
    const { id } = await anApplication(app);
    expect((await app.as(app.appTokenFor(id)).post('/app', { name: 5 })).status).toBe(403);
  });

  it('of the application in its path before its body', async () => {
    expect((await app.api.post('/app/nobody/endpoint', { url: 5 })).status).toBe(404);
  });

  it('of the body of a message before the application in its path', async () => {
    expect((await app.api.post('/app/nobody/msg', {})).status).toBe(422);
  });
});
