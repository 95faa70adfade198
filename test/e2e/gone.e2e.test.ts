import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;

describe('an endpoint that answers 410 Gone', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let status: number;
  let endpointId: string;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '2,2' });
  });
  beforeEach(async () => {
    status = 410;
    receiver = await startReceiver(() => status);
    appId = (await anApplication(app)).id;
    endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const isDisabled = async () => (await app.api.get(`/app/${appId}/endpoint/${endpointId}`)).body.disabled as boolean;
  const disabled = () => until(isDisabled, WAIT_MS, 'the endpoint to be disabled');
  const logged = (msg: string, id: string) => app.log.filter((line) => line.includes(`"${msg}"`) && line.includes(id));

  it('is disabled at once, with a line in the log', async () => {
    await aMessage(app, appId);
    await disabled();
    await until(() => logged('endpoint.disabled', endpointId).length > 0, WAIT_MS, 'a line in the log');

    expect(logged('endpoint.disabled', endpointId).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ appId, reason: 'answered 410 Gone' }),
    ]);
  });

  it('has a state that tells why and since when it is disabled, whatever is changed later', async () => {
    await aMessage(app, appId);
    await disabled();
    const { updatedAt } = (await app.api.get(`/app/${appId}/endpoint/${endpointId}`)).body;
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { description: 'new' });

    expect((await app.api.get(`/app/${appId}/endpoint/${endpointId}/state`)).body).toEqual({
      disabledSince: updatedAt,
      disabledBecause: 'gone',
      failingSince: null,
      previousSecretsUntil: null,
    });
  });

  it('does not get the message again', async () => {
    const { id } = await aMessage(app, appId);
    await disabled();
    const svix = app.svix();
    const [shown] = (await svix.messageAttempt.listAttemptedMessages(appId, endpointId)).data;

    expect(shown).toMatchObject({ id, statusText: 'fail' });
    expect(shown!.nextAttempt ?? null).toBeNull();
  });

  it('does not get the retries that were planned before', async () => {
    status = 500;
    const first = await aMessage(app, appId);
    await receiver.got(1, WAIT_MS);
    status = 410;
    await aMessage(app, appId);
    await disabled();
    const before = receiver.received.length;
    await until(() => logged('delivery.ended', first.id).length > 0, WAIT_MS, 'the planned retry to end');

    expect(JSON.parse(logged('delivery.ended', first.id)[0]!)).toMatchObject({ reason: 'endpoint disabled' });
    expect(receiver.received).toHaveLength(before);
  });

  it('is disabled by an attempt that somebody asked for, too', async () => {
    status = 200;
    const { id } = await aMessage(app, appId);
    await receiver.got(1, WAIT_MS);
    status = 410;
    await app.api.post(`/app/${appId}/msg/${id}/endpoint/${endpointId}/resend`);
    await disabled();

    expect(receiver.received).toHaveLength(2);
  });

  it('gets messages again once it was enabled', async () => {
    await aMessage(app, appId);
    await disabled();
    status = 200;
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: false });
    const { id } = await aMessage(app, appId);
    const received = await receiver.waitFor((all) => all.some(({ headers }) => headers['webhook-id'] === id), WAIT_MS);

    expect(received.at(-1)!.headers['webhook-id']).toBe(id);
    expect(await isDisabled()).toBe(false);
  });
});
