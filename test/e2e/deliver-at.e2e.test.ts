import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('a message with a time to deliver at', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
    await anEndpoint(app, appId, { url: receiver.url });
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const create = (deliverAt: unknown) => app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {}, deliverAt });

  it('is delivered then, and not before', async () => {
    const deliverAt = inMs(3_000);
    const { id } = await aMessage(app, appId, { deliverAt });
    const [received] = await receiver.got(1, WAIT_MS);

    expect(received!.headers['webhook-id']).toBe(id);
    // The clocks of the database and of this process may differ a little where they are not the same.
    expect(received!.at).toBeGreaterThan(Date.parse(deliverAt) - 250);
  });

  it('shows the time when it is created and read', async () => {
    const svix = app.svix();
    const deliverAt = new Date(Date.now() + 3_600_000);
    const created = await svix.message.create(appId, { eventType: 'a', payload: {}, deliverAt });

    expect(created.deliverAt).toEqual(deliverAt);
    expect((await svix.message.get(appId, created.id)).deliverAt).toEqual(deliverAt);
  });

  it('is delivered at once if the time has just passed', async () => {
    const { id } = await aMessage(app, appId, { deliverAt: inMs(-10_000) });
    const [received] = await receiver.got(1, WAIT_MS);

    expect(received!.headers['webhook-id']).toBe(id);
  });

  it('is not delivered any more once its content was expunged', async () => {
    const { id } = await aMessage(app, appId, { deliverAt: inMs(1_500) });
    expect((await app.api.delete(`/app/${appId}/msg/${id}/content`)).status).toBe(204);
    const later = await aMessage(app, appId, { deliverAt: inMs(2_500) });
    const ended = () => app.log.some((line) => line.includes('"delivery.ended"') && line.includes(id));
    await until(ended, WAIT_MS, 'the scheduled delivery to end');
    await receiver.got(1, WAIT_MS);

    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([later.id]);
  });

  it('is not among those that were attempted before its time', async () => {
    const { id } = await aMessage(app, appId, { deliverAt: inMs(3_600_000) });
    await aMessage(app, appId);
    await receiver.got(1, WAIT_MS);

    expect((await app.api.get(`/app/${appId}/msg/${id}/endpoint`)).body.data).toEqual([]);
    expect((await app.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data).toEqual([]);
  });

  it.each([
    ['long past', () => inMs(-3_600_000)],
    ['more than a day ahead', () => inMs(25 * 3_600_000)],
    ['no time', () => 'tomorrow'],
    ['a number', () => 1_700_000_000],
  ])('is refused if the time is %s', async (_what, deliverAt) => {
    const { status, body } = await create(deliverAt());

    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body', 'deliverAt']);
  });
});
