import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Delivery } from '../../src/database/entities/delivery.entity.js';
import { Endpoint } from '../../src/database/entities/endpoint.entity.js';
import { Sealer } from '../../src/domain/sealing.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 10_000;
const lost = new Sealer([randomBytes(32)]);
const lostSecret = () => [{ sealed: lost.seal(`whsec_${randomBytes(24).toString('base64')}`), expiresAt: null }];

describe('an endpoint that can not be opened', () => {
  let app: TestApp;
  let receiver: Receiver;
  let tenant: Receiver;
  let appId: string;
  let fine: any;
  let broken: any;
  let path: string;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '1' });
    receiver = await startReceiver();
    tenant = await startReceiver();
    await app.svix().operationalWebhook.endpoint.create({ url: tenant.url });
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
    fine = await anEndpoint(app, appId, { url: `${receiver.url}/fine` });
    broken = await anEndpoint(app, appId, { url: `${receiver.url}/broken/${appId}` });
    path = `/app/${appId}/endpoint/${broken.id}`;
    await change({ secrets: lostSecret() });
  });
  afterAll(async () => {
    await app?.stop();
    await receiver?.stop();
    await tenant?.stop();
  });

  /** Past the API, which would seal with the right key; then the caches are told, by a change of the other endpoint. */
  const change = async (columns: Partial<Endpoint>) => {
    await app.nest.get(DataSource).manager.update(Endpoint, { id: broken.id }, columns);
    await app.api.patch(`/app/${appId}/endpoint/${fine.id}`, { description: randomBytes(4).toString('hex') });
  };
  const arrivedAt = (where: string, msgId: string) =>
    receiver.waitFor((all) => all.some((one) => one.path.includes(where) && one.headers['webhook-id'] === msgId), WAIT_MS);
  const deliveryOf = (msgId: string) =>
    app.nest.get(DataSource).manager.findOneBy(Delivery, { appId, msgId, endpointId: broken.id });

  it('keeps no message of its application from being accepted and delivered to the others', async () => {
    const { id } = await aMessage(app, appId);
    const batch = await app.api.post(`/app/${appId}/msg/batch`, { messages: [{ eventType: 'order.paid', payload: {} }] });

    await arrivedAt('/fine', id);
    expect(batch.status).toBeLessThan(300);
  });

  it('keeps its deliveries, which wait without an attempt', async () => {
    const { id } = await aMessage(app, appId);
    await arrivedAt('/fine', id);
    const delivery = await until(
      async () => {
        const row = await deliveryOf(id);
        return row && row.dueAt && row.dueAt.getTime() > Date.now() + 20_000 ? row : null;
      },
      WAIT_MS,
      'the delivery to be postponed',
    );

    expect(delivery).toMatchObject({ attempts: 0, reason: null });
  });

  it('fails a manual attempt at once, with the reason in the list of attempts', async () => {
    const { id } = await aMessage(app, appId);
    await arrivedAt('/fine', id);
    expect((await app.api.post(`/app/${appId}/msg/${id}/endpoint/${broken.id}/resend`, {})).status).toBe(202);
    const attempts = async () => (await app.api.get(`/app/${appId}/attempt/endpoint/${broken.id}`)).body.data;
    const [attempt] = await until(async () => ((await attempts()).length > 0 ? attempts() : null), WAIT_MS, 'the attempt');

    expect(attempt).toMatchObject({ msgId: id, status: 2, responseStatusCode: 0 });
    expect(attempt.response).toMatch(/^not sent: The signing secret can't be opened: Sealed with key [0-9a-f]{8}/);
  });

  it('is shown with its reason, in the list too, beside the others', async () => {
    const shown = (await app.api.get(path)).body;
    const { data } = (await app.api.get(`/app/${appId}/endpoint`)).body;

    expect(shown.unreadable).toMatch(
      /^The signing secret can't be opened: Sealed with key [0-9a-f]{8}, which is not configured$/,
    );
    expect(data.find(({ id }: any) => id === broken.id)).toEqual(shown);
    expect(data.find(({ id }: any) => id === fine.id)).not.toHaveProperty('unreadable');
  });

  it('can be changed and deleted, and says why its secret is not shown', async () => {
    const secret = await app.api.get(`${path}/secret`);
    expect([secret.status, secret.body.code]).toEqual([409, 'endpoint_unreadable']);
    expect((await app.api.patch(path, { url: 'http://127.0.0.1:9/other' })).body).toMatchObject({
      url: 'http://127.0.0.1:9/other',
    });
    expect((await app.api.put(path, { url: 'http://127.0.0.1:9/third' })).status).toBe(200);
    expect((await app.api.delete(path)).status).toBe(204);
  });

  it('is mended by a new secret', async () => {
    expect((await app.api.post(`${path}/secret/rotate`, {})).status).toBe(204);
    const { id } = await aMessage(app, appId);

    await arrivedAt(`/broken/${appId}`, id);
    expect((await app.api.get(path)).body).not.toHaveProperty('unreadable');
    expect((await app.api.get(`${path}/secret`)).status).toBe(200);
  });

  it('is mended by new headers, where those can not be opened', async () => {
    await app.api.post(`${path}/secret/rotate`, {});
    await change({ sealedHeaders: lost.seal('{"x-own":"1"}') });
    expect((await app.api.get(path)).body.unreadable).toMatch(/^The custom headers can't be opened/);
    for (const answer of [
      await app.api.get(`${path}/headers`),
      await app.api.patch(`${path}/headers`, { headers: { 'x-new': '1' } }),
    ])
      expect([answer.status, answer.body.code]).toEqual([409, 'endpoint_unreadable']);

    expect((await app.api.put(`${path}/headers`, { headers: { 'x-new': '1' } })).status).toBe(204);
    const { id } = await aMessage(app, appId);
    await arrivedAt(`/broken/${appId}`, id);
  });

  it('is told of once: one operational webhook, and one line of the log in a minute', async () => {
    for (let count = 0; count < 3; count++) await aMessage(app, appId);
    await app.api.get(path);
    const isOurs = ({ body }: { body: Buffer }) => {
      const { type, data } = JSON.parse(body.toString());
      return type === 'endpoint.unreadable' && data.endpointId === broken.id;
    };
    const [told] = (await tenant.waitFor((all) => all.some(isOurs), WAIT_MS)).filter(isOurs);
    const data = { appId, appUid: null, endpointId: broken.id, endpointUid: null, reason: expect.stringContaining('key') };

    expect(JSON.parse(told!.body.toString())).toEqual({ type: 'endpoint.unreadable', data });
    expect((await tenant.waitFor(() => true)).filter(isOurs)).toHaveLength(1);
    const lines = app.log.filter((line) => line.includes('delivery.endpoint_unreadable') && line.includes(broken.id));
    expect(lines).toHaveLength(1);
  });
});
