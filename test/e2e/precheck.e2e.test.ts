import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

let app: TestApp;
let appId: string;

beforeAll(async () => {
  app = await startApp();
  await app.api.put('/event-type/order.paid', { description: '' });
});
beforeEach(async () => {
  appId = (await anApplication(app)).id;
});
afterAll(() => app?.stop());

const active = async (eventType: string, channels?: string[]) =>
  (await app.svix().message.precheck(appId, { eventType, ...(channels && { channels }) })).active;

describe('the precheck of a message', () => {
  it('says no where there is no endpoint', async () => {
    expect(await active('order.paid')).toBe(false);
  });

  it('follows the filters of the endpoints', async () => {
    await anEndpoint(app, appId, { eventTypes: ['order.paid'], channels: ['eu'] });

    expect(await active('order.paid', ['eu', 'us'])).toBe(true);
    expect(await active('order.paid', ['us'])).toBe(false);
    expect(await active('order.paid')).toBe(false);
    expect(await active('order.sent', ['eu'])).toBe(false);
  });

  it('hears of a change at once', async () => {
    expect(await active('order.sent')).toBe(false);
    const { id } = await anEndpoint(app, appId);
    expect(await active('order.sent')).toBe(true);
    await app.api.patch(`/app/${appId}/endpoint/${id}`, { disabled: true });
    expect(await active('order.sent')).toBe(false);
  });

  it('is refused for what no message could have, and not found without the application', async () => {
    const path = `/app/${appId}/msg/precheck/active`;

    expect((await app.api.post(path, {})).status).toBe(422);
    expect((await app.api.post(path, { eventType: 'a b' })).status).toBe(422);
    expect((await app.api.post(path, { eventType: 'a', channels: [] })).status).toBe(422);
    expect((await app.api.post('/app/nobody/msg/precheck/active', { eventType: 'a' })).status).toBe(404);
    expect((await app.as(app.appTokenFor(appId)).post(path, { eventType: 'a' })).status).toBe(403);
  });
});
