import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { called, operations } from '../support/operations.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe('an unknown application together with a bad body', () => {
  const withBody = operations().filter(({ path, body }) => path.includes('{app_id}') && body !== undefined);

  it.each(withBody.map((operation) => [operation.key, operation] as const))('%s', async (_key, operation) => {
    const { status } = await called(app, { ...operation, body: 'no object' }, {}, app.token);
    // On routes for the organisation alone the body is checked first.
    expect(status).toBe(operation.for === 'organization' ? 422 : 404);
  });

  it('is refused for its token first', async () => {
    const [operation] = withBody;
    expect((await called(app, { ...operation!, body: 'no object' }, {}, undefined)).status).toBe(401);
  });
});

describe('a repeated idempotency key', () => {
  it('gets the first answer on a route for the organisation, whatever the body, and although the application is gone', async () => {
    const { id } = await anApplication(app);
    const key = { 'idempotency-key': randomUUID() };
    const expunge = (body: unknown) => app.api.post(`/app/${id}/msg/bulk-expunge`, body, key);
    const first = await expunge({ ids: ['nobody'] });
    expect((await expunge('no object')).body).toEqual(first.body);
    await app.api.delete(`/app/${id}`);
    expect(await expunge({ ids: ['nobody'] })).toMatchObject({ status: 200, body: first.body });
  });

  it('finds no application on a route for applications with a body, once it is gone', async () => {
    const { id } = await anApplication(app);
    const endpoint = await anEndpoint(app, id);
    const key = { 'idempotency-key': randomUUID() };
    const recover = () => app.api.post(`/app/${id}/endpoint/${endpoint.id}/recover`, { since: new Date() }, key);
    expect((await recover()).status).toBe(202);
    await app.api.delete(`/app/${id}`);
    expect((await recover()).status).toBe(404);
  });
});
