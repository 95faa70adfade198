import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { callsOfClients, OTHER_CALLS, type Call } from '../svix/sources.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe('a feature of the clients that this server does not have is refused by name', () => {
  it.each([
    ['Connectors', 'get', '/connector'],
    ['Connectors', 'delete', '/connector/some'],
    ['Streaming', 'put', '/stream/s/sink/t'],
    ['Streaming', 'post', '/auth/stream-portal-access/s'],
    ['Streaming', 'get', '/auth/stream/s/sink/t/poller/token'],
    ['Integrations', 'get', '/app/a/integration?limit=5'],
    ['Integrations', 'post', '/app/a/integration/i/key/rotate'],
    ['Transformations', 'patch', '/app/a/endpoint/e/transformation'],
    ['Destinations', 'get', '/app/a/destination/d/'],
    ['Autoconfiguration', 'post', '/app/a/autoconfig'],
  ])('%s at %s %s', async (feature, method, path) => {
    const answer = await app.api.raw(method, path);
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_supported', detail: expect.stringContaining(feature) } });
  });

  it('Ingest at a path of its own', async () => {
    const answer = await app.root.post('/ingest/api/v1/source', {}, { authorization: `Bearer ${app.token}` });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_supported', detail: expect.stringContaining('Ingest') } });
  });

  it('after its token', async () => {
    expect((await app.root.get('/api/v1/connector')).status).toBe(401);
  });

  it("to an application's token too", async () => {
    const { id } = await anApplication(app);
    const answer = await app.as(app.appTokenFor(id)).get(`/app/${id}/integration`);
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_supported' } });
  });
});

const answerTo = ({ method, path }: Call) => {
  // One of the calls logs out.
  const headers = { authorization: `Bearer ${app.tokenFor(app.orgId)}` };
  return app.root.raw(method, path.replace(/\{\w+\}/g, 'x'), { headers });
};

describe('a call that an official client has', () => {
  const calls = callsOfClients();

  it('is one of many', () => {
    expect(calls.length).toBeGreaterThan(140);
  });

  it.each(calls)('is never told that there is no such route: $method $path', async (call) => {
    const { status, body } = await answerTo(call);

    expect(status).not.toBe(405);
    expect(body?.detail).not.toBe('There is no such route');
  });

  it.each(OTHER_CALLS)('of another language is refused by name: $method $path', async (call) => {
    expect(await answerTo(call)).toMatchObject({
      status: 404,
      body: { code: 'not_supported', detail: expect.stringMatching(/^(?!This feature).+: not supported by this server$/) },
    });
  });

  it('is refused by name to a token of an application as well, and only after the token', async () => {
    const { id } = await anApplication(app);

    expect((await app.as(app.appTokenFor(id)).get('/auth/whoami')).body.code).toBe('not_supported');
    expect((await app.root.get('/api/v1/auth/whoami')).status).toBe(401);
  });
});
