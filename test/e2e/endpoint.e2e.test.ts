import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

const URL = 'https://example.com/hook';

describe('endpoints', () => {
  let app: TestApp;
  let appId: string;
  let path: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
    path = `/app/${appId}/endpoint`;
  });
  afterAll(() => app?.stop());

  const anEventType = (name: string) => app.api.post('/event-type', { name, description: '' });

  describe('creating', () => {
    it('fills in everything but the URL', async () => {
      const { status, body } = await app.api.post(path, { url: 'http://Example.com' });

      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.stringMatching(/^ep_[0-9A-Za-z]{27}$/),
        url: 'http://example.com/',
        description: '',
        uid: null,
        throttleRate: null,
        rateLimit: null,
        version: 1,
        disabled: false,
        eventTypes: null,
        filterTypes: null,
        channels: null,
        metadata: {},
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updatedAt: expect.stringMatching(/Z$/),
      });
    });

    it('keeps all that was given', async () => {
      await anEventType('order.paid');
      const given = {
        url: URL,
        description: 'Shop ☂',
        uid: 'shop-1',
        throttleRate: 7,
        version: 3,
        disabled: true,
        eventTypes: ['order.paid'],
        channels: ['eu', 'us'],
        metadata: { team: 'a' },
      };
      const { body } = await app.api.post(path, given);

      expect((await app.api.get(`${path}/shop-1`)).body).toEqual(body);
      expect(body).toMatchObject(given);
    });

    it('never shows the secret', async () => {
      const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
      const { body } = await app.api.post(path, { url: URL, secret });

      expect(JSON.stringify(body)).not.toContain('whsec_');
      expect(app.log.join('\n')).not.toContain(secret);
    });

    it('is refused for an application of another organisation', async () => {
      const other = app.as(app.tokenFor('org_other'));

      expect(await other.post(path, { url: URL })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    });

    it('is refused in an application that does not exist', async () => {
      expect(await app.api.post('/app/nobody/endpoint', { url: URL })).toMatchObject({ status: 404 });
    });

    it.each(['ftp://example.com/', '/hook', 'example.com', ''])('refuses the URL %j', async (url) => {
      const { status, body } = await app.api.post(path, { url });

      expect(status).toBe(422);
      expect(body.detail[0].loc).toEqual(['body', 'url']);
    });

    it('refuses event types that do not exist, and names them', async () => {
      await anEventType('known');
      const { status, body } = await app.api.post(path, { url: URL, eventTypes: ['known', 'unknown.a', 'unknown.b'] });

      expect(status).toBe(422);
      expect(body.detail).toEqual([
        { loc: ['body', 'eventTypes'], msg: expect.stringMatching(/unknown\.a, unknown\.b$/), type: 'value_error' },
      ]);
    });

    it('refuses archived event types', async () => {
      await anEventType('archived');
      await app.api.delete('/event-type/archived');

      expect((await app.api.post(path, { url: URL, eventTypes: ['archived'] })).status).toBe(422);
    });

    it.each([{ eventTypes: [] }, { filterTypes: [] }, { channels: [] }, { throttleRate: 0 }, { url: 5 }])(
      'refuses %j',
      async (fields) => {
        expect((await app.api.post(path, { url: URL, ...fields })).status).toBe(422);
      },
    );
  });

  describe('uids', () => {
    it('are taken once in an application', async () => {
      await anEndpoint(app, appId, { uid: 'twice' });

      expect(await app.api.post(path, { url: URL, uid: 'twice' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    });

    it('may be the same in two applications', async () => {
      const other = await anApplication(app);
      await anEndpoint(app, appId, { uid: 'same' });

      expect((await anEndpoint(app, other.id, { uid: 'same' })).uid).toBe('same');
    });

    it('of another endpoint can not be taken by PUT or PATCH', async () => {
      await anEndpoint(app, appId, { uid: 'first' });
      const { id } = await anEndpoint(app, appId, { uid: 'second' });

      expect((await app.api.put(`${path}/${id}`, { url: URL, uid: 'first' })).status).toBe(409);
      expect((await app.api.patch(`${path}/${id}`, { uid: 'first' })).status).toBe(409);
    });

    it('may be repeated in a PUT of their own endpoint', async () => {
      const { id } = await anEndpoint(app, appId, { uid: 'own' });

      expect(await app.api.put(`${path}/own`, { url: URL, uid: 'own' })).toMatchObject({ status: 200, body: { id, uid: 'own' } });
    });

    it('are free again after the deletion', async () => {
      await anEndpoint(app, appId, { uid: 'reused' });
      await app.api.delete(`${path}/reused`);

      expect((await app.api.post(path, { url: URL, uid: 'reused' })).status).toBe(201);
    });
  });

  describe('reading', () => {
    it('finds an endpoint by id and by uid', async () => {
      const created = await anEndpoint(app, appId, { uid: 'named' });

      expect((await app.api.get(`${path}/${created.id}`)).body).toEqual(created);
      expect((await app.api.get(`${path}/named`)).body).toEqual(created);
    });

    it.each(['ep_2YBXZIko2xmy0s5Rm9N5U7PhHgu', 'nobody', '%C3%A9', '%00'])('answers 404 for %s', async (key) => {
      expect(await app.api.get(`${path}/${key}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    });

    it("does not find another application's endpoint", async () => {
      const { id } = await anEndpoint(app, (await anApplication(app)).id);

      expect((await app.api.get(`${path}/${id}`)).status).toBe(404);
    });

    it('is open to the token of the application alone', async () => {
      const { id } = await anEndpoint(app, appId);
      const stranger = (await anApplication(app)).id;

      expect((await app.as(app.appTokenFor(appId)).get(`${path}/${id}`)).status).toBe(200);
      expect((await app.as(app.appTokenFor(stranger)).get(`${path}/${id}`)).status).toBe(404);
    });
  });

  describe('replacing', () => {
    it('resets what is not given', async () => {
      await anEventType('order.paid');
      const full = {
        uid: 'full',
        description: 'd',
        throttleRate: 5,
        disabled: true,
        eventTypes: ['order.paid'],
        channels: ['a'],
      };
      const { id, createdAt } = await anEndpoint(app, appId, { ...full, metadata: { a: 'b' } });
      const { status, body } = await app.api.put(`${path}/${id}`, { url: URL });

      expect(status).toBe(200);
      expect(body).toMatchObject({ id, createdAt, url: URL, uid: null, description: '', throttleRate: null, disabled: false });
      expect(body).toMatchObject({ eventTypes: null, channels: null, metadata: {} });
    });

    it('leaves the secret as it is', async () => {
      const { id } = await anEndpoint(app, appId);
      const before = await app.api.get(`${path}/${id}/secret`);
      await app.api.put(`${path}/${id}`, { url: URL });

      expect((await app.api.get(`${path}/${id}/secret`)).body).toEqual(before.body);
    });

    it('creates an endpoint under an unknown uid', async () => {
      const { status, body } = await app.api.put(`${path}/new-one`, { url: URL });

      expect(status).toBe(201);
      expect(body.uid).toBe('new-one');
      expect((await app.api.get(`${path}/new-one/secret`)).body.key).toMatch(/^whsec_/);
    });

    it('creates an endpoint with a new id where an id is unknown', async () => {
      const unknown = 'ep_2YBXZIko2xmy0s5Rm9N5U7PhHgu';
      const { status, body } = await app.api.put(`${path}/${unknown}`, { url: URL });

      expect(status).toBe(201);
      expect(body).toMatchObject({ id: expect.not.stringMatching(unknown), uid: null });
    });

    it('prefers the uid in the body to the one in the path', async () => {
      expect((await app.api.put(`${path}/from-path`, { url: URL, uid: 'from-body' })).body.uid).toBe('from-body');
    });

    it('makes one endpoint of several requests at once', async () => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => app.api.put(`${path}/racing`, { url: URL, uid: 'racing' })));

      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 201]);
      expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    });
  });

  describe('patching', () => {
    it.each([
      ['description', 'new', undefined],
      ['url', 'https://example.com/new', undefined],
      ['version', 2, undefined],
      ['disabled', true, undefined],
      ['metadata', { a: 'b' }, {}],
      ['uid', 'patched', null],
      ['throttleRate', 9, null],
      ['channels', ['a'], null],
    ])('changes %s alone', async (key, value, cleared) => {
      const before = await anEndpoint(app, appId);
      const { status, body } = await app.api.patch(`${path}/${before.id}`, { [key]: value });
      const alias = key === 'throttleRate' ? { rateLimit: value } : {};

      expect(status).toBe(200);
      expect(body).toEqual({ ...before, [key]: value, ...alias, updatedAt: body.updatedAt });
      if (cleared === undefined) return;
      expect((await app.api.patch(`${path}/${before.id}`, { [key]: cleared })).body).toEqual({
        ...before,
        updatedAt: expect.any(String),
      });
    });

    it('changes the event types under both names', async () => {
      await anEventType('order.paid');
      const { id } = await anEndpoint(app, appId);
      const set = await app.api.patch(`${path}/${id}`, { filterTypes: ['order.paid'] });
      const cleared = await app.api.patch(`${path}/${id}`, { eventTypes: null });

      expect(set.body).toMatchObject({ eventTypes: ['order.paid'], filterTypes: ['order.paid'] });
      expect(cleared.body).toMatchObject({ eventTypes: null, filterTypes: null });
    });

    it.each(['url', 'description', 'disabled'])('refuses to clear %s', async (key) => {
      const { id } = await anEndpoint(app, appId);

      expect((await app.api.patch(`${path}/${id}`, { [key]: null })).status).toBe(422);
    });

    it('answers 404 for an endpoint that does not exist', async () => {
      expect((await app.api.patch(`${path}/nobody`, {})).status).toBe(404);
    });
  });

  describe('deleting', () => {
    it('makes the endpoint unreachable', async () => {
      const { id } = await anEndpoint(app, appId);

      expect(await app.api.delete(`${path}/${id}`)).toMatchObject({ status: 204, body: null });
      expect((await app.api.get(`${path}/${id}`)).status).toBe(404);
      expect((await app.api.delete(`${path}/${id}`)).status).toBe(404);
      expect((await app.api.get(path)).body.data).toEqual([]);
    });
  });

  describe('listing', () => {
    let ids: string[];

    beforeEach(async () => {
      ids = [];
      for (let count = 0; count < 5; count++) {
        ids.push((await anEndpoint(app, appId)).id);
        await new Promise((wake) => setTimeout(wake, 5));
      }
    });

    const list = async (query = '') => {
      const { status, body } = await app.api.get(`${path}${query}`);
      expect(status).toBe(200);
      return { ...body, found: body.data.map((endpoint: { id: string }) => ids.indexOf(endpoint.id)) };
    };

    it('shows the newest first', async () => {
      expect(await list()).toMatchObject({ found: [4, 3, 2, 1, 0], done: true, iterator: ids[0], prevIterator: `-${ids[4]}` });
    });

    it('shows the oldest first on demand', async () => {
      expect((await list('?order=ascending')).found).toEqual([0, 1, 2, 3, 4]);
    });

    it('goes on and back by its iterators', async () => {
      const first = await list('?limit=2');
      const second = await list(`?limit=2&iterator=${first.iterator}`);
      const third = await list(`?limit=2&iterator=${second.iterator}`);
      const back = await list(`?limit=2&iterator=${third.prevIterator}`);

      expect([first, second, third, back].map((page) => page.found)).toEqual([[4, 3], [2, 1], [0], [2, 1]]);
      expect([first, second, third, back].map((page) => page.done)).toEqual([false, false, true, false]);
    });

    it('goes on and back in ascending order', async () => {
      const first = await list('?limit=2&order=ascending');
      const second = await list(`?limit=2&order=ascending&iterator=${first.iterator}`);
      const back = await list(`?limit=2&order=ascending&iterator=${second.prevIterator}`);

      expect([first, second, back].map((page) => page.found)).toEqual([
        [0, 1],
        [2, 3],
        [0, 1],
      ]);
      expect(back.done).toBe(true);
    });

    it.each([
      ['iterator=nonsense', 422],
      [`iterator=app_2YBXZIko2xmy0s5Rm9N5U7PhHgu`, 422],
      ['limit=300', 422],
      ['limit=0', 422],
      ['limit=abc', 400],
      ['limit=-1', 400],
      ['order=sideways', 400],
    ])('answers %s with %d', async (query, status) => {
      expect((await app.api.get(`${path}?${query}`)).status).toBe(status);
    });
  });

  it('are the same to the official client', async () => {
    const client = app.svix();
    const { id } = await client.endpoint.create(appId, { url: URL, channels: ['a', 'b'] });
    await client.endpoint.patch(appId, id, { description: 'patched' });

    expect(await client.endpoint.get(appId, id)).toMatchObject({ description: 'patched', createdAt: expect.any(Date) });
    await client.endpoint.delete(appId, id);
    expect((await client.endpoint.list(appId)).data).toEqual([]);
  });
});

describe('an installation for https only', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp({ ENDPOINT_HTTPS_ONLY: 'true' });
  });
  afterAll(() => app?.stop());

  it('refuses http', async () => {
    const { id } = await anApplication(app);
    const { status, body } = await app.api.post(`/app/${id}/endpoint`, { url: 'http://example.com' });

    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body', 'url']);
  });

  it('takes https', async () => {
    const { id } = await anApplication(app);

    expect((await app.api.post(`/app/${id}/endpoint`, { url: URL })).status).toBe(201);
  });
});
