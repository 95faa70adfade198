import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { messageInRaw } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

const WAIT_MS = 30_000;

describe.each([
  ['hand-off', '100'],
  ['the queue', 'off'],
])('the content type of a message, by way of %s', (_way, HANDOFF) => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;

  beforeAll(async () => {
    app = await startApp({ HANDOFF });
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
    await anEndpoint(app, appId, { url: receiver.url });
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const create = (transformationsParams: unknown) =>
    app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: { a: 1 }, transformationsParams });

  it('is the one that came with a raw payload', async () => {
    await app.svix().message.create(appId, messageInRaw('a', '<order id="1"/>', 'application/xml; charset=utf-8'));
    const [received] = await receiver.got(1, WAIT_MS);

    expect(received!.headers['content-type']).toBe('application/xml; charset=utf-8');
    expect(received!.body.toString()).toBe('<order id="1"/>');
  });

  it('is application/json where none was given, or only other headers', async () => {
    await create({ rawPayload: 'text', headers: { 'x-other': 'no', authorization: 'no' } });
    const [received] = await receiver.got(1, WAIT_MS);

    expect(received!.headers['content-type']).toBe('application/json');
    expect(received!.headers).not.toHaveProperty('x-other');
    expect(received!.headers).not.toHaveProperty('authorization');
  });

  it('may be written in any letter case, and without a raw payload', async () => {
    await create({ headers: { 'Content-Type': 'application/cloudevents+json' } });
    const [received] = await receiver.got(1, WAIT_MS);

    expect(received!.headers['content-type']).toBe('application/cloudevents+json');
    expect(received!.body.toString()).toBe('{"a":1}');
  });

  it('is sent again with a retry that somebody asked for', async () => {
    const { body } = await create({ rawPayload: 'a;b', headers: { 'content-type': 'text/csv' } });
    await receiver.got(1, WAIT_MS);
    const [endpoint] = (await app.api.get(`/app/${appId}/endpoint`)).body.data;
    await app.api.post(`/app/${appId}/msg/${body.id}/endpoint/${endpoint.id}/resend`);
    const received = await receiver.got(2, WAIT_MS);

    expect(received[1]!.headers['content-type']).toBe('text/csv');
  });

  it.each([
    ['a list', []],
    ['no text', { 'content-type': 1 }],
    ['no type', { 'content-type': 'json' }],
    ['a line end', { 'content-type': 'text/a\r\nx: y' }],
  ])('is refused as %s', async (_what, headers) => {
    const { status, body } = await create({ rawPayload: 'x', headers });

    expect(status).toBe(422);
    expect(body.detail[0].loc.slice(0, 3)).toEqual(['body', 'transformationsParams', 'headers']);
  });
});
