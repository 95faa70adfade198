import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

const WAIT_MS = 60_000;

let app: TestApp;
let appId: string;
let receiver: Receiver;

beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  receiver = await startReceiver();
  appId = (await anApplication(app)).id;
});
afterEach(() => receiver.stop());
afterAll(() => app?.stop());

const endpoint = async (fields: Record<string, unknown> = {}): Promise<string> =>
  (await anEndpoint(app, appId, { url: receiver.url, ...fields })).id;
const eventType = (name: string, schemas: object | null) => app.api.put(`/event-type/${name}`, { description: '', schemas });
const send = (endpointId: string, body: object) => app.api.post(`/app/${appId}/endpoint/${endpointId}/send-example`, body);
const bodies = async (count = 1) => (await receiver.got(count, WAIT_MS)).map(({ body }) => body.toString());

describe('send-example', () => {
  it('pings without an event type of that name', async () => {
    const endpointId = await endpoint();
    const { status, body } = await send(endpointId, { eventType: 'svix.ping' });

    expect(status).toBe(200);
    expect(body).toMatchObject({ id: expect.stringMatching(/^msg_/), eventType: 'svix.ping', eventId: null, payload: {} });
    expect(await bodies()).toEqual(['{"success": true}']);
    expect((await app.api.get(`/app/${appId}/msg/${body.id}`)).body).toMatchObject({ payload: { success: true } });
  });

  it('reaches an endpoint whose filters the message does not pass', async () => {
    await eventType('order.paid', null);
    const endpointId = await endpoint({ eventTypes: ['order.paid'], channels: ['eu'] });
    await send(endpointId, { eventType: 'svix.ping' });

    expect(await bodies()).toEqual(['{"success": true}']);
  });

  it('is refused for a disabled endpoint, with the reason, and makes no message', async () => {
    const endpointId = await endpoint({ disabled: true });

    expect(await send(endpointId, { eventType: 'svix.ping' })).toMatchObject({
      status: 409,
      body: { code: 'endpoint_disabled', detail: expect.stringContaining('disabled') },
    });
    expect((await app.api.get(`/app/${appId}/msg`)).body.data).toEqual([]);
  });

  it('reaches that endpoint alone', async () => {
    const other = await startReceiver();
    await anEndpoint(app, appId, { url: other.url });
    const endpointId = await endpoint();
    const { body } = await send(endpointId, { eventType: 'svix.ping' });
    await bodies();
    const { data } = (await app.api.get(`/app/${appId}/attempt/msg/${body.id}`)).body;
    await other.stop();

    expect(other.received).toEqual([]);
    expect(data.every((attempt: { endpointId: string }) => attempt.endpointId === endpointId)).toBe(true);
  });

  it('sends the first example of version 1', async () => {
    await eventType('order.sent', { '2': { examples: [{ v: 2 }] }, '1': { examples: [{ n: 1, z: [1.5, null] }, { n: 2 }] } });
    const endpointId = await endpoint();
    await app.svix().endpoint.sendExample(appId, endpointId, { eventType: 'order.sent' });

    expect(await bodies()).toEqual(['{"n":1,"z":[1.5,null]}']);
  });

  it('sends the example that is asked for', async () => {
    await eventType('order.split', { '1': { examples: [{ n: 1 }, { n: 2 }] } });
    const endpointId = await endpoint();
    await app.svix().endpoint.sendExample(appId, endpointId, { eventType: 'order.split', exampleIndex: 1 });

    expect(await bodies()).toEqual(['{"n":2}']);
    expect((await send(endpointId, { eventType: 'order.split', exampleIndex: 2 })).status).toBe(422);
  });

  it('takes the examples of another version where version 1 has none', async () => {
    await eventType('order.lost', { '1': { type: 'object' }, '3': { examples: [{ v: 3 }] } });
    await send(await endpoint(), { eventType: 'order.lost' });

    expect(await bodies()).toEqual(['{"v":3}']);
  });

  it('is refused without an example', async () => {
    await eventType('bare.one', null);
    await eventType('bare.two', { '1': { examples: [] } });
    const endpointId = await endpoint();

    for (const name of ['bare.one', 'bare.two'])
      expect(await send(endpointId, { eventType: name })).toMatchObject({ status: 400, body: { code: 'invalid_scheme' } });
  });

  it('is not found for an unknown event type or endpoint', async () => {
    expect((await send(await endpoint(), { eventType: 'no.such' })).status).toBe(404);
    expect((await send('nobody', { eventType: 'svix.ping' })).status).toBe(404);
  });

  it('is not for the token of an application', async () => {
    const endpointId = await endpoint();
    const portal = app.as(app.appTokenFor(appId));
    const { status } = await portal.post(`/app/${appId}/endpoint/${endpointId}/send-example`, { eventType: 'svix.ping' });

    expect(status).toBe(403);
  });

  it('has a path for the token of an application: test-event', async () => {
    const endpointId = await endpoint();
    const portal = app.as(app.appTokenFor(appId));
    const { status, body } = await portal.post(`/app/${appId}/endpoint/${endpointId}/test-event`, { eventType: 'svix.ping' });

    expect({ status, body }).toMatchObject({ status: 200, body: { eventType: 'svix.ping' } });
  });

  it('shows an application nothing of an event type that is hidden from it', async () => {
    const name = `hidden.${appId}`;
    const schemas = { 1: { examples: [{ is: 'confidential' }] } };
    await app.api.post('/event-type', { name, description: 'Not for all.', featureFlags: ['beta'], schemas });
    const path = `/app/${appId}/endpoint/${await endpoint()}`;

    expect((await app.as(app.appTokenFor(appId)).post(`${path}/test-event`, { eventType: name })).status).toBe(404);
    expect((await app.api.post(`${path}/test-event`, { eventType: name })).status).toBe(200);
  });
});
