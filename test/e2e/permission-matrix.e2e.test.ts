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

/** The kinds of API keys, and what they are created with; `own` and `other` are applications. */
const KEYS = {
  'full key': { scopes: ['full'] },
  'send key': { scopes: ['send'] },
  'read key': { scopes: ['read'] },
  'full key of the app': { scopes: ['full'], app: 'own' },
  'send key of the app': { scopes: ['send'], app: 'own' },
  'read key of the app': { scopes: ['read'], app: 'own' },
  'full key of the other app': { scopes: ['full'], app: 'other' },
  'send key of the other app': { scopes: ['send'], app: 'other' },
} as const;
type KeyKind = keyof typeof KEYS;

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
let keys: Record<KeyKind, string>;

beforeAll(async () => {
  app = await startApp();
  own = await belongings(app, app.token);
  otherAppId = (await anApplication(app)).id;
  keys = await someKeys();
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

describe('which API keys may call', () => {
  it.each(operations().map((operation) => [operation.key, operation] as const))('%s', async (_key, operation) => {
    // One operation ends the key that calls it.
    const mine = operation.for === 'every token' ? await someKeys() : keys;
    const told: Record<string, Verdict | number> = {};
    const expected: Record<string, Verdict> = {};
    for (const kind of Object.keys(KEYS) as KeyKind[]) {
      const { status } = await called(app, operation, await idsFor(operation), mine[kind]);
      told[kind] = [401, 403, 404].includes(status) ? status : 'yes';
      expected[kind] = ofKey(kind, operation);
    }
    expect(told).toEqual(expected);
  });

  it('is refused by an operation that says nothing of itself, for all but the widest key', async () => {
    const refused = { ...operations()[0]!, method: 'POST', path: '/api/v1/broadcast' };
    const statuses = await Promise.all(Object.values(keys).map(async (key) => (await called(app, refused, {}, key)).status));
    expect(statuses).toEqual([404, 403, 403, 404, 403, 403, 404, 403]);
  });
});

/** What a key is told: what a token of the organisation or the application is told, as far as the scope goes. */
function ofKey(kind: KeyKind, operation: KnownOperation): Verdict {
  const { scopes, app: which } = { app: undefined, ...KEYS[kind] };
  const { method, path, for: who, sends } = operation;
  if (who === 'everybody') return operation.nothingThere ? 404 : 'yes';
  if (scopes[0] === 'send' && !sends) return 403;
  if (scopes[0] === 'read' && (method !== 'GET' || path.endsWith('/secret'))) return 403;
  if (sends) return which === 'other' ? 404 : 'yes';
  const caller = which === undefined ? 'organization' : (`${which} app` as const);
  const verdict = VERDICTS[who][CALLERS.indexOf(caller)]!;
  return verdict === 'yes' && operation.nothingThere ? 404 : verdict;
}

async function someKeys(): Promise<Record<KeyKind, string>> {
  const appIds = { own: own.app_id, other: otherAppId };
  const made = Object.entries(KEYS).map(async ([kind, { scopes, ...limit }]) => {
    const appId = 'app' in limit ? appIds[limit.app] : null;
    return [kind, (await app.api.post('/auth/api-token', { name: kind, scopes, appId })).body.token];
  });
  return Object.fromEntries(await Promise.all(made));
}

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
