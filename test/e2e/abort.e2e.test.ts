import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver, type ScriptedAnswer } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
const ABORT: ScriptedAnswer = { status: 422, headers: { 'webhook-delivery': 'abort-message' } };

describe('an answer that aborts the message', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let answers: ScriptedAnswer[];
  let endpointId: string;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '1,1' });
  });
  beforeEach(async () => {
    answers = [];
    receiver = await startReceiver((_request, index) => answers[index] ?? 200);
    appId = (await anApplication(app)).id;
    endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const attempts = async (id: string) => (await app.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data as any[];
  const shown = async (id: string) => {
    const { data } = (await app.api.get(`/app/${appId}/endpoint/${endpointId}/msg`)).body;
    return data.find((message: any) => message.id === id);
  };
  const failed = (id: string) => until(async () => (await shown(id))?.statusText === 'fail', WAIT_MS, 'the message to fail');

  it('ends its retries', async () => {
    answers = [ABORT];
    const { id } = await aMessage(app, appId);
    await failed(id);

    expect(await attempts(id)).toEqual([expect.objectContaining({ responseStatusCode: 422, statusText: 'fail' })]);
    expect(await shown(id)).not.toHaveProperty('nextAttempt');
  });

  it('may come with any attempt', async () => {
    answers = [500, ABORT];
    const { id } = await aMessage(app, appId);
    await failed(id);

    expect(receiver.received).toHaveLength(2);
  });

  it('leaves the endpoint enabled, and other messages alone', async () => {
    answers = [ABORT];
    await failed((await aMessage(app, appId)).id);
    const { id } = await aMessage(app, appId);
    const received = await receiver.got(2, WAIT_MS);

    expect(received[1]!.headers['webhook-id']).toBe(id);
    expect((await app.api.get(`/app/${appId}/endpoint/${endpointId}`)).body.disabled).toBe(false);
  });

  it('counts for nothing with a success', async () => {
    answers = [{ status: 200, headers: { 'webhook-delivery': 'abort-message' } }];
    const { id } = await aMessage(app, appId);
    await until(async () => (await shown(id))?.statusText === 'success', WAIT_MS, 'the message to be delivered');

    expect(receiver.received).toHaveLength(1);
  });

  it('is not any other value of the header', async () => {
    answers = [{ status: 500, headers: { 'webhook-delivery': 'go-on' } }];
    await aMessage(app, appId);

    expect(await receiver.got(2, WAIT_MS)).toHaveLength(2);
  });
});
