import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { routesOf } from '../support/operations.js';

const url = 'https://example.com/hook';
const STEPS = ['.', '..'];
const webhooks = (name: string) => ({ openapi: '3.1.0', webhooks: { [name]: { post: { summary: '' } } } });

let app: TestApp;
let appId: string;
let endpointId: string;

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app, { uid: 'acme' })).id;
  endpointId = (await anEndpoint(app, appId)).id;
});
afterAll(() => app?.stop());

describe.each(STEPS)('the name %j, which is a step in a URL, is refused', (step) => {
  it.each<[string, string, () => string, () => unknown]>([
    ['as uid of a new application', 'post', () => '/app', () => ({ name: 'a', uid: step })],
    ['as uid of an application that is there', 'patch', () => '/app/acme', () => ({ uid: step })],
    ['as uid of an application that is put', 'put', () => '/app/acme', () => ({ name: 'a', uid: step })],
    ['as uid of an application that a message makes', 'post', () => '/app/new/msg', () => messageWith({ application: other() })],
    [
      'as uid of an application that a portal makes',
      'post',
      () => '/auth/app-portal-access/new',
      () => ({ application: other() }),
    ],
    ['as uid of a new endpoint', 'post', () => `/app/${appId}/endpoint`, () => ({ url, uid: step })],
    ['as uid of an endpoint that is there', 'patch', () => `/app/${appId}/endpoint/${endpointId}`, () => ({ uid: step })],
    ['as uid of an endpoint that is put', 'put', () => `/app/${appId}/endpoint/${endpointId}`, () => ({ url, uid: step })],
    ['as uid of an operational endpoint', 'post', () => '/operational-webhook/endpoint', () => ({ url, uid: step })],
    ['as name of an event type', 'post', () => '/event-type', () => ({ name: step, description: '' })],
    ['as name of an imported event type', 'post', () => '/event-type/import/openapi', () => ({ spec: webhooks(step) })],
    ['as name of an event type of an environment', 'post', () => '/environment/import', () => environment()],
    ['as event type that an endpoint filters by', 'post', () => `/app/${appId}/endpoint`, () => ({ url, filterTypes: [step] })],
    ['as eventId', 'post', () => `/app/${appId}/msg`, () => messageWith({ eventId: step })],
    ['as event type of a message', 'post', () => `/app/${appId}/msg`, () => messageWith({ eventType: step })],
    ['as event type of a precheck', 'post', () => `/app/${appId}/msg/precheck/active`, () => ({ eventType: step })],
  ])('%s', async (_what, method, path, body) => {
    const answer = await app.api.raw(method, path(), { body: JSON.stringify(body()) });

    expect(answer).toMatchObject({ status: 422, body: { detail: [{ msg: expect.stringContaining('steps in a URL') }] } });
  });

  it('as name of a header', async () => {
    const own = { url, headers: { [step]: 'a' } };
    expect((await app.api.post(`/app/${appId}/endpoint`, own)).status).toBe(422);
    expect((await app.api.put(`/app/${appId}/endpoint/${endpointId}/headers`, { headers: own.headers })).status).toBe(422);
    expect((await app.api.patch(`/app/${appId}/endpoint/${endpointId}/headers`, { headers: own.headers })).status).toBe(422);
  });

  it('as eventId in a batch', async () => {
    const { body } = await app.api.post(`/app/${appId}/msg/batch`, [messageWith({ eventId: step })]);
    expect(body.data).toMatchObject([{ status: 422 }]);
  });

  const other = () => ({ name: 'a', uid: step });
  const messageWith = (more: object) => ({ eventType: 'order.paid', payload: {}, ...more });
  const environment = () => ({ version: 1, createdAt: new Date(), eventTypes: [{ name: step, description: '' }] });

  it('by the client that would delete the application when it is asked to delete the endpoint', async () => {
    const svix = app.svix();
    await expect(svix.endpoint.create(appId, { url, uid: step })).rejects.toMatchObject({ code: 422 });
    await expect(svix.application.create({ name: 'a', uid: step })).rejects.toMatchObject({ code: 422 });
    await expect(svix.eventType.create({ name: step, description: '' })).rejects.toMatchObject({ code: 422 });
  });

  it('in a path that somebody sends as it is, encoded or not', async () => {
    for (const segment of [step, step.replaceAll('.', '%2e')]) {
      const { hostname, port } = new URL(app.url);
      expect(await sentAsItIs(hostname, Number(port), 'PUT', `/api/v1/app/${segment}`, { name: 'a' })).toBe(422);
      expect(await sentAsItIs(hostname, Number(port), 'PUT', `/api/v1/event-type/${segment}`, { description: '' })).toBe(422);
      const reader = `/api/v1/app/${appId}/poller/${endpointId}/consumer/${segment}`;
      expect(await sentAsItIs(hostname, Number(port), 'GET', reader)).toBe(422);
    }
  });

  it('while what has it from before is found by its id, and renamed', async () => {
    const old = await anApplication(app);
    const oldEndpoint = await anEndpoint(app, old.id);
    const sql = app.nest.get(DataSource);
    await sql.query('UPDATE application SET uid = ? WHERE id = ?', [step, old.id]);
    await sql.query('UPDATE endpoint SET uid = ? WHERE id = ?', [step, oldEndpoint.id]);

    expect((await app.api.get(`/app/${old.id}`)).body.uid).toBe(step);
    expect((await app.api.get(`/app/${old.id}/endpoint/${oldEndpoint.id}`)).body.uid).toBe(step);
    expect((await app.api.patch(`/app/${old.id}/endpoint/${oldEndpoint.id}`, { uid: `renamed${step}` })).status).toBe(200);
    expect((await app.api.patch(`/app/${old.id}`, { uid: `renamed${step}` })).status).toBe(200);
    expect((await aMessage(app, `renamed${step}`)).id).toMatch(/^msg_/);
  });

  it('while an event type that has it from before does not end the reading of the list', async () => {
    const tenant = app.as(app.tokenFor('org_walker'));
    for (const name of ['-a', 'a.b', 'b.c']) await tenant.post('/event-type', { name, description: '' });
    await app.nest
      .get(DataSource)
      .query('UPDATE event_type SET name = ? WHERE org_id = ? AND name = ?', [step, 'org_walker', 'a.b']);
    const names = [];
    let page = { iterator: null as string | null, done: false };
    while (!page.done) {
      const at = page.iterator === null ? '' : `&iterator=${encodeURIComponent(page.iterator)}`;
      page = (await tenant.get(`/event-type?limit=1${at}`)).body;
      names.push(...(page as any).data.map((type: any) => type.name));
    }

    expect(names).toEqual(['-a', step, 'b.c']);
    await tenant.raw('delete', '/event-type/-a?expunge=true');
    await tenant.raw('delete', '/event-type/b.c?expunge=true');
    await app.nest.get(DataSource).query('DELETE FROM event_type WHERE org_id = ?', ['org_walker']);
  });
});

it('names with dots in them are as good as others', async () => {
  for (const uid of ['...', '.a', 'a.', 'a..b', '-.', '_']) {
    const { id } = await anApplication(app, { uid });
    expect((await app.svix().application.get(uid)).id).toBe(id);
  }
});

it('a page of no items is refused by every list, in the query and before anything else', async () => {
  const lists = routesOf(app).filter(({ query }) => query instanceof z.ZodObject && 'limit' in query.shape);
  const answers = await Promise.all(lists.map(({ path }) => app.root.get(`${path.replace(/\{\w+\}/g, 'x')}?limit=0`)));

  expect(lists.length).toBeGreaterThanOrEqual(14);
  expect(answers.map(({ status }) => status)).toEqual(lists.map(() => 422));
  expect(answers[0]!.body.detail).toEqual([expect.objectContaining({ loc: ['query', 'limit'] })]);
});

/** Sends a path without the client's own tidying of it; resolves with the status. */
function sentAsItIs(host: string, port: number, method: string, path: string, body?: object): Promise<number> {
  const text = body === undefined ? '' : JSON.stringify(body);
  return new Promise((answered, failed) => {
    const headers = { authorization: `Bearer ${app.token}`, 'content-length': Buffer.byteLength(text) };
    const sending = request({ host, port, method, path, headers }, (response) => {
      response.resume();
      answered(response.statusCode ?? 0);
    });
    sending.on('error', failed).end(text);
  });
}
