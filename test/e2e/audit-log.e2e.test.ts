import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UNAUDITED, isAudited } from '../../src/api/audit/audited.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint, aMessage } from '../support/factories.js';
import { belongings } from '../support/belongings.js';
import { called, keyOf, operations, routesOf } from '../support/operations.js';
import { until } from '../support/until.js';

type Entry = Record<string, any>;

const OUTCOME_MS = 3_000;

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const log = async (query = '', token = app.token): Promise<Entry[]> => (await app.as(token).get(`/audit-log${query}`)).body.data;

/** The newest entry of this operation, when its outcome is known. */
const entryOf = (operation: string, token = app.token): Promise<Entry> =>
  until(
    async () => (await log(`?operation=${operation}&limit=1`, token)).find(({ outcome }) => outcome !== 'unknown'),
    OUTCOME_MS,
    `the entry of ${operation}`,
  ) as Promise<Entry>;

describe('an entry of the audit log', () => {
  it('tells who changed what and how it ended', async () => {
    const { id: appId } = await anApplication(app);
    const { id } = await anEndpoint(app, appId);
    const answer = await app.api.patch(
      `/app/${appId}/endpoint/${id}`,
      { description: 'confidential', bogus: 1 },
      { 'x-request-id': 'req-1' },
    );
    expect(answer.status).toBe(200);
    const entry = await entryOf('v1.endpoint.patch');
    expect(entry).toMatchObject({
      operation: 'v1.endpoint.patch',
      orgId: app.orgId,
      appId,
      actor: 'organization',
      requestId: 'req-1',
      address: expect.stringMatching(/127\.0\.0\.1$/),
      objects: { app_id: appId, endpoint_id: id },
      fields: ['description'],
      outcome: 'succeeded',
      status: 200,
    });
    expect(entry['id']).toMatch(/^audit_/);
    expect(Math.abs(Date.now() - Date.parse(entry['timestamp']))).toBeLessThan(60_000);
    expect(JSON.stringify(entry)).not.toContain('confidential');
  });

  it('names the token by its id', async () => {
    const { id: appId } = await anApplication(app);
    const entry = await entryOf('v1.application.create');
    expect(entry).toMatchObject({ appId, createdId: appId, status: 201 });
    expect(entry['tokenId']).toEqual(expect.any(String));
    expect(app.token).not.toContain(entry['tokenId']);
    expect(await log(`?token_id=${encodeURIComponent(entry['tokenId'])}&limit=1`)).toHaveLength(1);
  });

  it('says that the token of an application made the change', async () => {
    const { id: appId } = await anApplication(app);
    const token = app.appTokenFor(appId);
    expect((await app.as(token).post(`/app/${appId}/endpoint`, { url: 'http://127.0.0.1:9/hook' })).status).toBe(201);
    expect(await entryOf('v1.endpoint.create')).toMatchObject({ actor: 'application', appId });
  });

  it('has the id of an application that the path named by its uid', async () => {
    const uid = `shop-${Date.now()}`;
    const { id } = (await app.api.post('/app', { name: 'Shop', uid })).body;
    await app.api.patch(`/app/${uid}`, { name: 'Shop 2' });
    expect(await entryOf('v1.application.patch')).toMatchObject({ appId: id, objects: { app_id: uid }, fields: ['name'] });
    expect((await log(`?app_id=${uid}`)).map(({ operation }) => operation)).toContain('v1.application.patch');
  });

  it('has the name of an event type that was created', async () => {
    const name = `made-${Date.now()}`;
    await app.api.post('/event-type', { name, description: '' });
    expect(await entryOf('v1.event-type.create')).toMatchObject({ createdId: name, fields: ['description', 'name'] });
  });

  it('says that a change was refused', async () => {
    await app.api.delete('/event-type/nobody-has-it');
    expect(await entryOf('v1.event-type.delete')).toMatchObject({ outcome: 'refused', status: 404 });
  });

  it('has no token that an answer has shown', async () => {
    const { id: appId } = await anApplication(app);
    const { token } = (await app.api.post(`/auth/app-portal-access/${appId}`, {})).body;
    const entry = await entryOf('v1.authentication.app-portal-access');
    expect(JSON.stringify(entry)).not.toContain(token);
    expect(entry).toMatchObject({ createdId: null, appId });
  });

  it('has no token that stands in the path, and neither has the log', async () => {
    const { token } = (await app.api.post('/auth/api-token', { name: 'leaked' })).body;
    expect((await app.api.post(`/auth/api-token/${token}/expire`, {})).status).toBe(404);
    expect((await app.api.delete(`/app/${app.token}`)).status).toBe(404);
    const [deleted, expired] = (await app.api.get('/audit-log?limit=2')).body.data;
    expect([deleted.objects, deleted.appId, expired.objects]).toEqual([{ app_id: '****' }, null, { key_id: '****' }]);
    expect(app.log.filter((line) => line.includes(token) || line.includes(app.token))).toEqual([]);
  });

  it('is not made for a body that the schema refuses', async () => {
    const before = (await log('?operation=v1.application.create')).length;
    expect((await app.api.post('/app', { name: 1 })).status).toBe(422);
    expect((await log('?operation=v1.application.create')).length).toBe(before);
  });

  it('is not made for a call that the token does not allow', async () => {
    const { id: appId } = await anApplication(app);
    expect((await app.as(app.appTokenFor(appId)).delete(`/app/${appId}`)).status).toBe(403);
    expect(await log(`?operation=v1.application.delete&app_id=${appId}`)).toEqual([]);
  });

  it('is not made for a message', async () => {
    const { id: appId } = await anApplication(app);
    await aMessage(app, appId);
    expect((await log(`?app_id=${appId}`)).map(({ operation }) => operation)).toEqual(['v1.application.create']);
  });
});

describe('the audit log', () => {
  it('is the own one for an organisation', async () => {
    const other = app.tokenFor('org_other-of-audit');
    expect(await log('', other)).toEqual([]);
    expect((await app.as(other).get(`/audit-log?org_id=${app.orgId}`)).status).toBe(403);
  });

  it('is that of all for an operator, or of one organisation', async () => {
    await app.as(app.tokenFor('org_second-of-audit')).post('/app', { name: 'Theirs' });
    const all = await log('?operation=v1.application.create', app.operatorToken());
    expect(new Set(all.map(({ orgId }) => orgId)).size).toBeGreaterThan(1);
    const one = await log('?org_id=org_second-of-audit', app.operatorToken());
    expect(one.map(({ orgId, operation }) => [orgId, operation])).toEqual([['org_second-of-audit', 'v1.application.create']]);
  });

  it('is closed to the token of an application', async () => {
    const { id: appId } = await anApplication(app);
    expect((await app.as(app.appTokenFor(appId)).get('/audit-log')).status).toBe(403);
  });

  it('is read in pages, newest first', async () => {
    const token = app.tokenFor(`org_pages-of-audit-${Date.now()}`);
    for (let n = 0; n < 5; n++) await app.as(token).post('/app', { name: `App ${n}` });
    const ids = (await log('', token)).map(({ id }) => id);
    expect(ids).toHaveLength(5);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const first = (await app.as(token).get('/audit-log?limit=3')).body;
    expect(first).toMatchObject({ done: false, iterator: ids[2] });
    const second = (await app.as(token).get(`/audit-log?limit=3&iterator=${first.iterator}`)).body;
    expect(second.data.map(({ id }: Entry) => id)).toEqual(ids.slice(3));
    expect(second.done).toBe(true);
    const back = (await app.as(token).get(`/audit-log?limit=3&iterator=${second.prevIterator}`)).body;
    expect(back.data.map(({ id }: Entry) => id)).toEqual(ids.slice(0, 3));
  });

  it('is limited to a time', async () => {
    const token = app.tokenFor(`org_time-of-audit-${Date.now()}`);
    await app.as(token).post('/app', { name: 'Early' });
    const [{ timestamp }] = (await log('', token)) as [Entry];
    const later = new Date(Date.parse(timestamp) + 1_000).toISOString();
    expect(await log(`?before=${later}`, token)).toHaveLength(1);
    expect(await log(`?after=${later}`, token)).toHaveLength(0);
    expect(await log(`?before=${timestamp}`, token)).toHaveLength(0);
    expect(await log(`?after=${timestamp}`, token)).toHaveLength(1);
  });
});

describe('the operations', () => {
  it('that are no GET are all audited, but for the exceptions', () => {
    const writes = routesOf(app).filter(({ method }) => method !== 'GET');
    const without = writes.filter((route) => !isAudited(route)).map(({ operation }) => operation?.id);
    expect(without.toSorted()).toEqual(Object.keys(UNAUDITED).toSorted());
  });

  it('have an entry after each call, whatever became of it', async () => {
    const own = await belongings(app, app.token);
    const known = new Map(routesOf(app).map((route) => [keyOf(route), route]));
    const missing: string[] = [];
    // Deletes last, the application itself at the very end.
    const depth = ({ method, path }: { method: string; path: string }) => (method === 'DELETE' ? 100 - path.length : 0);
    for (const operation of operations().toSorted((one, other) => depth(one) - depth(other))) {
      const route = known.get(operation.key)!;
      if (!isAudited(route)) continue;
      const token = operation.for === 'operator' ? app.operatorToken() : app.token;
      // It ends its token, and no other call needs this one.
      const ending = operation.path.endsWith('/logout') ? app.appTokenFor(own.app_id) : token;
      const count = async () => (await log(`?operation=${route.operation!.id}&limit=250`, token)).length;
      const before = await count();
      const { status } = await called(app, operation, own, ending);
      const more = (await count()) - before;
      if (more !== 1) missing.push(`${operation.key}: ${status}, ${more} entries`);
    }
    expect(missing).toEqual([]);
  });
});
