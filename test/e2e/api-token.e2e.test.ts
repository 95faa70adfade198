import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { randomOrgId } from '../support/tokens.js';
import { until } from '../support/until.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const PATH = '/auth/api-token';
const dead = { status: 401, body: { code: 'authentication_failed', detail: 'Invalid token' } };
const forbidden = { status: 403, body: { code: 'insufficient access' } };
const message = { eventType: 'a.b', payload: { a: 1 } };

async function aKey(
  options: Record<string, unknown> = {},
  api = app.api,
): Promise<{ id: string; token: string; expiresAt: string }> {
  const { status, body } = await api.post(PATH, { name: 'key', ...options });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body;
}

const statusOf = async (token: string) => (await app.as(token).get('/app')).status;

describe('creating an API key', () => {
  it('shows it once, with what it was created with', async () => {
    const { status, body } = await app.api.post(PATH, { name: 'CI', scopes: ['send', 'read'], expiry: 3600 });

    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^key_[0-9A-Za-z]{27}$/),
      token: expect.stringMatching(/^phk_[A-Za-z0-9_-]{43}[0-9a-f]{6}$/),
      name: 'CI',
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
      scopes: ['send', 'read'],
      appId: null,
      createdBy: expect.any(String),
    });
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBeGreaterThan(3_590_000);
    const shown = await app.api.get(`${PATH}/${body.id}`);
    const { token, ...rest } = body;
    expect(shown.body).toEqual({ ...rest, censoredToken: `${token.slice(0, 8)}${'*'.repeat(16)}`, lastUsedAt: null });
  });

  it('may do everything, and never expires, if nothing is said', async () => {
    const { token, ...key } = await aKey();
    expect(key).toMatchObject({ scopes: ['full'], expiresAt: null });
    expect((await app.as(token).post('/app', { name: 'By key' })).status).toBe(201);
  });

  it('twice under an idempotency key is one key', async () => {
    const once = () => app.api.post(PATH, { name: 'once' }, { 'idempotency-key': 'api-key-once' });
    const [first, second] = [await once(), await once()];
    expect(second).toMatchObject({ status: 201, body: first.body });
  });

  it.each([
    [{}],
    [{ name: '' }],
    [{ name: 'x'.repeat(256) }],
    [{ name: 'a', scopes: [] }],
    [{ name: 'a', scopes: ['admin'] }],
    [{ name: 'a', expiry: 0 }],
    [{ name: 'a', appId: 'app_nobody' }],
  ])('refuses %j', async (body) => {
    expect((await app.api.post(PATH, body)).status).toBe(422);
  });

  it('is not possible with a key that expires, for one that expires later', async () => {
    const { token, expiresAt } = await aKey({ expiry: 3600 });
    const api = app.as(token);

    expect((await aKey({}, api)).expiresAt).toBe(expiresAt);
    expect(Date.parse((await aKey({ expiry: 60 }, api)).expiresAt)).toBeLessThan(Date.parse(expiresAt));
    expect(await api.post(PATH, { name: 'a', expiry: 7200 })).toMatchObject({ status: 422 });
  });

  it('names the key that created it', async () => {
    const { id, token } = await aKey();
    expect(await aKey({}, app.as(token))).toMatchObject({ createdBy: id });
  });
});

describe('the list of API keys', () => {
  it('has pages, and no secret', async () => {
    const api = app.as(app.tokenFor(randomOrgId()));
    const keys = [await aKey({ name: 'a' }, api), await aKey({ name: 'b' }, api), await aKey({ name: 'c' }, api)];

    const first = await api.get(`${PATH}?limit=2`);
    const second = await api.get(`${PATH}?limit=2&iterator=${first.body.iterator}`);

    expect([first.body.done, second.body.done]).toEqual([false, true]);
    expect([...first.body.data, ...second.body.data].map(({ id }) => id)).toEqual(keys.map(({ id }) => id));
    for (const { token } of keys) expect(JSON.stringify([first.body, second.body])).not.toContain(token);
  });

  it('shows when a key was used last, half a minute later at most', async () => {
    const { id, token } = await aKey();
    expect(await statusOf(token)).toBe(200);
    const lastUse = async () => (await app.api.get(`${PATH}/${id}`)).body.lastUsedAt;
    const at = await until(lastUse, 45_000, 'the last use to be written');
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
  }, 90_000);
});

describe('expiring an API key', () => {
  it('ends it at once', async () => {
    const { id, token } = await aKey();
    expect(await statusOf(token)).toBe(200);
    expect(await app.api.post(`${PATH}/${id}/expire`, {})).toMatchObject({ status: 204, body: null });
    expect(await app.as(token).get('/app')).toMatchObject(dead);
    expect(Date.parse((await app.api.get(`${PATH}/${id}`)).body.expiresAt)).toBeLessThanOrEqual(Date.now());
  });

  it('can wait for some seconds, also for a key that is in memory', async () => {
    const { id, token } = await aKey();
    expect(await statusOf(token)).toBe(200);
    await app.api.post(`${PATH}/${id}/expire`, { expiry: 1 });
    expect(await statusOf(token)).toBe(200);
    await until(async () => (await statusOf(token)) === 401, 5_000, 'the key to expire');
  });

  it('later does not prolong it', async () => {
    const { id, expiresAt } = await aKey({ expiry: 60 });
    await app.api.post(`${PATH}/${id}/expire`, { expiry: 3600 });
    expect((await app.api.get(`${PATH}/${id}`)).body.expiresAt).toBe(expiresAt);
  });

  it('happens by itself when its time is over', async () => {
    const { token } = await aKey({ expiry: 1 });
    await until(async () => (await statusOf(token)) === 401, 5_000, 'the key to expire');
  });

  it('can be done by the key itself', async () => {
    const { id, token } = await aKey();
    expect((await app.as(token).post('/auth/logout')).status).toBe(204);
    expect(await statusOf(token)).toBe(401);
    expect((await app.api.get(`${PATH}/${id}`)).body.expiresAt).not.toBeNull();
  });
});

describe('rotating an API key', () => {
  it('gives it a new secret, and the old one works for the overlap', async () => {
    const { id, token } = await aKey();
    const { status, body } = await app.api.post(`${PATH}/${id}/rotate`, { gracePeriodSeconds: 2 });

    expect([status, body.id, body.token === token]).toEqual([200, id, false]);
    expect([await statusOf(token), await statusOf(body.token)]).toEqual([200, 200]);
    await until(async () => (await statusOf(token)) === 401, 8_000, 'the old secret to expire');
    expect(await statusOf(body.token)).toBe(200);
  });

  it('twice ends the first secret at once', async () => {
    const { id, token } = await aKey();
    expect(await statusOf(token)).toBe(200);
    const second = (await app.api.post(`${PATH}/${id}/rotate`, {})).body.token;
    const third = (await app.api.post(`${PATH}/${id}/rotate`, {})).body.token;
    expect(await Promise.all([token, second, third].map(statusOf))).toEqual([401, 200, 200]);
  });

  it('and expiring it ends both secrets', async () => {
    const { id, token } = await aKey();
    const fresh = (await app.api.post(`${PATH}/${id}/rotate`, {})).body.token;
    expect(await Promise.all([token, fresh].map(statusOf))).toEqual([200, 200]);
    await app.api.post(`${PATH}/${id}/expire`, {});
    expect(await Promise.all([token, fresh].map(statusOf))).toEqual([401, 401]);
  });

  it('is refused for one that has expired', async () => {
    const { id } = await aKey();
    await app.api.post(`${PATH}/${id}/expire`, {});
    expect((await app.api.post(`${PATH}/${id}/rotate`, {})).status).toBe(409);
  });

  it('is refused to a key that expires before', async () => {
    const { id } = await aKey();
    const short = app.as((await aKey({ expiry: 600 })).token);
    expect(await short.post(`${PATH}/${id}/rotate`, {})).toMatchObject(forbidden);
  });
});

describe('the keys of another organisation', () => {
  it.each(['get', 'expire', 'rotate'])('are not found by %s', async (what) => {
    const { id, token } = await aKey();
    const stranger = app.as(app.tokenFor(randomOrgId()));
    const answer = what === 'get' ? await stranger.get(`${PATH}/${id}`) : await stranger.post(`${PATH}/${id}/${what}`, {});
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await statusOf(token)).toBe(200);
  });
});

describe('a text that is no API key', () => {
  it.each([
    ['a mistyped one', (key: string) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')],
    ['a shorter one', (key: string) => key.slice(0, -1)],
    ['one with padding', (key: string) => `${key}=`],
    ['one in other letters', (key: string) => key.toUpperCase()],
    ['its censored form', (key: string) => `${key.slice(0, 8)}${'*'.repeat(16)}`],
    ['the prefix alone', () => 'phk_'],
  ])('is refused: %s', async (_what, change) => {
    const { token } = await aKey();
    expect(await app.as(change(token)).get('/app')).toMatchObject(dead);
  });
});

describe('a key that may only send', () => {
  let token: string;
  beforeAll(async () => {
    ({ token } = await aKey({ scopes: ['send'] }));
  });

  it('sends messages, also many at once and with their content', async () => {
    const { id } = await anApplication(app);
    const api = app.as(token);
    expect((await api.post(`/app/${id}/msg`, message)).status).toBe(202);
    expect((await api.post(`/app/${id}/msg?with_content=true`, message)).body.payload).toEqual(message.payload);
    expect((await api.post(`/app/${id}/msg/batch`, [message, message])).status).toBe(202);
  });

  it.each(['msg', 'msg/batch'])('creates no application by %s', async (what) => {
    const uid = `made-by-${what.replace('/', '-')}`;
    const given = { ...message, application: { name: 'New', uid } };
    const answer = await app.as(token).post(`/app/${uid}/${what}`, what === 'msg' ? given : [given]);
    expect(answer.status).toBe(404);
    expect((await app.api.get(`/app/${uid}`)).status).toBe(404);
  });

  it('sends no example, and reads nothing', async () => {
    const { id } = await anApplication(app);
    expect(await app.as(token).get(`/app/${id}/msg`)).toMatchObject(forbidden);
    expect(await app.as(token).get('/app')).toMatchObject(forbidden);
  });
});

describe('HEAD and OPTIONS', () => {
  const ask = async (method: string, token: string, path = '/api/v1/app') =>
    (await fetch(`${app.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status;

  it('need what GET needs, or show nothing', async () => {
    const [send, read] = [(await aKey({ scopes: ['send'] })).token, (await aKey({ scopes: ['read'] })).token];
    expect(await Promise.all([ask('HEAD', read), ask('HEAD', send), ask('HEAD', 'nonsense')])).toEqual([200, 403, 401]);
    const preflight = await fetch(`${app.url}/api/v1/app`, {
      method: 'OPTIONS',
      headers: { origin: 'https://example.com', 'access-control-request-method': 'GET' },
    });
    expect([preflight.status, await preflight.text()]).toEqual([204, '']);
  });

  it('show no secret to a key that may only read', async () => {
    const { id } = await anApplication(app);
    const { body } = await app.api.post(`/app/${id}/endpoint`, { url: 'http://127.0.0.1:9/' });
    const { token } = await aKey({ scopes: ['read'] });
    const path = `/api/v1/app/${id}/endpoint/${body.id}`;
    expect([await ask('GET', token, path), await ask('HEAD', token, `${path}/secret`)]).toEqual([200, 403]);
  });
});

describe('a key of one application', () => {
  it('sends to it by id and by uid, and to no other', async () => {
    const own = await anApplication(app, { uid: 'key-own' });
    const other = await anApplication(app, { uid: 'key-other' });
    const api = app.as((await aKey({ appId: 'key-own', scopes: ['send'] })).token);

    const statuses = [];
    for (const key of [own.id, 'key-own', other.id, 'key-other', 'nobody'])
      statuses.push(
        (await api.post(`/app/${key}/msg`, message)).status,
        (await api.post(`/app/${key}/msg/batch`, [message])).status,
      );
    expect(statuses).toEqual([202, 202, 202, 202, 404, 404, 404, 404, 404, 404]);
  });

  it('follows a uid that moves to another application', async () => {
    const own = await anApplication(app, { uid: 'key-moves' });
    const api = app.as((await aKey({ appId: own.id })).token);
    expect((await api.post('/app/key-moves/msg', message)).status).toBe(202);
    await app.api.patch(`/app/${own.id}`, { uid: 'key-moved' });
    await anApplication(app, { uid: 'key-moves' });
    expect((await api.post('/app/key-moves/msg', message)).status).toBe(404);
  });

  it('finds nothing once the application is deleted', async () => {
    const { id } = await anApplication(app);
    const api = app.as((await aKey({ appId: id })).token);
    await app.api.delete(`/app/${id}`);
    expect([(await api.get(`/app/${id}`)).status, (await api.post(`/app/${id}/msg`, message)).status]).toEqual([404, 404]);
  });

  it('does not see the keys, and makes none', async () => {
    const { id } = await anApplication(app);
    const api = app.as((await aKey({ appId: id })).token);
    expect(await api.get(PATH)).toMatchObject(forbidden);
    expect(await api.post(PATH, { name: 'a', appId: id })).toMatchObject(forbidden);
  });
});

it('answers of one key are not given to another under the same idempotency key', async () => {
  const [one, other] = [await aKey(), await aKey({}, app.as(app.tokenFor(randomOrgId())))];
  const headers = { 'idempotency-key': 'shared-key' };
  const [first, second] = [
    await app.as(one.token).post('/app', { name: 'One' }, headers),
    await app.as(other.token).post('/app', { name: 'Other' }, headers),
  ];
  expect([first.body.name, second.body.name]).toEqual(['One', 'Other']);
});
