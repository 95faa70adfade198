import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver } from '../support/receiver.js';

describe('custom headers of endpoints', () => {
  let app: TestApp;
  let appId: string;
  let path: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
    path = `/app/${appId}/endpoint/${(await anEndpoint(app, appId)).id}/headers`;
  });
  afterAll(() => app?.stop());

  const shown = async () => (await app.api.get(path)).body;

  it('are none at first', async () => {
    expect(await shown()).toEqual({ headers: {}, sensitive: [] });
  });

  it('keep the letter case of their names', async () => {
    expect(await app.api.put(path, { headers: { 'X-CamelCase': 'a', 'x-lower': 'b' } })).toMatchObject({
      status: 204,
      body: null,
    });

    expect((await shown()).headers).toEqual({ 'X-CamelCase': 'a', 'x-lower': 'b' });
  });

  it('show no credentials', async () => {
    await app.api.put(path, { headers: { Authorization: 'Bearer abc', 'X-Api-Key': 'k', 'x-plain': 'p' } });

    expect(await shown()).toEqual({ headers: { 'x-plain': 'p' }, sensitive: ['Authorization', 'X-Api-Key'] });
  });

  it('are replaced by PUT', async () => {
    await app.api.put(path, { headers: { a: '1', b: '2' } });
    await app.api.put(path, { headers: { c: '3' } });

    expect((await shown()).headers).toEqual({ c: '3' });
  });

  it('are merged by PATCH', async () => {
    await app.api.patch(path, { headers: { a: '1', b: '2' } });
    await app.api.patch(path, { headers: { B: '4', c: '3' } });

    expect((await shown()).headers).toEqual({ a: '1', B: '4', c: '3' });
  });

  it('are deleted by null', async () => {
    await app.api.put(path, { headers: { a: '1', b: '2' } });

    expect((await app.api.patch(path, { headers: { A: null } })).status).toBe(204);
    expect((await shown()).headers).toEqual({ b: '2' });
  });

  it('are deleted by name', async () => {
    await app.api.put(path, { headers: { a: '1', b: '2' } });
    await app.api.patch(path, { headers: {}, deleteHeaders: ['A'] });

    expect((await shown()).headers).toEqual({ b: '2' });
  });

  it.each(['content-length', 'some:thing', 'a\u0000b', 'svix-foo', 'x-svix-foo', 'x-amzn-foo', 'User-Agent', ''])(
    'are not named %j',
    async (name) => {
      expect((await app.api.put(path, { headers: { [name]: 'a' } })).status).toBe(422);
      expect((await app.api.patch(path, { headers: { [name]: 'a' } })).status).toBe(422);
      expect((await shown()).headers).toEqual({});
    },
  );

  it.each(['Expect', '__proto__', 'Proxy-Connection', 'Connection'])(
    'are not named %s, wherever they are given',
    async (name) => {
      const headers = JSON.parse(`{${JSON.stringify(name)}:"a","x-fine":"b"}`) as Record<string, string>;
      const answers = [
        await app.api.put(path, { headers }),
        await app.api.patch(path, { headers }),
        await app.api.post(`/app/${appId}/endpoint`, { url: 'https://example.com/', headers }),
        await app.api.post('/operational-webhook/endpoint', { url: 'https://example.com/', headers }),
      ];

      for (const { status, body } of answers) {
        expect(status).toBe(422);
        expect(JSON.stringify(body)).toContain(`The header ${name} is reserved`);
      }
      expect((await shown()).headers).toEqual({});
    },
  );

  it.each(['a\r\nb', 'a'.repeat(4097)])('have legal values only', async (value) => {
    expect((await app.api.put(path, { headers: { a: value } })).status).toBe(422);
    expect((await app.api.patch(path, { headers: { a: value } })).status).toBe(422);
  });

  it('are not found where the endpoint is unknown', async () => {
    const unknown = `/app/${appId}/endpoint/nobody/headers`;

    expect((await app.api.get(unknown)).status).toBe(404);
    expect((await app.api.put(unknown, { headers: {} })).status).toBe(404);
    expect((await app.api.patch(unknown, { headers: {} })).status).toBe(404);
  });

  it('may be given with a new endpoint', async () => {
    const { id, ...rest } = await anEndpoint(app, appId, { headers: { 'X-First': 'yes' } });

    expect(rest).not.toHaveProperty('headers');
    expect((await app.api.get(`/app/${appId}/endpoint/${id}/headers`)).body.headers).toEqual({ 'X-First': 'yes' });
  });

  it('survive a replacement of the endpoint', async () => {
    await app.api.put(path, { headers: { a: '1' } });
    await app.api.put(path.replace(/\/headers$/, ''), { url: 'http://example.com/other' });

    expect((await shown()).headers).toEqual({ a: '1' });
  });

  it('arrive at the receiver, credentials included', async () => {
    const receiver = await startReceiver();
    const { id } = await anEndpoint(app, appId, { url: receiver.url });
    await app.api.put(`/app/${appId}/endpoint/${id}/headers`, { headers: { 'X-Team': 'blue', Authorization: 'Bearer abc' } });
    await aMessage(app, appId);
    const [request] = await receiver.got(1);
    await receiver.stop();

    expect(request!.headers).toMatchObject({ 'x-team': 'blue', authorization: 'Bearer abc' });
    expect(request!.rawHeaders).toContain('X-Team');
  });

  it('reach no log line', async () => {
    await app.api.put(path, { headers: { Authorization: 'Bearer very-secret' } });

    expect(app.log.join('\n')).not.toContain('very-secret');
  });
});
