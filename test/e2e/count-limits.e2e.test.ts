import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    MAX_APPS_PER_ORG: '3',
    MAX_ENDPOINTS_PER_APP: '2',
    MAX_EVENT_TYPES_PER_ORG: '3',
    MAX_CHANNELS_PER_ENDPOINT: '2',
    MAX_HEADERS_PER_ENDPOINT: '2',
    MAX_HEADER_BYTES_PER_ENDPOINT: '20',
    MAX_BATCH_MESSAGES: '2',
  });
});
afterAll(() => app.stop());

const url = 'https://127.0.0.1:9/';
const owner = () => app.as(app.tokenFor(randomOrgId()));
const newApp = async (api: ReturnType<typeof owner>) => (await api.post('/app', { name: 'shop' })).body.id as string;
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).toSorted();
const both = (one: Promise<{ status: number }>[]) => Promise.all(one).then(statuses);

it('limits applications, however they are created', async () => {
  const api = owner();
  const [first] = [await newApp(api), await newApp(api), await newApp(api)];
  const refused = await api.post('/app', { name: 'one too many' });
  expect(refused.status).toBe(403);
  expect(refused.body).toEqual({
    code: 'limit_reached',
    detail: expect.stringMatching(/^The limit of applications in this organisation is 3 \(maxApps\).*operator/),
  });
  const application = { name: 'inline', uid: 'inline' };
  const message = { eventType: 'a', payload: {}, application };
  expect((await api.post('/app?get_if_exists=true', application)).status).toBe(403);
  expect((await api.put('/app/inline', { name: 'put' })).status).toBe(403);
  expect((await api.post('/app/inline/msg', message)).status).toBe(403);
  expect((await api.post('/app/inline/msg/batch', [{ ...message }])).status).toBe(403);
  expect((await api.post('/auth/app-portal-access/inline', { application })).status).toBe(403);
  expect((await api.put(`/app/${first}`, { name: 'renamed' })).status).toBe(200);
  await api.delete(`/app/${first}`);
  expect((await api.post('/app', { name: 'there is room again' })).status).toBe(201);
});

it('lets one of two creations at the limit pass', async () => {
  const api = owner();
  const appId = await newApp(api);
  await newApp(api);
  const many = Array.from({ length: 6 }, (_, n) => n);
  expect(await both(many.map(() => api.post('/app', { name: 'race' })))).toEqual([201, 403, 403, 403, 403, 403]);
  await api.post(`/app/${appId}/endpoint`, { url });
  expect(await both(many.map(() => api.post(`/app/${appId}/endpoint`, { url })))).toEqual([201, 403, 403, 403, 403, 403]);
  await api.post('/event-type', { name: 'first', description: '' });
  await api.post('/event-type', { name: 'second', description: '' });
  const types = many.map((n) => api.post('/event-type', { name: `race-${n}`, description: '' }));
  expect(await both(types)).toEqual([201, 403, 403, 403, 403, 403]);
});

it('limits endpoints, also those that a PUT creates, and not their changes', async () => {
  const api = owner();
  const appId = await newApp(api);
  const path = `/app/${appId}/endpoint`;
  await api.post(path, { url, uid: 'one' });
  await api.post(path, { url });
  expect((await api.post(path, { url })).body.detail).toContain('maxEndpointsPerApp');
  expect((await api.put(`${path}/three`, { url })).status).toBe(403);
  expect((await api.put(`${path}/one`, { url, description: 'changed' })).status).toBe(200);
  expect((await api.patch(`${path}/one`, { description: 'again' })).status).toBe(200);
});

it('limits event types, also imported ones', async () => {
  const api = owner();
  const types = (names: string[]) => names.map((name) => ({ name, description: '' }));
  const imported = (names: string[]) =>
    api.post('/environment/import', { version: 1, createdAt: new Date().toISOString(), eventTypes: types(names) });
  const spec = (names: string[]) => ({
    openapi: '3.1.0',
    webhooks: Object.fromEntries(names.map((name) => [name, { post: {} }])),
  });
  const openapi = (names: string[], more = {}) => api.post('/event-type/import/openapi', { spec: spec(names), ...more });
  expect((await imported(['a', 'b', 'c', 'd'])).status).toBe(403);
  expect((await api.get('/event-type')).body.data).toEqual([]);
  expect((await imported(['a', 'b'])).status).toBe(204);
  expect((await openapi(['b', 'c', 'd'])).status).toBe(403);
  expect((await openapi(['b', 'c', 'd'], { dryRun: true })).status).toBe(403);
  expect((await openapi(['b', 'c'])).status).toBe(200);
  expect((await api.put('/event-type/d', { description: '' })).status).toBe(403);
  expect((await api.put('/event-type/a', { description: 'changed' })).status).toBe(200);
  expect((await imported(['a', 'b', 'c'])).status).toBe(204);
});

it('limits channels and headers of an endpoint, and keeps those that are there', async () => {
  const orgId = randomOrgId();
  const api = app.as(app.tokenFor(orgId));
  const operator = app.as(app.operatorToken());
  const path = `/app/${await newApp(api)}/endpoint`;
  const channels = ['a', 'b', 'c'];
  const headers = { 'x-a': '1', 'x-b': '2', 'x-c': '3' };
  expect((await api.post(path, { url, channels })).body.detail[0]).toMatchObject({ loc: ['body', 'channels'] });
  expect((await api.post(path, { url, headers })).body.detail[0]).toMatchObject({ loc: ['body', 'headers'] });
  expect((await api.post(path, { url, headers: { 'x-a': 'x'.repeat(30) } })).status).toBe(422);

  await operator.put(`/admin/organization/${orgId}/limits`, { maxChannelsPerEndpoint: 3, maxHeadersPerEndpoint: 3 });
  const { id } = (await api.post(path, { url, channels, headers })).body;
  await operator.delete(`/admin/organization/${orgId}/limits`);
  expect((await api.put(`${path}/${id}`, { url, channels })).status).toBe(200);
  expect((await api.patch(`${path}/${id}`, { channels: [...channels, 'd'] })).status).toBe(422);
  expect((await api.patch(`${path}/${id}/headers`, { headers: { 'x-a': '9' } })).status).toBe(204);
  expect((await api.patch(`${path}/${id}/headers`, { headers: { 'x-d': '4' } })).status).toBe(422);
  expect((await api.put(`${path}/${id}/headers`, { headers: { ...headers, 'x-d': '4' } })).status).toBe(422);
});

it('limits the messages of a batch', async () => {
  const api = owner();
  const appId = await newApp(api);
  const batch = (count: number) =>
    api.post(
      `/app/${appId}/msg/batch`,
      Array.from({ length: count }, () => ({ eventType: 'a', payload: {} })),
    );
  expect((await batch(2)).status).toBe(202);
  expect(await batch(3)).toMatchObject({ status: 413, body: { detail: expect.stringContaining('maxBatchMessages') } });
});

it('gives operational endpoints a limit of their own', async () => {
  const api = owner();
  const create = () => api.post('/operational-webhook/endpoint', { url });
  for (let n = 0; n < 50; n++) expect(await both(Array.from({ length: 10 }, create))).toEqual(Array(10).fill(201));
  expect((await create()).body.code).toBe('limit_reached');
});
