import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { DataSource } from 'typeorm';
import { Endpoint } from '../../src/database/entities/endpoint.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Received, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

/** What a tenant was told, by type. */
const told = (received: readonly Received[]) => received.map(({ body }) => JSON.parse(body.toString()) as any);
const toldOf = (received: readonly Received[], type: string) => told(received).filter((one) => one.type === type);

describe('operational webhooks', () => {
  let app: TestApp;
  let tenant: Receiver;
  let customer: Receiver;
  let status: number;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '1,1,1,1,1', ENDPOINT_DISABLE_AFTER_HOURS: '10' });
    tenant = await startReceiver();
    await app.svix().operationalWebhook.endpoint.create({ url: tenant.url });
  });
  beforeEach(async () => {
    status = 200;
    customer = await startReceiver(() => status);
  });
  afterEach(() => customer.stop());
  afterAll(async () => {
    await app?.stop();
    await tenant?.stop();
  });

  /** The events about one endpoint, once there are so many of the type. */
  const eventsOf = async (endpointId: string, type: string, count = 1) => {
    const own = (received: readonly Received[]) => toldOf(received, type).filter(({ data }) => data.endpointId === endpointId);
    return own(await tenant.waitFor((received) => own(received).length >= count, WAIT_MS));
  };

  /** As if the endpoint's first failure, which may still be on its way into the database, lay so far back. */
  const failingForHours = async ({ id, appId }: { id: string; appId: string }, hours: number) => {
    const endpoints = app.nest.get(DataSource).manager;
    await until(async () => (await endpoints.findOneBy(Endpoint, { id, appId }))?.failingSince, WAIT_MS, 'the clock to start');
    await endpoints.update(Endpoint, { id, appId }, { failingSince: new Date(Date.now() - hours * 3_600_000) });
  };

  it("tell of an endpoint's life", async () => {
    const application = await anApplication(app, { uid: 'life' });
    const { id } = await anEndpoint(app, application.id, { uid: 'its-endpoint' });
    const path = `/app/${application.id}/endpoint/${id}`;
    await app.api.patch(path, { description: 'changed' });
    await app.api.post(`${path}/secret/rotate`, {});
    await app.api.put(`${path}/headers`, { headers: { 'x-own': '1' } });
    await app.api.delete(path);
    const data = { appId: application.id, appUid: 'life', endpointId: id, endpointUid: 'its-endpoint' };

    expect(await eventsOf(id, 'endpoint.deleted')).toEqual([{ type: 'endpoint.deleted', data }]);
    expect(await eventsOf(id, 'endpoint.created')).toEqual([{ type: 'endpoint.created', data }]);
    expect(await eventsOf(id, 'endpoint.updated', 2)).toEqual([
      { type: 'endpoint.updated', data },
      { type: 'endpoint.updated', data },
    ]);
  });

  it('tell of a message that fails, and is given up, and of the endpoint that is disabled for it', async () => {
    const application = await anApplication(app);
    const endpoint = await anEndpoint(app, application.id, { url: customer.url });
    status = 500;
    const message = await aMessage(app, application.id, { eventId: 'failing-1' });
    const [failing] = await eventsOf(endpoint.id, 'message.attempt.failing');
    const [exhausted] = await eventsOf(endpoint.id, 'message.attempt.exhausted');
    await failingForHours({ id: endpoint.id, appId: application.id }, 15);
    await aMessage(app, application.id);
    const [disabled] = await eventsOf(endpoint.id, 'endpoint.disabled');
    const { data: attempts } = (await app.api.get(`/app/${application.id}/attempt/msg/${message.id}`)).body;
    const about = { appId: application.id, appUid: null, msgId: message.id, msgEventId: 'failing-1', endpointId: endpoint.id };
    const attempt = (one: any) => ({ id: one.id, responseStatusCode: 500, timestamp: one.timestamp });

    expect(failing).toEqual({ type: 'message.attempt.failing', data: { ...about, lastAttempt: attempt(attempts[2]) } });
    expect(exhausted).toEqual({ type: 'message.attempt.exhausted', data: { ...about, lastAttempt: attempt(attempts[0]) } });
    expect(disabled.data).toEqual({
      appId: application.id,
      appUid: null,
      endpointId: endpoint.id,
      endpointUid: null,
      failSince: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('tell of a message that arrived after it had failed several times', async () => {
    const application = await anApplication(app);
    const endpoint = await anEndpoint(app, application.id, { url: customer.url });
    status = 500;
    const { id } = await aMessage(app, application.id);
    await customer.got(4, WAIT_MS);
    status = 200;
    const [recovered] = await eventsOf(endpoint.id, 'message.attempt.recovered');

    expect(recovered.data).toMatchObject({ msgId: id, lastAttempt: { responseStatusCode: 200 } });
    expect(toldOf(tenant.received, 'message.attempt.exhausted').filter(({ data }) => data.msgId === id)).toEqual([]);
  });

  it('tell of an endpoint that says it is gone', async () => {
    const application = await anApplication(app);
    const endpoint = await anEndpoint(app, application.id, { url: customer.url });
    status = 410;
    await aMessage(app, application.id);

    expect(await eventsOf(endpoint.id, 'endpoint.disabled')).toHaveLength(1);
  });

  it('are no news about themselves, and other tenants hear nothing', async () => {
    const other = await startReceiver();
    const api = app.as(app.tokenFor(`${app.orgId}x`));
    await api.post('/operational-webhook/endpoint', { url: other.url });
    const application = await anApplication({ api });
    const endpoint = await anEndpoint({ api }, application.id);
    await other.got(1, WAIT_MS);
    await other.stop();

    expect(told(other.received).map(({ data }) => data.endpointId)).toEqual([endpoint.id]);
    expect(told(tenant.received).filter(({ data }) => data.endpointId === endpoint.id)).toEqual([]);
  });

  it('are signed like any other', async () => {
    const svix = app.svix();
    const [endpoint] = (await svix.operationalWebhook.endpoint.list()).data;
    const { key } = await svix.operationalWebhook.endpoint.getSecret(endpoint!.id);
    await anEndpoint(app, (await anApplication(app)).id);
    const [received] = await tenant.got(1, WAIT_MS);

    expect(() => new Webhook(key).verify(received!.body.toString(), received!.headers as Record<string, string>)).not.toThrow();
  });
});

describe('operational webhooks without anybody who wants them', () => {
  it('leave nothing behind, nor does what they would tell', async () => {
    const app = await startApp();
    try {
      const receiver = await startReceiver(() => 410);
      const { id } = await anApplication(app);
      const endpoint = await anEndpoint(app, id, { url: receiver.url });
      await aMessage(app, id);
      const disabled = async () => (await app.api.get(`/app/${id}/endpoint/${endpoint.id}`)).body.disabled;
      await until(disabled, WAIT_MS, 'the endpoint to be disabled').finally(() => receiver.stop());
      const rows = () => app.nest.get(DataSource).query('SELECT id FROM operational_event');

      expect(await rows()).toEqual([]);
    } finally {
      await app.stop();
    }
  });
});

describe('operational webhooks by way of another server', () => {
  const answers: number[] = [];
  let app: TestApp;
  let server: Receiver;

  beforeAll(async () => {
    server = await startReceiver(() => ({ status: answers.shift() ?? 202, body: '{}' }));
    app = await startApp({ OPERATIONAL_WEBHOOK_URL: new URL(server.url).origin });
  });
  afterAll(async () => {
    await app?.stop();
    await server?.stop();
  });

  it("are messages for the application that has the tenant's id, and sent again until they are taken", async () => {
    answers.push(500);
    const application = await anApplication(app);
    const endpoint = await anEndpoint(app, application.id);
    const [first, second] = await server.got(2, WAIT_MS);
    const sent = JSON.parse(first!.body.toString());
    const [, claims] = first!.headers.authorization!.split('.').map((part) => Buffer.from(part, 'base64url').toString());

    expect(first!.path).toBe(`/api/v1/app/${app.orgId}/msg`);
    expect(sent).toEqual({
      eventType: 'endpoint.created',
      eventId: expect.stringMatching(/^opevt_/),
      payload: {
        type: 'endpoint.created',
        data: { appId: application.id, appUid: null, endpointId: endpoint.id, endpointUid: null },
      },
    });
    expect(JSON.parse(claims!)).toMatchObject({ sub: 'org_00000000000SvixManagement00' });
    expect(JSON.parse(second!.body.toString())).toEqual(sent);
  });

  it('are dropped if there is no such application', async () => {
    const before = server.received.length;
    answers.push(404);
    await anEndpoint(app, (await anApplication(app)).id);
    await server.got(before + 1, WAIT_MS);
    const { id } = await anEndpoint(app, (await anApplication(app)).id);
    const received = await server.got(before + 2, WAIT_MS);

    expect(JSON.parse(received.at(-1)!.body.toString()).payload.data.endpointId).toBe(id);
  });
});
