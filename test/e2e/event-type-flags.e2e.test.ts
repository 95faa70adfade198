import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { DataSource } from 'typeorm';
import type { Api } from '../support/api.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { randomOrgId } from '../support/tokens.js';

const NAME = 'order.paid';
const openapi = (operation: object, item: object = {}) => ({
  spec: { openapi: '3.1.0', webhooks: { [NAME]: { post: { summary: 'Paid', ...operation }, ...item } } },
});

let app: TestApp;
let orgId: string;
let api: Api;
let svix: Svix;

beforeAll(async () => {
  app = await startApp();
});
beforeEach(() => {
  orgId = randomOrgId();
  api = app.as(app.tokenFor(orgId));
  svix = app.svix(app.tokenFor(orgId));
});
afterAll(() => app?.stop());

const shown = async (name = NAME) => (await api.get(`/event-type/${name}`)).body;
const flags = async () => (await shown()).featureFlags;
/** What a portal sees whose token carries these flags: by the list, page by page, and one by one. */
const seenWith = async (featureFlags: string[], wanted = [NAME]) => {
  const { id } = await anApplication({ api });
  const portal = app.svix((await svix.authentication.appPortalAccess(id, { featureFlags })).token);
  const listed: string[] = [];
  for (let iterator: string | null = null, done = false; !done;) {
    const page = await portal.eventType.list({ limit: 1, iterator });
    listed.push(...page.data.map((type) => type.name));
    ({ iterator, done } = page);
  }
  const got = [];
  for (const name of wanted.toSorted()) if (await portal.eventType.get(name).catch(() => null)) got.push(name);
  expect(listed.filter((name) => wanted.includes(name))).toEqual(got);
  return got;
};

describe('the flags of an event type', () => {
  it('are kept and listed with its group, whoever writes them', async () => {
    const made = await svix.eventType.create({ name: NAME, description: '', featureFlags: ['beta', 'eu'], groupName: 'orders' });
    expect(made).toMatchObject({ featureFlags: ['beta', 'eu'], featureFlag: 'beta', groupName: 'orders' });
    expect((await svix.eventType.list()).data).toMatchObject([{ featureFlags: ['beta', 'eu'], groupName: 'orders' }]);

    await svix.eventType.upsert(NAME, { description: '', featureFlags: ['eu'], groupName: 'sales' });
    expect(await shown()).toMatchObject({ featureFlags: ['eu'], featureFlag: 'eu', groupName: 'sales' });
    await svix.eventType.patch(NAME, { featureFlags: ['a', 'b', 'a'] });
    expect(await shown()).toMatchObject({ featureFlags: ['a', 'b'], featureFlag: 'a', groupName: 'sales' });
    await svix.eventType.patch(NAME, { groupName: null });
    expect(await shown()).toMatchObject({ featureFlags: ['a', 'b'], groupName: null });
    await svix.eventType.upsert(NAME, { description: '' });
    expect(await shown()).toMatchObject({ featureFlags: null, featureFlag: null, groupName: null });
  });

  it('may be one, by its old name', async () => {
    await app.svix1(app.tokenFor(orgId)).eventType.create({ name: NAME, description: '', featureFlag: 'beta' });
    expect(await shown()).toMatchObject({ featureFlags: ['beta'], featureFlag: 'beta' });
    await api.patch(`/event-type/${NAME}`, { featureFlag: 'other' });
    expect(await flags()).toEqual(['other']);
    await api.patch(`/event-type/${NAME}`, { description: 'new' });
    expect(await flags()).toEqual(['other']);
    await api.patch(`/event-type/${NAME}`, { featureFlag: null });
    expect(await flags()).toBeNull();
  });

  it.each([
    ['both names', { featureFlag: 'a', featureFlags: ['b', 'c'] }, ['b', 'c']],
    ['an empty list beside the old name', { featureFlag: 'a', featureFlags: [] }, ['a']],
    ['an empty list', { featureFlags: [] }, null],
    ['null', { featureFlags: null, featureFlag: null }, null],
  ])('are what %s says', async (_what, given, expected) => {
    await api.put(`/event-type/${NAME}`, { description: '', ...given });
    expect(await flags()).toEqual(expected);
  });

  it.each([
    { featureFlags: ['a b'] },
    { featureFlags: 'beta' },
    { featureFlags: [1] },
    { featureFlag: 'é' },
    { groupName: '' },
    { groupName: 'a b' },
    { groupName: 1 },
  ])('are refused as %j', async (given) => {
    expect((await api.put(`/event-type/${NAME}`, { description: '', ...given })).status).toBe(422);
  });

  it('hide it from portals that have none of them', async () => {
    const wanted = ['open', 'one', 'two', 'Beta'];
    await api.put('/event-type/open', { description: '' });
    await api.put('/event-type/one', { description: '', featureFlags: ['beta'] });
    await api.put('/event-type/two', { description: '', featureFlags: ['alpha', 'beta'] });
    await api.put('/event-type/Beta', { description: '', featureFlag: 'Beta' });

    expect(await seenWith([], wanted)).toEqual(['open']);
    expect(await seenWith(['beta'], wanted)).toEqual(['one', 'open', 'two']);
    expect(await seenWith(['other', 'alpha'], wanted)).toEqual(['open', 'two']);
    expect(await seenWith(['bet', 'BETA', 'alph'], wanted)).toEqual(['open']);
    expect((await svix.eventType.list()).data).toHaveLength(4);
  });

  it('let a portal send an endpoint back as it was shown, with types that it may not choose', async () => {
    await svix.eventType.create({ name: NAME, description: '', featureFlags: ['beta'] });
    const { id } = await anApplication({ api });
    const url = 'http://127.0.0.1:9/';
    const one = await anEndpoint({ api }, id, { url, eventTypes: [NAME] });
    const two = await anEndpoint({ api }, id, { url });
    const portal = app.as((await svix.authentication.appPortalAccess(id, {})).token);
    const statusOf = async (endpointId: string) =>
      (await portal.put(`/app/${id}/endpoint/${endpointId}`, { url, eventTypes: [NAME] })).status;

    expect(await statusOf(one.id)).toBe(200);
    expect(await statusOf(two.id)).toBe(422);
  });

  it('hide it no longer once they are removed', async () => {
    await svix.eventType.create({ name: NAME, description: '', featureFlags: ['beta'] });
    expect(await seenWith([])).toEqual([]);
    await svix.eventType.patch(NAME, { featureFlags: null });
    expect(await seenWith([])).toEqual([NAME]);
  });

  it('go with an environment that is exported and imported', async () => {
    await svix.eventType.create({ name: NAME, description: '', featureFlags: ['beta', 'eu'], groupName: 'orders' });
    const exported = await svix.environment.export();
    const other = app.svix(app.tokenFor(randomOrgId()));
    await other.environment.import(exported as never);

    expect(await other.eventType.get(NAME)).toMatchObject({ featureFlags: ['beta', 'eu'], groupName: 'orders' });
  });

  it('are those that the release before wrote, which knows one', async () => {
    const sql = (statement: string, values: unknown[]) => app.nest.get(DataSource).query(statement, values);
    await api.put(`/event-type/${NAME}`, { description: '', featureFlags: ['a', 'b'] });
    const change = (flag: string | null) =>
      sql('UPDATE event_type SET feature_flag = ? WHERE org_id = ? AND name = ?', [flag, orgId, NAME]);

    await change('c');
    expect(await flags()).toEqual(['c']);
    expect([await seenWith(['c']), await seenWith(['b'])]).toEqual([[NAME], []]);
    await api.patch(`/event-type/${NAME}`, { featureFlags: ['a', 'b'] });
    expect([await seenWith(['c']), await seenWith(['b'])]).toEqual([[], [NAME]]);
    await change(null);
    expect(await flags()).toBeNull();
    expect(await seenWith([])).toEqual([NAME]);
    const time = '2026-01-01 00:00:00.000';
    await sql(
      `INSERT INTO event_type (org_id, name, description, archived, deprecated, feature_flag, created_at, updated_at)
       VALUES (?, 'old', '', 0, 0, 'beta', ?, ?)`,
      [orgId, time, time],
    );
    expect(await shown('old')).toMatchObject({ featureFlags: ['beta'], groupName: null });
    expect([await seenWith(['beta'], ['old']), await seenWith([], ['old'])]).toEqual([['old'], []]);
  });
});

describe('an OpenAPI document', () => {
  const put = (operation: object, item?: object) => api.post('/event-type/import/openapi', openapi(operation, item));

  it.each([
    ['flags', { 'x-svix-feature-flags': ['beta', 'eu'] }, { featureFlags: ['beta', 'eu'], groupName: null }],
    ['a flag', { 'x-svix-feature-flags': 'beta' }, { featureFlags: ['beta'] }],
    ['a flag under its old name', { 'x-svix-feature-flag': 'beta' }, { featureFlags: ['beta'], featureFlag: 'beta' }],
    ['a group', { 'x-svix-group-name': 'orders' }, { groupName: 'orders', featureFlags: null }],
  ])('says %s of a webhook', async (_what, operation, expected) => {
    expect((await put(operation)).status).toBe(200);
    expect(await shown()).toMatchObject(expected);
  });

  it('may say it of the path item', async () => {
    await put({}, { 'x-svix-feature-flags': ['beta'], 'x-svix-group-name': 'orders' });

    expect(await shown()).toMatchObject({ featureFlags: ['beta'], groupName: 'orders' });
  });

  it('leaves them as they are where it says nothing, and removes them where it says none', async () => {
    await put({ 'x-svix-feature-flags': ['beta'], 'x-svix-group-name': 'orders' });
    await put({ summary: 'Changed' });
    expect(await shown()).toMatchObject({ description: 'Changed', featureFlags: ['beta'], groupName: 'orders' });

    await put({ 'x-svix-feature-flags': [], 'x-svix-group-name': null });
    expect(await shown()).toMatchObject({ featureFlags: null, groupName: null });
  });

  it('tells in a dry run what it would set', async () => {
    const { data } = await svix.eventType.importOpenapi({
      ...openapi({ 'x-svix-feature-flags': ['beta'], 'x-svix-group-name': 'orders' }),
      dryRun: true,
    });

    expect(data.toModify).toMatchObject([{ name: NAME, featureFlags: ['beta'], groupName: 'orders' }]);
    expect((await api.get(`/event-type/${NAME}`)).status).toBe(404);
  });

  it('changes nothing the second time', async () => {
    const given = { 'x-svix-feature-flags': ['beta', 'eu'], 'x-svix-group-name': 'orders' };
    await put(given);

    expect((await put(given)).body.data.modified).toEqual([]);
  });

  it.each([
    { 'x-svix-feature-flags': ['a b'] },
    { 'x-svix-feature-flags': { a: true } },
    { 'x-svix-feature-flags': 17 },
    { 'x-svix-group-name': ['orders'] },
    { 'x-svix-group-name': '' },
  ])('is refused with %j, at its place', async (operation) => {
    const { status, body } = await put(operation);

    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body', 'spec', 'webhooks', NAME, 'post', Object.keys(operation)[0]]);
  });
});

describe('a portal whose token lacks the flag of an event type', () => {
  let appId: string;
  let portal: Api;

  beforeEach(async () => {
    for (const name of ['order.open', 'order.flagged', 'order.archived'])
      await api.post('/event-type', { name, description: '' });
    await api.patch('/event-type/order.flagged', { featureFlags: ['beta', 'gamma'] });
    await api.delete('/event-type/order.archived');
    appId = (await anApplication({ api })).id;
    portal = await portalWith(['other']);
  });

  const portalWith = async (featureFlags: string[]) =>
    app.as((await svix.authentication.appPortalAccess(appId, { featureFlags })).token);
  /** What is answered for a name, with the name taken out. */
  const answerFor = async (name: string, ask: (name: string) => Promise<{ status: number; body: any }>) => {
    const { status, body } = await ask(name);
    return [status, JSON.stringify(body).replaceAll(name, 'NAME')];
  };
  const url = 'http://127.0.0.1:9/';

  it.each<[string, (name: string) => Promise<{ status: number; body: any }>]>([
    ['creating an endpoint', (name) => portal.post(`/app/${appId}/endpoint`, { url, eventTypes: [name] })],
    [
      'creating one with the old name',
      (name) => portal.post(`/app/${appId}/endpoint`, { url, filterTypes: ['order.open', name] }),
    ],
    ['creating one by PUT', (name) => portal.put(`/app/${appId}/endpoint/new`, { url, eventTypes: [name] })],
    ['reading the event type', (name) => portal.get(`/event-type/${name}`)],
  ])('is answered like for one that does not exist: %s', async (_what, ask) => {
    const absent = await answerFor('order.nothing', ask);

    expect(absent[0]).toBeGreaterThanOrEqual(404);
    expect(await answerFor('order.flagged', ask)).toEqual(absent);
  });

  it.each(['put', 'patch'] as const)(
    'is answered like for one that does not exist: changing an endpoint by %s',
    async (method) => {
      const { id } = (await portal.post(`/app/${appId}/endpoint`, { url })).body;
      const ask = (name: string) => portal[method](`/app/${appId}/endpoint/${id}`, { url, eventTypes: [name] });
      const absent = await answerFor('order.nothing', ask);

      expect(absent[0]).toBe(422);
      expect(await answerFor('order.flagged', ask)).toEqual(absent);
      expect((await ask('order.open')).status).toBe(200);
    },
  );

  it('subscribes with one of the flags; so does the organisation', async () => {
    const flagged = { url, eventTypes: ['order.flagged'] };

    expect((await (await portalWith(['gamma'])).post(`/app/${appId}/endpoint`, flagged)).status).toBe(201);
    expect((await api.post(`/app/${appId}/endpoint`, flagged)).status).toBe(201);
  });
});
