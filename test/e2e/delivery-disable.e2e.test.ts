import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { EndpointFailureRepository } from '../../src/database/repositories/endpoint-failure.repository.js';
import { EndpointRepository } from '../../src/database/repositories/endpoint.repository.js';
import { Endpoint } from '../../src/database/entities/endpoint.entity.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const LIMIT_MS = 120 * 3_600_000;
/** Between the limit and twice the limit. */
const LONG_ENOUGH_MS = 1.5 * LIMIT_MS;

describe('an endpoint that does nothing but fail', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let status: number;
  let endpointId: string;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '', ENDPOINT_DISABLE_AFTER_HOURS: String(LIMIT_MS / 3_600_000) });
  });
  beforeEach(async () => {
    status = 500;
    receiver = await startReceiver(() => status);
    appId = (await anApplication(app)).id;
    endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  const endpoint = async () => (await app.api.get(`/app/${appId}/endpoint/${endpointId}`)).body;
  const state = async () => (await app.api.get(`/app/${appId}/endpoint/${endpointId}/state`)).body;
  const attemptsOf = async (msgId: string): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/msg/${msgId}`)).body.data;
  const attempt = async () => {
    const { id } = await aMessage(app, appId);
    await until(async () => (await attemptsOf(id)).length === 1, WAIT_MS, 'an attempt');
    return id as string;
  };
  /** Since when the endpoint's failures count. */
  const failingSince = async () => (await app.nest.get(EndpointRepository).find(appId, endpointId))?.failingSince ?? null;
  const clockRuns = () => until(failingSince, WAIT_MS, 'the clock to start');
  const clockRests = () => until(async () => (await failingSince()) === null, WAIT_MS, 'the clock to be cleared');
  /** As if so much time had passed since the first failure. */
  const passed = async (since: Date, ms = LONG_ENOUGH_MS) => {
    const earlier = new Date(since.getTime() - ms);
    await app.nest.get(DataSource).manager.update(Endpoint, { id: endpointId, appId }, { failingSince: earlier });
    return earlier;
  };
  const disabled = () => until(async () => (await endpoint()).disabled, WAIT_MS, 'the endpoint to be disabled');
  const failUntilDisabled = async () => {
    await attempt();
    await passed(await clockRuns());
    await attempt();
    await disabled();
  };

  it('is disabled by the second message that is given up after the limit', async () => {
    await attempt();
    const since = await clockRuns();
    await passed(since);
    expect((await endpoint()).disabled).toBe(false);
    await attempt();
    await disabled();

    const logged = () => app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'endpoint.disabled');
    await until(() => logged().some((line) => line.endpointId === endpointId), WAIT_MS, 'a line in the log');
  });

  it('gets no further message once it is disabled', async () => {
    await failUntilDisabled();
    const before = receiver.received.length;
    const other = await startReceiver();
    await anEndpoint(app, appId, { url: other.url });
    const { id } = await aMessage(app, appId);
    await other.got(1, WAIT_MS);
    await other.stop();

    expect((await attemptsOf(id)).filter((one) => one.endpointId === endpointId)).toEqual([]);
    expect(receiver.received).toHaveLength(before);
  });

  it('stays enabled if a success came in between', async () => {
    await attempt();
    const first = await passed(await clockRuns());
    status = 200;
    await attempt();
    await clockRests();
    status = 500;
    await attempt();
    const second = await clockRuns();

    expect(second.getTime()).toBeGreaterThan(first.getTime());
    expect((await endpoint()).disabled).toBe(false);
  });

  it('stays enabled if the success was one that somebody asked for', async () => {
    const id = await attempt();
    await clockRuns();
    status = 200;
    expect((await app.api.post(`/app/${appId}/msg/${id}/endpoint/${endpointId}/resend`)).status).toBe(202);
    await clockRests();

    expect((await endpoint()).disabled).toBe(false);
  });

  it('has a state that tells why it is disabled, and since when', async () => {
    expect(await state()).toMatchObject({ disabledSince: null, disabledBecause: null, failingSince: null });
    await failUntilDisabled();
    const { updatedAt } = await endpoint();

    expect(await state()).toMatchObject({ disabledSince: updatedAt, disabledBecause: 'failing' });
    expect(Date.parse((await state()).failingSince)).toBeLessThan(Date.parse(updatedAt) - LIMIT_MS);
  });

  it('has a state that tells that a request disabled it, until it is enabled', async () => {
    const path = `/app/${appId}/endpoint/${endpointId}`;
    const { updatedAt } = (await app.api.patch(path, { disabled: true })).body;
    await app.api.patch(path, { disabled: true, description: 'new' });
    expect(await state()).toMatchObject({ disabledSince: updatedAt, disabledBecause: 'request' });
    await app.api.patch(path, { disabled: false });
    expect(await state()).toMatchObject({ disabledSince: null, disabledBecause: null });
    const made = (await app.api.post(`/app/${appId}/endpoint`, { url: receiver.url, disabled: true })).body;

    const { body } = await app.api.get(`/app/${appId}/endpoint/${made.id}/state`);
    expect(body).toMatchObject({ disabledSince: made.createdAt, disabledBecause: 'request' });
  });

  it('starts afresh when it is enabled again', async () => {
    await failUntilDisabled();
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: false });
    expect(await failingSince()).toBeNull();
    await attempt();
    await clockRuns();

    expect((await endpoint()).disabled).toBe(false);
  });

  it('starts afresh when it gets another address, and by no other change', async () => {
    await attempt();
    const started = await clockRuns();
    const path = `/app/${appId}/endpoint/${endpointId}`;
    await app.api.patch(path, { description: 'new' });
    await app.api.put(path, { url: receiver.url });
    expect(await failingSince()).toEqual(started);
    await app.api.patch(path, { url: `${receiver.url}/other` });

    expect(await failingSince()).toBeNull();
  });

  it('is not disabled by failed attempts that somebody asked for', async () => {
    const id = await attempt();
    await passed(await clockRuns());
    await app.api.post(`/app/${appId}/msg/${id}/endpoint/${endpointId}/resend`);
    await until(async () => (await attemptsOf(id)).length === 2, WAIT_MS, 'the manual attempt');
    status = 200;
    await attempt();
    await clockRests();

    expect((await endpoint()).disabled).toBe(false);
  });

  it('stays enabled if its failures are more than twice the limit apart, and counts from the later one', async () => {
    await attempt();
    const first = await passed(await clockRuns(), 2 * LIMIT_MS + 60_000);
    await attempt();
    await until(async () => (await failingSince())?.getTime() !== first.getTime(), WAIT_MS, 'the clock to start anew');

    expect((await endpoint()).disabled).toBe(false);
    await passed((await failingSince())!);
    await attempt();
    await disabled();
  });

  it('stays enabled if a success was missed by the clock', async () => {
    await attempt();
    const started = await clockRuns();
    status = 200;
    await attempt();
    await clockRests();
    status = 500;
    const missed = await passed(started);
    await attempt();
    await until(async () => (await failingSince())?.getTime() !== missed.getTime(), WAIT_MS, 'the clock to start anew');

    expect((await endpoint()).disabled).toBe(false);
  });

  it.each<[string, number, 'running' | 'disabled' | 'started']>([
    ['before the limit', LIMIT_MS - 1, 'running'],
    ['at the limit', LIMIT_MS, 'running'],
    ['after the limit', LIMIT_MS + 1, 'disabled'],
    ['at twice the limit', 2 * LIMIT_MS, 'disabled'],
    ['after twice the limit', 2 * LIMIT_MS + 1, 'started'],
    ['a year later', 365 * 24 * 3_600_000, 'started'],
  ])('that fails again %s', async (_when, afterMs, state) => {
    const first = Date.now();
    const clock = app.nest.get(EndpointFailureRepository);

    expect(await clock.failed(appId, endpointId, LIMIT_MS, first)).toBe('started');
    expect(await clock.failed(appId, endpointId, LIMIT_MS, first + afterMs)).toBe(state);
    expect((await endpoint()).disabled).toBe(state === 'disabled');
    expect(await failingSince()).toEqual(new Date(state === 'started' ? first + afterMs : first));
  });

  it('is not disabled by one failure every eleven days', async () => {
    const clock = app.nest.get(EndpointFailureRepository);
    const day = 24 * 3_600_000;
    for (let n = 0; n < 10; n++) {
      expect(await clock.failed(appId, endpointId, LIMIT_MS, Date.now() + n * 11 * day)).toBe('started');
    }
  });
});

describe('while the egress proxy is away', () => {
  let app: TestApp;

  beforeAll(async () => {
    // Nothing listens at the discard port.
    app = await startApp({ RETRY_SCHEDULE: '1', EGRESS_PROXY_URL: 'http://user:hidden@127.0.0.1:9' });
  });
  afterAll(() => app?.stop());

  it('attempts are listed and retried, and no endpoint counts as failing', async () => {
    const receiver = await startReceiver();
    const { id: appId } = await anApplication(app);
    const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url });
    const path = `/app/${appId}/attempt/endpoint/${endpointId}`;
    for (let count = 1; count <= 3; count++) {
      await aMessage(app, appId);
      await until(async () => (await app.api.get(path)).body.data.length === 2 * count, WAIT_MS, 'an attempt and its retry');
    }
    await receiver.stop();

    const { data } = (await app.api.get(path)).body;
    expect(data[0]).toMatchObject({ responseStatusCode: 0, response: 'proxy error: ECONNREFUSED' });
    expect(receiver.received).toEqual([]);
    expect(await app.nest.get(EndpointRepository).find(appId, endpointId)).toMatchObject({ failingSince: null, disabled: false });
    expect(app.log.filter((line) => line.includes('"proxy.away"'))).toHaveLength(1);
    expect(app.log.join()).not.toContain('hidden');
  });
});
