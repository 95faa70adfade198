import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { belongings, type Belongings } from '../support/belongings.js';
import { anApplication, anEndpoint, randomOrgId } from '../support/factories.js';
import { called, keyOf, operations, OPERATIONS, routesOf, type For, type KnownOperation } from '../support/operations.js';
import { claimsFor, signToken } from '../support/tokens.js';

/** `yes`: it is neither refused nor not found. `own`: not found, unless the path names nothing that belongs to somebody. */
type Verdict = 'yes' | 'own' | 401 | 403 | 404;

const CALLERS = [
  'organization',
  'own app',
  'other app',
  'other organization',
  'read-only app',
  'operator',
  'expired',
  'none',
] as const;
type Caller = (typeof CALLERS)[number];

/** What each caller is told, in the order of CALLERS. */
const VERDICTS: Record<For, Verdict[]> = {
  everybody: ['yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes'],
  organization: ['yes', 403, 403, 'own', 403, 403, 401, 401],
  operator: [403, 403, 403, 403, 403, 'yes', 401, 401],
  'organization or operator': ['yes', 403, 403, 'own', 403, 'yes', 401, 401],
  ViewBase: ['yes', 'yes', 404, 404, 'yes', 403, 401, 401],
  ViewEndpointSecret: ['yes', 'yes', 404, 404, 403, 403, 401, 401],
  ManageEndpointSecret: ['yes', 'yes', 404, 404, 403, 403, 401, 401],
  ManageEndpoint: ['yes', 'yes', 404, 404, 403, 403, 401, 401],
  CreateAttempts: ['yes', 'yes', 404, 404, 403, 403, 401, 401],
  'any token': ['yes', 'yes', 'yes', 'own', 'yes', 403, 401, 401],
  'every token': ['yes', 'yes', 'yes', 'yes', 'yes', 'yes', 401, 401],
};

let app: TestApp;
let own: Belongings;
let otherAppId: string;

beforeAll(async () => {
  app = await startApp();
  own = await belongings(app, app.token);
  otherAppId = (await anApplication(app)).id;
});
afterAll(() => app.stop());

describe('the routes', () => {
  it('are those of the table', () => {
    expect(routesOf(app).map(keyOf).sort()).toEqual(Object.keys(OPERATIONS).sort());
  });

  it('all say who may call them', () => {
    expect(routesOf(app).filter((route) => route.permission === undefined)).toEqual([]);
  });
});

describe('who may call', () => {
  it.each(operations().map((operation) => [operation.key, operation] as const))('%s', async (_key, operation) => {
    const tokens = await someTokens();
    const told: Partial<Record<Caller, Verdict | number>> = {};
    for (const caller of CALLERS) {
      const { status } = await called(app, operation, await idsFor(operation), tokens[caller]);
      told[caller] = [401, 403, 404].includes(status) ? status : 'yes';
    }

    const expected = VERDICTS[operation.for].map((verdict) => {
      if (verdict === 'own') return toStranger(operation);
      return verdict === 'yes' && operation.nothingThere ? 404 : verdict;
    });
    expect(told).toEqual(Object.fromEntries(CALLERS.map((caller, index) => [caller, expected[index]])));
  });
});

/** New ones for each operation: one of them ends its token. */
async function someTokens(): Promise<Record<Caller, string | undefined>> {
  const portal = async (appId: string, options = {}): Promise<string> =>
    (await app.api.post(`/auth/app-portal-access/${appId}`, options)).body.token;
  const expired = { ...claimsFor({ sub: app.orgId }), exp: Math.floor(Date.now() / 1000) - 61 };
  return {
    organization: app.tokenFor(app.orgId),
    'own app': await portal(own.app_id),
    'other app': await portal(otherAppId),
    'other organization': app.tokenFor(randomOrgId()),
    'read-only app': await portal(own.app_id, { readOnly: true }),
    operator: app.operatorToken(),
    expired: signToken(app.env['JWT_SECRET']!, expired),
    none: undefined,
  };
}

/** What deletes a thing gets one of its own. */
async function idsFor({ method, path }: KnownOperation): Promise<Record<string, string>> {
  if (method !== 'DELETE') return own;
  if (path.endsWith('/{app_id}')) return { app_id: (await anApplication(app)).id };
  if (path.endsWith('webhook/endpoint/{endpoint_id}'))
    return { operational_id: (await app.api.post('/operational-webhook/endpoint', { url: 'http://127.0.0.1:9/' })).body.id };
  if (!path.endsWith('/endpoint/{endpoint_id}')) return own;
  return { ...own, endpoint_id: (await anEndpoint(app, own.app_id, { disabled: true })).id };
}

/** To an operation on what belongs to another organisation. A PUT makes one of the caller's own. */
function toStranger({ path, elsewhere }: KnownOperation): Verdict {
  return path.includes('{') && elsewhere === undefined ? 404 : 'yes';
}
