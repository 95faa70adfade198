import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { claimsFor, randomOrgId, signToken } from '../support/tokens.js';

let app: TestApp;
let svix: Svix;

beforeAll(async () => {
  app = await startApp();
  svix = app.svix();
});
afterAll(() => app.stop());

const schemas = { '1': { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } };

function anEventType(name: string, more: Record<string, unknown> = {}) {
  return app.api.post('/event-type', { name, description: 'Something happened', ...more });
}

async function names(query = '', api = app.api): Promise<string[]> {
  const { body } = await api.get(`/event-type?${query}`);
  return body.data.map(({ name }: { name: string }) => name);
}

describe('an event type', () => {
  it('is created with what it was given', async () => {
    const { status, body } = await anEventType('user.created', { schemas, featureFlag: 'beta', deprecated: true });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'user.created', description: 'Something happened', schemas, featureFlag: 'beta' });
    expect(body).toMatchObject({ archived: false, deprecated: true });
  });

  it('has neither schemas nor a flag unless it is given some', async () => {
    expect((await anEventType('bare')).body).toMatchObject({ schemas: null, featureFlag: null, archived: false });
  });

  it('reads back as it was created, through the client library', async () => {
    const created = await svix.eventType.create({ name: 'library', description: '', schemas });
    expect(await svix.eventType.get('library')).toEqual(created);
  });

  it('keeps the key order of its schemas', async () => {
    const text = '{"name":"ordered","description":"","schemas":{"2":{"title":"z","description":"a"}}}';
    await app.api.raw('post', '/event-type', { body: text, headers: { 'content-type': 'application/json' } });
    expect(JSON.stringify((await app.api.get('/event-type/ordered')).body.schemas)).toBe('{"2":{"title":"z","description":"a"}}');
  });

  it('belongs to its tenant alone', async () => {
    await anEventType('private');
    expect((await app.as(app.tokenFor('org_other')).get('/event-type/private')).status).toBe(404);
  });

  it('exists once: 409', async () => {
    await anEventType('twice');
    expect(await anEventType('twice')).toMatchObject({ status: 409, body: { code: 'event_type_exists' } });
  });

  it('is created by one of many that come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => anEventType('race')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it.each([
    ['no description', { name: 'x' }],
    ['a name with a space', { name: 'a b', description: '' }],
    ['too long a name', { name: 'x'.repeat(257), description: '' }],
    ['a flag with a space', { name: 'x', description: '', featureFlag: 'a b' }],
    ['a schema that is none', { name: 'x', description: '', schemas: { '1': { readOnly: 15 } } }],
    ['schemas that are a list', { name: 'x', description: '', schemas: [] }],
    ['archived as text', { name: 'x', description: '', archived: 'yes' }],
  ])('can not have %s: 422', async (_what, body) => {
    expect((await app.api.post('/event-type', body)).status).toBe(422);
  });

  it('tells where its schema is wrong', async () => {
    const { body } = await anEventType('wrong', { schemas: { '1': { properties: { a: { readOnly: 15 } } } } });
    const loc = ['body', 'schemas', '1', 'properties', 'a', 'readOnly'];
    expect(body.detail).toMatchObject([{ loc, type: 'value_error.jsondecode' }]);
  });

  it.each(['no-such-type', 'a%20b', '%F0%9F%A6%84'])('named %s does not exist: 404', async (name) => {
    const answers = [
      await app.api.get(`/event-type/${name}`),
      await app.api.patch(`/event-type/${name}`, {}),
      await app.api.delete(`/event-type/${name}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});

describe('an archived event type', () => {
  it('is out of the list, and still there by name', async () => {
    await anEventType('archived');
    expect((await app.api.delete('/event-type/archived')).status).toBe(204);
    expect((await app.api.get('/event-type/archived')).body).toMatchObject({ archived: true });
    expect(await names()).not.toContain('archived');
  });

  it('is in the list for who asks', async () => {
    await anEventType('archived-2', { archived: true });
    expect(await names('include_archived=true')).toContain('archived-2');
  });

  it('is created anew with the new body', async () => {
    await anEventType('again', { schemas, featureFlag: 'beta' });
    await app.api.delete('/event-type/again');
    expect(await anEventType('again', { description: 'New' })).toMatchObject({
      status: 201,
      body: { description: 'New', archived: false, schemas: null, featureFlag: null },
    });
  });

  it('is gone when it was expunged', async () => {
    await anEventType('expunged');
    expect((await app.api.delete('/event-type/expunged?expunge=true')).status).toBe(204);
    expect((await app.api.get('/event-type/expunged')).status).toBe(404);
  });
});

describe('PUT', () => {
  it('creates what is not there', async () => {
    const answer = await app.api.put('/event-type/put.new', { description: 'New', schemas });
    expect(answer).toMatchObject({ status: 201, body: { name: 'put.new', description: 'New', schemas } });
  });

  it('replaces everything', async () => {
    await anEventType('put.old', { schemas, featureFlag: 'beta', archived: true });
    const answer = await app.api.put('/event-type/put.old', { description: 'New' });
    expect(answer).toMatchObject({
      status: 200,
      body: { description: 'New', schemas: null, featureFlag: null, archived: false },
    });
  });

  it('keeps when it was created', async () => {
    const { body } = await anEventType('put.time');
    expect((await app.api.put('/event-type/put.time', { description: '' })).body.createdAt).toBe(body.createdAt);
  });

  it('checks the name in the path', async () => {
    const answer = await app.api.put('/event-type/a%20b', { description: '' });
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['path', 'event_type_name'] }] } });
  });
});

describe('PATCH', () => {
  it.each([
    [{ description: 'After' }, { description: 'After' }],
    [{ schemas: {} }, { schemas: {} }],
    [{ schemas: null }, { schemas: null }],
    [{ featureFlag: null }, { featureFlag: null }],
    [{ archived: true }, { archived: true }],
    [{ deprecated: true }, { deprecated: true }],
  ])('%j changes that alone', async (patch, change) => {
    await app.api.put('/event-type/patched', { description: 'Before', schemas, featureFlag: 'beta' });
    const { body } = await app.api.patch('/event-type/patched', patch);
    const before = { description: 'Before', schemas, featureFlag: 'beta', archived: false, deprecated: false };
    expect(body).toMatchObject({ ...before, ...change });
  });
});

describe('the list', () => {
  const all = ['-dash', 'A', 'B.x', 'B_x', 'a', 'b', 'b-1', 'c', 'd', 'e'];
  let tenant: TestApp['api'];

  beforeAll(async () => {
    tenant = app.as(app.tokenFor(randomOrgId()));
    for (const name of all.toReversed()) await tenant.post('/event-type', { name, description: '', schemas });
  });

  it('is by name, in byte order', async () => {
    expect(await names('', tenant)).toEqual(all);
  });

  it('may be turned round, page by page and back', async () => {
    const page = async (iterator?: string) => {
      const at = iterator === undefined ? '' : `&iterator=${encodeURIComponent(iterator)}`;
      const { body } = await tenant.get(`/event-type?order=descending&limit=3${at}`);
      return { ...body, names: body.data.map(({ name }: { name: string }) => name) };
    };
    const first = await page();
    const second = await page(first.iterator);
    const back = await page(second.prevIterator);

    expect(await names('order=descending', tenant)).toEqual(all.toReversed());
    expect([...first.names, ...second.names]).toEqual(all.toReversed().slice(0, 6));
    expect(back.names).toEqual(first.names);
    expect([first.done, back.done]).toEqual([false, true]);
  });

  it('goes on and back', async () => {
    const first = await tenant.get('/event-type?limit=6');
    const second = await tenant.get(`/event-type?limit=6&iterator=${first.body.iterator}`);
    const back = await tenant.get(`/event-type?limit=6&iterator=${second.body.prevIterator}`);
    expect([...first.body.data, ...second.body.data].map(({ name }) => name)).toEqual(all);
    expect(back.body.data).toEqual(first.body.data);
    expect([first.body.done, second.body.done, back.body.done]).toEqual([false, true, true]);
  });

  it('goes on after a name that begins with a dash', async () => {
    const first = await tenant.get('/event-type?limit=1');
    expect(await names(`limit=1&iterator=${first.body.iterator}`, tenant)).toEqual(['A']);
  });

  it('shows schemas only to who asks', async () => {
    const [without, with_] = [await tenant.get('/event-type?limit=1'), await tenant.get('/event-type?limit=1&with_content=true')];
    expect([without.body.data[0].schemas, with_.body.data[0].schemas]).toEqual([null, schemas]);
  });

  it.each([
    ['limit=300', 422],
    ['iterator=a%20b', 422],
    ['iterator=', 422],
    ['with_content=maybe', 400],
  ])('answers ?%s with %d', async (query, status) => {
    expect((await tenant.get(`/event-type?${query}`)).status).toBe(status);
  });
});

describe('a feature flag', () => {
  let appId: string;

  beforeAll(async () => {
    ({ id: appId } = await anApplication(app));
    await anEventType('flagged', { featureFlag: 'cool' });
  });

  function withFlags(...flags: string[]) {
    const claims = { ...claimsFor({ sub: appId, org: app.orgId }), feature_flags: flags };
    return app.as(signToken(app.env['JWT_SECRET']!, claims));
  }

  it('hides the type from applications without it', async () => {
    const api = withFlags('other', '🦄');
    expect((await api.get('/event-type/flagged')).status).toBe(404);
    expect(await names('', api)).not.toContain('flagged');
  });

  it('shows the type to applications that have it', async () => {
    const api = withFlags('other', 'cool');
    expect((await api.get('/event-type/flagged')).status).toBe(200);
    expect(await names('', api)).toContain('flagged');
  });

  it('hides nothing that needs none', async () => {
    await anEventType('unflagged');
    expect(await names('', withFlags())).toContain('unflagged');
  });

  it('hides nothing from the tenant', async () => {
    expect(await names()).toContain('flagged');
  });
});
