import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

let app: TestApp;
let appId: string;

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app)).id;
});
afterAll(() => app?.stop());

const names = (count: number) => Array.from({ length: count }, (_, n) => `type-${n}`);
const keys = (count: number, value: unknown) => Object.fromEntries(names(count).map((name) => [name, value]));

describe('a body is refused with one fault when it has', () => {
  it.each([
    ['10,001 event types of an endpoint', 'endpoint', { url: 'https://example.com', eventTypes: names(10_001) }, 'eventTypes'],
    ['11 channels', 'endpoint', { url: 'https://example.com', channels: names(11) }, 'channels'],
    ['501 headers', 'endpoint', { url: 'https://example.com', headers: keys(501, 'a') }, 'headers'],
    [
      'a description of 65,537 characters',
      'endpoint',
      { url: 'https://example.com', description: 'a'.repeat(65_537) },
      'description',
    ],
    ['a thousand metadata', 'endpoint', { url: 'https://example.com', metadata: keys(2_000, 'a') }, 'metadata'],
    ['1,001 messages to expunge', 'msg/bulk-expunge', { ids: names(1_001) }, 'ids'],
  ])('%s', async (_what, path, body, key) => {
    const answer = await app.api.post(`/app/${appId}/${path}`, body);

    expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', key] }] } });
  });

  it('20,001 event types of an environment', async () => {
    const eventTypes = names(20_001).map((name) => ({ name, description: '' }));

    expect(await app.api.post('/environment/import', { eventTypes })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'eventTypes'] }] },
    });
  });
});

it('an endpoint can not collect more headers in several requests than in one', async () => {
  const { id } = await anEndpoint(app, appId);
  const path = `/app/${appId}/endpoint/${id}/headers`;
  const patch = (headers: Record<string, unknown>) => app.api.patch(path, { headers });

  expect((await patch(keys(500, 'a'))).status).toBe(204);
  expect(await patch({ 'x-more': 'a' })).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'headers'] }] } });
  expect((await app.api.put(path, { headers: keys(100, 'a'.repeat(4_000)) })).status).toBe(422);
  expect((await patch({ 'x-more': 'a', 'type-0': null })).status).toBe(204);
});
