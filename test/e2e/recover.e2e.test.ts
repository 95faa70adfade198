import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BackgroundTaskRepository } from '../../src/database/repositories/background-task.repository.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { ended } from '../support/tasks.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number) => new Date(Date.now() - ms);

let app: TestApp;
let appId: string;
let endpointId: string;
let receiver: Receiver;
let status: number;

beforeAll(async () => {
  app = await startApp({ RETRY_SCHEDULE: '' });
});
beforeEach(async () => {
  status = 500;
  receiver = await startReceiver(() => status);
  appId = (await anApplication(app)).id;
  endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
});
afterEach(() => receiver.stop());
afterAll(() => app?.stop());

const attemptsOf = async (msgId: string): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/msg/${msgId}`)).body.data;
const attempted = (msgId: string, count = 1) =>
  until(
    async () => {
      const attempts = await attemptsOf(msgId);
      return attempts.length >= count && attempts;
    },
    WAIT_MS,
    `${count} attempts of ${msgId}`,
  );
const aFailure = async (): Promise<string> => {
  const { id } = await aMessage(app, appId);
  await attempted(id);
  return id;
};
const recover = (body: object) => app.api.post(`/app/${appId}/endpoint/${endpointId}/recover`, body);

describe('recover', () => {
  it('makes one manual attempt for each message that failed since then', async () => {
    const ids = [await aFailure(), await aFailure()];
    status = 200;
    const answer = await recover({ since: ago(HOUR_MS) });
    const task = await ended(app, answer.body.id);

    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^qtask_/),
      status: 'running',
      task: 'endpoint.recover',
      updatedAt: expect.any(String),
    });
    expect(task).toMatchObject({ status: 'finished', task: 'endpoint.recover', data: { messagesSent: 2 } });
    for (const id of ids) expect((await attempted(id, 2)).map(({ triggerType }) => triggerType)).toEqual([1, 0]);
    expect(receiver.received).toHaveLength(4);
  });

  it('adds nothing for failures before it', async () => {
    const id = await aFailure();
    const { body } = await recover({ since: new Date(Date.now() + 5) });

    expect((await ended(app, body.id)).data).toEqual({ messagesSent: 0 });
    expect(await attemptsOf(id)).toHaveLength(1);
  });

  it('leaves out what failed at or after its end', async () => {
    const first = await aFailure();
    const end = new Date(Date.parse((await attemptsOf(first))[0].timestamp) + 8);
    await until(() => Date.now() > end.getTime() + 8, WAIT_MS, 'the end of the window');
    const second = await aFailure();
    status = 200;
    const { body } = await recover({ since: ago(HOUR_MS), until: end });
    await ended(app, body.id);

    expect(await attempted(first, 2)).toHaveLength(2);
    expect(await attemptsOf(second)).toHaveLength(1);
  });

  it('leaves out messages that have arrived', async () => {
    const arrived = await aFailure();
    status = 200;
    await app.api.post(`/app/${appId}/msg/${arrived}/endpoint/${endpointId}/resend`);
    await attempted(arrived, 2);
    status = 500;
    const failed = await aFailure();
    const { body } = await recover({ since: ago(HOUR_MS) });

    expect((await ended(app, body.id)).data).toEqual({ messagesSent: 1 });
    expect(await attempted(failed, 2)).toHaveLength(2);
  });

  it('leaves out messages whose payload is gone', async () => {
    const id = await aFailure();
    await app.api.delete(`/app/${appId}/msg/${id}/content`);
    const { body } = await recover({ since: ago(HOUR_MS) });

    expect((await ended(app, body.id)).data).toEqual({ messagesSent: 0 });
  });

  it('does not repeat an attempt that fails again', async () => {
    const id = await aFailure();
    const { body } = await recover({ since: ago(HOUR_MS) });
    await ended(app, body.id);
    const attempts = await attempted(id, 2);

    expect(attempts.map(({ triggerType, status: of }) => [triggerType, of])).toEqual([
      [1, 2],
      [0, 2],
    ]);
  });

  it('counts a message once however often it failed', async () => {
    const id = await aFailure();
    await app.api.post(`/app/${appId}/msg/${id}/endpoint/${endpointId}/resend`);
    await attempted(id, 2);
    status = 200;
    const { body } = await recover({ since: ago(HOUR_MS) });

    expect((await ended(app, body.id)).data).toEqual({ messagesSent: 1 });
    expect(await attempted(id, 3)).toHaveLength(3);
  });

  it('does not send again what another endpoint failed to take', async () => {
    const other = await anEndpoint(app, appId);
    const id = await aFailure();
    await attempted(id, 2);
    const { body } = await app.api.post(`/app/${appId}/endpoint/${other.id}/recover`, { since: ago(HOUR_MS) });
    await ended(app, body.id);
    const attempts = await attempted(id, 3);

    expect(attempts.filter(({ triggerType }) => triggerType === 1)).toMatchObject([{ endpointId: other.id }]);
  });

  it('works with the token of the application, and through the client library', async () => {
    await aFailure();
    status = 200;
    const portal = app.svix(app.appTokenFor(appId));
    const { id } = await portal.endpoint.recover(appId, endpointId, { since: ago(HOUR_MS) });
    await ended(app, id);

    expect(await portal.backgroundTask.get(id)).toMatchObject({ status: 'finished', data: { messagesSent: 1 } });
  });

  it.each(['recover', 'replay-missing', 'bulk-replay'])(
    'or another %s is refused while the endpoint is disabled',
    async (what) => {
      await aFailure();
      await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });
      const before = (await app.api.get('/background-task')).body.data.length;
      const answer = await app.api.post(`/app/${appId}/endpoint/${endpointId}/${what}`, { since: ago(HOUR_MS) });

      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'endpoint_disabled', detail: expect.stringContaining('disabled') },
      });
      expect((await app.api.get('/background-task')).body.data).toHaveLength(before);
    },
  );

  it('fails, and says why, when the endpoint was disabled meanwhile', async () => {
    await aFailure();
    const input = { endpointId, since: Date.now() - HOUR_MS, until: Date.now() };
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });
    const given = { appId, task: 'endpoint.recover', input, data: { messagesSent: 0 } };
    const { id } = await app.nest.get(BackgroundTaskRepository).create(app.orgId, given);

    expect(await ended(app, id)).toMatchObject({
      status: 'failed',
      data: { messagesSent: 0, error: 'The endpoint is disabled' },
    });
  });
});

describe('a recover that can not be meant', () => {
  it('is refused when it begins more than 14 days before its end', async () => {
    const { status: code, body } = await recover({ since: ago(21 * DAY_MS) });

    expect(code).toBe(422);
    expect(body.detail).toEqual([{ loc: ['body', 'since'], msg: expect.any(String), type: 'value_error' }]);
    expect((await recover({ since: ago(21 * DAY_MS), until: ago(8 * DAY_MS) })).status).toBe(202);
  });

  it('is refused when it ends before it begins, or has no beginning', async () => {
    expect((await recover({ since: ago(0), until: ago(HOUR_MS) })).status).toBe(422);
    expect((await recover({ until: ago(HOUR_MS) })).status).toBe(422);
    expect((await recover({ since: 'yesterday' })).status).toBe(422);
    expect((await recover({ since: 1_700_000_000 })).status).toBe(422);
  });

  it('is not found for an unknown endpoint and for another application', async () => {
    const { id: otherId } = await anApplication(app);
    const body = { since: ago(HOUR_MS) };

    expect((await app.api.post(`/app/${appId}/endpoint/nobody/recover`, body)).status).toBe(404);
    expect((await app.api.post(`/app/${otherId}/endpoint/${endpointId}/recover`, body)).status).toBe(404);
    const stranger = app.as(app.tokenFor('org_other'));
    expect((await stranger.post(`/app/${appId}/endpoint/${endpointId}/recover`, body)).status).toBe(404);
  });
});
