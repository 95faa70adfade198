import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { aPair, signedBy, startIdentityProvider, type IdentityProvider } from '../support/identity-provider.js';
import { claimsFor, randomOrgId } from '../support/tokens.js';

let app: TestApp;
let provider: IdentityProvider;
const pairs = [aPair('RS256'), aPair('ES256'), aPair('EdDSA')];
const more = { iss: 'https://login.example.com', aud: 'hooks' };

beforeAll(async () => {
  provider = await startIdentityProvider(...pairs);
  app = await startApp({ JWT_PUBLIC_KEYS: provider.url, JWT_ISSUER: more.iss, JWT_AUDIENCE: more.aud });
});
afterAll(async () => {
  await app?.stop();
  await provider?.stop();
});

describe('a token of an identity provider', () => {
  it.each(pairs)('is one of its organisation ($algorithm)', async (pair) => {
    const orgId = randomOrgId();
    const api = app.as(signedBy(pair, { ...claimsFor({ sub: orgId }), ...more }));
    const { id } = await anApplication({ api });
    expect((await app.as(app.tokenFor(orgId)).get(`/app/${id}`)).status).toBe(200);
    expect((await app.api.get(`/app/${id}`)).status).toBe(404);
  });

  it.each(pairs)('can be of one application, and can be logged out ($algorithm)', async (pair) => {
    const { id } = await anApplication(app);
    const api = app.as(signedBy(pair, { ...claimsFor({ sub: id, org: app.orgId }), ...more }));
    expect([(await api.get(`/app/${id}`)).status, (await api.get('/app')).status]).toEqual([200, 403]);
    expect((await api.post('/auth/logout')).status).toBe(204);
    expect((await api.get(`/app/${id}`)).status).toBe(401);
  });

  it('is for this service', async () => {
    const answer = await app.as(signedBy(pairs[0]!, { ...claimsFor({ sub: app.orgId }), ...more, aud: 'shop' })).get('/app');
    expect(answer).toMatchObject({ status: 401, body: { detail: 'Invalid token' } });
  });

  it('is never that of an operator', async () => {
    const claims = { ...claimsFor({ sub: 'operator' }), ...more, operator: true };
    expect((await app.as(signedBy(pairs[0]!, claims)).get('/app')).status).toBe(400);
  });
});
