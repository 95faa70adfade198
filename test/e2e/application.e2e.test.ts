import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import type { Api } from '../support/api.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { randomOrgId } from '../support/tokens.js';

let app: TestApp;
let svix: Svix;

beforeAll(async () => {
  app = await startApp();
  svix = app.svix();
});
afterAll(() => app.stop());

function anotherTenant(): Api {
  return app.as(app.tokenFor(randomOrgId()));
}

describe('an application', () => {
  it('is created with what it was given', async () => {
    const { status, body } = await app.api.post('/app', {
      name: 'Shop',
      uid: 'shop-1',
      throttleRate: 7,
      metadata: { plan: 'gold' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'Shop', uid: 'shop-1', throttleRate: 7, rateLimit: 7, metadata: { plan: 'gold' } });
  });

  it('has an id, empty metadata and no uid unless it is given some', async () => {
    const created = await anApplication(app);
    expect(created).toMatchObject({ id: expect.stringMatching(/^app_[0-9A-Za-z]{27}$/), throttleRate: null, metadata: {} });
    expect(created).not.toHaveProperty('uid');
    expect(created).not.toHaveProperty('rateLimit');
  });

  it('is found by its id and by its uid', async () => {
    const created = await anApplication(app, { uid: 'by-uid' });
    const found = [await app.api.get(`/app/${created.id}`), await app.api.get('/app/by-uid')];
    expect(found.map(({ body }) => body)).toEqual([created, created]);
  });

  it('can be read by the client library', async () => {
    const created = await svix.application.create({ name: 'Library', metadata: { a: 'b' } });
    expect(await svix.application.get(created.id)).toEqual(created);
  });

  it('belongs to its tenant alone', async () => {
    const { id } = await anApplication(app);
    expect(await anotherTenant().get(`/app/${id}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it.each(['app_2YBXZIko2xmy0s5Rm9N5U7PhHgu', 'no-such-uid', 'a%20b', '%00', '%F0%9F%A6%84', 'x'.repeat(300)])(
    'named %s does not exist: 404',
    async (name) => {
      expect(await app.api.get(`/app/${name}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    },
  );

  it('is not found with a space behind its uid', async () => {
    await anApplication(app, { uid: 'no-padding' });
    expect((await app.api.get('/app/no-padding%20')).status).toBe(404);
  });

  it.each([
    ['no name', {}],
    ['an empty name', { name: '' }],
    ['a control character in its name', { name: 'a\u0001' }],
    ['a uid that looks like an id', { name: 'a', uid: 'app_1' }],
    ['a uid with a space', { name: 'a', uid: 'a b' }],
    ['a rate of 0', { name: 'a', throttleRate: 0 }],
    ['a rate that is text', { name: 'a', throttleRate: '5' }],
    ['a number in its metadata', { name: 'a', metadata: { k: 1 } }],
    ['too much metadata', { name: 'a', metadata: { k: 'x'.repeat(4096) } }],
  ])('can not have %s: 422', async (_what, body) => {
    expect((await app.api.post('/app', body)).status).toBe(422);
  });

  it('ignores keys it does not know', async () => {
    expect((await app.api.post('/app', { name: 'a', future: { any: 'thing' } })).status).toBe(201);
  });
});

describe('a uid', () => {
  it('is taken once a tenant: 409', async () => {
    await anApplication(app, { uid: 'taken' });
    expect(await app.api.post('/app', { name: 'b', uid: 'taken' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('is taken for a change too: 409', async () => {
    await anApplication(app, { uid: 'taken-2' });
    const { id } = await anApplication(app);
    const put = await app.api.put(`/app/${id}`, { name: 'b', uid: 'taken-2' });
    const patch = await app.api.patch(`/app/${id}`, { uid: 'taken-2' });
    expect([put.status, patch.status]).toEqual([409, 409]);
  });

  it('may be its own on a PUT', async () => {
    const { id } = await anApplication(app, { uid: 'own' });
    expect((await app.api.put(`/app/${id}`, { name: 'b', uid: 'own' })).status).toBe(200);
  });

  it('may be the same for two tenants', async () => {
    await anApplication(app, { uid: 'shared' });
    expect((await anotherTenant().post('/app', { name: 'b', uid: 'shared' })).status).toBe(201);
  });

  it('tells upper from lower case', async () => {
    await anApplication(app, { uid: 'Case' });
    expect((await app.api.get('/app/case')).status).toBe(404);
  });

  it('is free again after its application was deleted', async () => {
    await anApplication(app, { uid: 'reused' });
    await app.api.delete('/app/reused');
    expect((await app.api.post('/app', { name: 'b', uid: 'reused' })).status).toBe(201);
  });

  it('goes to one of many requests that come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => app.api.post('/app', { name: 'a', uid: 'race' })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('that a PUT leaves out is gone', async () => {
    const { id } = await anApplication(app, { uid: 'removed' });
    await app.api.put(`/app/${id}`, { name: 'b' });
    expect((await app.api.get('/app/removed')).status).toBe(404);
  });
});

describe('get_if_exists', () => {
  it('answers 200 with what is stored, and applies nothing', async () => {
    const first = await anApplication(app, { name: 'First', uid: 'existing' });
    const second = await app.api.post('/app?get_if_exists=true', { name: 'Second', uid: 'existing' });
    expect(second).toMatchObject({ status: 200, body: first });
  });

  it('creates what does not exist', async () => {
    expect((await app.api.post('/app?get_if_exists=true', { name: 'a', uid: 'not-yet' })).status).toBe(201);
  });

  it('creates one of many that come at once', async () => {
    const create = () => app.api.post('/app?get_if_exists=true', { name: 'a', uid: 'get-race' });
    const answers = await Promise.all(Array.from({ length: 8 }, create));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('works through the client library', async () => {
    const first = await svix.application.getOrCreate({ name: 'a', uid: 'library' });
    expect(await svix.application.getOrCreate({ name: 'b', uid: 'library' })).toEqual(first);
  });
});

describe('PUT', () => {
  it('replaces everything, so that what is absent is gone', async () => {
    const { id } = await anApplication(app, { uid: 'put', throttleRate: 5, metadata: { a: 'b' } });
    const { status, body } = await app.api.put(`/app/${id}`, { name: 'New' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, name: 'New', throttleRate: null, metadata: {} });
    expect(body).not.toHaveProperty('uid');
  });

  it('creates what is not there, under the name in the path', async () => {
    const created = await app.api.put('/app/put-name', { name: 'a', metadata: { k: 'v' } });
    expect(created).toMatchObject({ status: 201, body: { uid: 'put-name', metadata: { k: 'v' } } });
  });

  it('creates once, however often it is repeated', async () => {
    const first = await app.api.put('/app/put-twice', { name: 'a' });
    const second = await app.api.put('/app/put-twice', { name: 'a', uid: 'put-twice' });
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
  });

  it('on an unknown id creates another', async () => {
    const created = await app.api.put('/app/app_2YBXZIko2xmy0s5Rm9N5U7PhHgu', { name: 'a', uid: 'given' });
    expect(created).toMatchObject({ status: 201, body: { uid: 'given' } });
  });
});

describe('PATCH', () => {
  let id: string;

  beforeEach(async () => {
    ({ id } = await anApplication(app, { name: 'Before', throttleRate: 5, metadata: { a: 'b' } }));
  });

  it.each([
    [{ name: 'After' }, { name: 'After' }],
    [{ rateLimit: 6 }, { throttleRate: 6, rateLimit: 6 }],
    [{ throttleRate: null }, { throttleRate: null }],
    [{ rateLimit: null }, { throttleRate: null }],
    [{ metadata: { c: 'd' } }, { metadata: { c: 'd' } }],
    [{}, {}],
  ])('%j changes that alone', async (patch, change) => {
    const { status, body } = await app.api.patch(`/app/${id}`, patch);
    expect([status, body]).toMatchObject([200, { name: 'Before', throttleRate: 5, metadata: { a: 'b' }, ...change }]);
  });

  it('sets and clears the uid', async () => {
    expect((await app.api.patch(`/app/${id}`, { uid: 'patched' })).body.uid).toBe('patched');
    expect((await app.api.patch('/app/patched', { uid: null })).body).not.toHaveProperty('uid');
  });

  it('raises updatedAt and not createdAt', async () => {
    const { body: before } = await app.api.get(`/app/${id}`);
    const { body: after } = await app.api.patch(`/app/${id}`, { name: 'Later' });
    expect(after.createdAt).toBe(before.createdAt);
    expect(Date.parse(after.updatedAt)).toBeGreaterThanOrEqual(Date.parse(before.updatedAt));
  });

  it('can not take the name away', async () => {
    expect((await app.api.patch(`/app/${id}`, { name: null })).status).toBe(422);
  });

  it('of what is not there is a 404', async () => {
    expect((await app.api.patch('/app/nobody', { name: 'a' })).status).toBe(404);
  });
});

describe('DELETE', () => {
  it('makes it invisible', async () => {
    const { id } = await anApplication(app);
    const answers = [await app.api.delete(`/app/${id}`), await app.api.get(`/app/${id}`), await app.api.delete(`/app/${id}`)];
    expect(answers.map(({ status }) => status)).toEqual([204, 404, 404]);
  });

  it('works by uid', async () => {
    await anApplication(app, { uid: 'delete-me' });
    expect(await app.api.delete('/app/delete-me')).toMatchObject({ status: 204, body: null });
  });
});

describe('the list', () => {
  let tenant: Api;
  let ids: string[];

  beforeAll(async () => {
    tenant = anotherTenant();
    for (let n = 0; n < 10; n++) await tenant.post('/app', { name: `App ${n}` });
    ids = (await page('')).ids;
  });

  async function page(query: string) {
    const { body } = await tenant.get(`/app?${query}`);
    return { ...body, ids: body.data.map(({ id }: { id: string }) => id) };
  }

  it('is oldest first', () => {
    expect(ids).toHaveLength(10);
    expect(ids).toEqual(ids.toSorted());
  });

  it('may be turned round', async () => {
    expect((await page('order=descending')).ids).toEqual(ids.toReversed());
  });

  it.each(['ascending', 'descending'])('goes on and back in %s order', async (order) => {
    const first = await page(`order=${order}&limit=6`);
    const second = await page(`order=${order}&limit=6&iterator=${first.iterator}`);
    const back = await page(`order=${order}&limit=6&iterator=${second.prevIterator}`);
    expect([...first.ids, ...second.ids]).toEqual(order === 'ascending' ? ids : ids.toReversed());
    expect(back.ids).toEqual(first.ids);
    expect([first.done, second.done, back.done]).toEqual([false, true, true]);
  });

  it('is done when there is not one item more', async () => {
    expect(await page('limit=10')).toMatchObject({ done: true, iterator: ids[9], prevIterator: `-${ids[0]}` });
  });

  it('is walked by the client library', async () => {
    const library = app.svix(app.tokenFor(randomOrgId()));
    for (let n = 0; n < 3; n++) await library.application.create({ name: `App ${n}` });
    const first = await library.application.list({ limit: 2 });
    const second = await library.application.list({ limit: 2, iterator: first.iterator! });
    expect([first.data.length, second.data.length, second.done]).toEqual([2, 1, true]);
  });

  it.each([
    ['limit=251', 422],
    ['limit=0', 422],
    ['iterator=ep_2YBXZIko2xmy0s5Rm9N5U7PhHgu', 422],
    ['iterator=bogus', 422],
    ['limit=x', 400],
    ['limit=-1', 400],
    ['order=sideways', 400],
    ['unknown=1', 200],
  ])('answers ?%s with %d', async (query, status) => {
    expect((await tenant.get(`/app?${query}`)).status).toBe(status);
  });

  it('leaves out what was deleted', async () => {
    const other = anotherTenant();
    const { body } = await other.post('/app', { name: 'a' });
    await other.delete(`/app/${body.id}`);
    expect((await other.get('/app')).body).toEqual({ data: [], iterator: null, done: true });
  });
});
