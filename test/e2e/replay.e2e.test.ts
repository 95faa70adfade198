import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MessageStatus } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver, type Script } from '../support/receiver.js';
import { ended } from '../support/tasks.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms);
const since = () => ago(HOUR_MS);

let app: TestApp;
let appId: string;
let receiver: Receiver;
let answer: Script;

beforeAll(async () => {
  app = await startApp({ RETRY_SCHEDULE: '1' });
});
beforeEach(async () => {
  answer = () => 200;
  receiver = await startReceiver((request, index) => answer(request, index));
  appId = (await anApplication(app)).id;
});
afterEach(() => receiver.stop());
afterAll(() => app?.stop());

const endpoint = async (fields: Record<string, unknown> = {}): Promise<string> =>
  (await anEndpoint(app, appId, { url: receiver.url, ...fields })).id;
const message = async (fields: Record<string, unknown> = {}): Promise<string> => (await aMessage(app, appId, fields)).id;
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
const post = (endpointId: string, what: string, body: object = { since: since() }) =>
  app.api.post(`/app/${appId}/endpoint/${endpointId}/${what}`, body);
const finished = async (endpointId: string, what: string, body?: object) =>
  ended(app, (await post(endpointId, what, body)).body.id);
const idsReceived = () => receiver.received.map(({ headers }) => String(headers['webhook-id'])).toSorted();

describe('replay-missing', () => {
  it('delivers what the endpoint was never sent, with retries', async () => {
    const [first, second] = [await message(), await message()];
    const endpointId = await endpoint();
    const sent = await message();
    await attempted(sent);
    answer = (_, index) => (index === 1 || index === 2 ? 500 : 200);
    const task = await finished(endpointId, 'replay-missing');

    expect(task).toMatchObject({ task: 'endpoint.replay', status: 'finished', data: { messagesSent: 2 } });
    for (const id of [first, second]) {
      expect((await attempted(id, 2)).map(({ triggerType, status }) => [triggerType, status])).toEqual([
        [0, 0],
        [0, 2],
      ]);
    }
    expect(await attemptsOf(sent)).toHaveLength(1);
  });

  it('sends nothing the second time', async () => {
    const id = await message();
    const endpointId = await endpoint();
    await finished(endpointId, 'replay-missing');
    await attempted(id);

    expect((await finished(endpointId, 'replay-missing')).data).toEqual({ messagesSent: 0 });
  });

  it('keeps to the filters of the endpoint', async () => {
    const ids = [
      await message({ eventType: 'order.paid', channels: ['eu'] }),
      await message({ eventType: 'order.paid', channels: ['us'] }),
      await message({ eventType: 'order.sent', channels: ['eu'] }),
      await message({ eventType: 'order.paid' }),
    ];
    await app.api.put('/event-type/order.paid', { description: '' });
    const endpointId = await endpoint({ eventTypes: ['order.paid'], channels: ['eu'] });

    expect((await finished(endpointId, 'replay-missing')).data).toEqual({ messagesSent: 1 });
    await attempted(ids[0]!);
    expect(idsReceived()).toEqual([ids[0]]);
  });

  it('keeps to its window', async () => {
    await message();
    const start = new Date(Date.now() + 8);
    await until(() => Date.now() > start.getTime() + 8, WAIT_MS, 'the window to begin');
    const inside = await message();
    const end = new Date(Date.now() + 8);
    await until(() => Date.now() > end.getTime() + 8, WAIT_MS, 'the window to end');
    await message();
    const endpointId = await endpoint();
    const task = await finished(endpointId, 'replay-missing', { since: start, until: end });

    expect(task.data).toEqual({ messagesSent: 1 });
    await attempted(inside);
    expect(idsReceived()).toEqual([inside]);
  });

  it('delivers what was called off before its first attempt, because the endpoint was disabled', async () => {
    const at = new Date(Date.now() + 3_000);
    const endpointId = await endpoint();
    const id = await message({ deliverAt: at });
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });
    const isOver = () => app.log.some((line) => line.includes('"delivery.ended"') && line.includes(id));
    await until(isOver, WAIT_MS, 'the delivery to be called off');
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: false });

    expect((await finished(endpointId, 'replay-missing')).data).toEqual({ messagesSent: 1 });
    expect(await attempted(id)).toMatchObject([{ triggerType: 0, status: 0 }]);
  });

  it('leaves a message that is planned for later to its time', async () => {
    const at = new Date(Date.now() + 6_000);
    const id = await message({ deliverAt: at });
    const endpointId = await endpoint();

    expect((await finished(endpointId, 'replay-missing')).data).toEqual({ messagesSent: 1 });
    await attempted(id);
    expect(receiver.received[0]!.at).toBeGreaterThanOrEqual(at.getTime());
  });

  it('works through the client library, with the token of the application', async () => {
    const id = await message();
    const endpointId = await endpoint();
    const portal = app.svix(app.appTokenFor(appId));
    const started = await portal.endpoint.replayMissing(appId, endpointId, { since: since() });
    await ended(app, started.id);

    expect(started).toMatchObject({ status: 'running', task: 'endpoint.replay' });
    expect(await attempted(id)).toHaveLength(1);
  });
});

describe('bulk-replay', () => {
  it('sends once more what was sent, whether it arrived or not', async () => {
    answer = (_, index) => (index < 2 ? 500 : 200);
    const endpointId = await endpoint();
    const failed = await message();
    await attempted(failed, 2);
    const delivered = await message();
    await attempted(delivered);
    const task = await finished(endpointId, 'bulk-replay');

    expect(task).toMatchObject({ task: 'endpoint.bulk-replay', status: 'finished', data: { messagesSent: 2 } });
    expect((await attempted(failed, 3))[0]).toMatchObject({ triggerType: 1, status: 0 });
    expect((await attempted(delivered, 2))[0]).toMatchObject({ triggerType: 1, status: 0 });
  });

  it('sends only what has the status that is asked for', async () => {
    answer = (_, index) => (index < 2 ? 500 : 200);
    const endpointId = await endpoint();
    const failed = await message();
    await attempted(failed, 2);
    const delivered = await message();
    await attempted(delivered);
    const options = { since: since(), status: MessageStatus.Fail };
    const { id } = await app.svix().endpoint.bulkReplay(appId, endpointId, options);

    expect((await ended(app, id)).data).toEqual({ messagesSent: 1 });
    expect(await attempted(failed, 3)).toHaveLength(3);
    expect(await attemptsOf(delivered)).toHaveLength(1);
  });

  it('sends only what was last answered with such a status code', async () => {
    answer = (_, index) => (index < 2 ? 404 : 503);
    const endpointId = await endpoint();
    const notFound = await message();
    await attempted(notFound, 2);
    const unavailable = await message();
    await attempted(unavailable, 2);
    answer = () => 200;

    expect((await finished(endpointId, 'bulk-replay', { since: since(), statusCodeClass: 500 })).data.messagesSent).toBe(1);
    expect((await attempted(unavailable, 3))[0]).toMatchObject({ triggerType: 1 });
    expect(await attemptsOf(notFound)).toHaveLength(2);
  });

  it.each([
    ['event type', { eventTypes: ['order.paid'] }],
    ['channel', { channel: 'eu' }],
    ['tag', { tag: 'vip' }],
  ])('sends only what has the %s that is asked for', async (_, filter) => {
    const endpointId = await endpoint();
    const wanted = await message({ eventType: 'order.paid', channels: ['eu'], tags: ['vip'] });
    const other = await message({ eventType: 'order.sent', channels: ['eu-west'], tags: ['vip2'] });
    await Promise.all([attempted(wanted), attempted(other)]);

    expect((await finished(endpointId, 'bulk-replay', { since: since(), ...filter })).data).toEqual({ messagesSent: 1 });
    await attempted(wanted, 2);
    expect(idsReceived()).toEqual([wanted, wanted, other].toSorted());
  });

  it('leaves out what was never sent to the endpoint, and what comes after it', async () => {
    await message();
    const endpointId = await endpoint();

    expect((await finished(endpointId, 'bulk-replay')).data).toEqual({ messagesSent: 0 });
  });

  it('is refused with a filter that nothing could pass', async () => {
    const endpointId = await endpoint();
    const refused = [{ status: 9 }, { statusCodeClass: 250 }, { eventTypes: ['a b'] }, { channel: '' }, { since: null }];
    for (const fields of refused) expect((await post(endpointId, 'bulk-replay', { since: since(), ...fields })).status).toBe(422);
  });
});
