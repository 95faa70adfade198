import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication } from '../support/factories.js';

let app: TestApp;
let appId: string;

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app)).id;
});
afterAll(() => app?.stop());

describe('a message that is read says in a header', () => {
  const read = (id: string) => app.api.get(`/app/${appId}/msg/${id}`);

  it.each([
    ['json', { payload: { rawPayload: 'hello', encoding: 'base64' } }],
    ['json', { payload: { expired: true } }],
    ['raw', { transformationsParams: { rawPayload: 'hello' } }],
  ])('that its payload is %s: %j', async (kind, fields) => {
    const { id } = await aMessage(app, appId, fields);

    expect((await read(id)).headers['x-payload']).toBe(kind);
  });

  it('that no payload is left', async () => {
    const { id } = await aMessage(app, appId);
    await app.api.delete(`/app/${appId}/msg/${id}/content`);

    const { headers, body } = await read(id);
    expect([headers['x-payload'], body.payload]).toEqual(['expired', { expired: true }]);
  });

  it('nothing, if it is read without', async () => {
    const { id } = await aMessage(app, appId);

    expect((await app.api.get(`/app/${appId}/msg/${id}?with_content=false`)).headers).not.toHaveProperty('x-payload');
  });
});
