import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { QueueClient } from '../../src/queue/queue-client.js';
import { formatTask } from '../../src/queue/task.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Api } from '../support/api.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;

let app: TestApp;
let appId: string;
let endpointId: string;
let receiver: Receiver;

beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  receiver = await startReceiver();
  appId = (await anApplication(app)).id;
  endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
});
afterEach(() => receiver.stop());
afterAll(() => app?.stop());

/** A message that is planned for later, so that nothing happens to its delivery by itself. */
const planned = async (): Promise<string> => (await aMessage(app, appId, { deliverAt: new Date(Date.now() + HOUR_MS) })).id;

/** Its delivery looks as if ten workers had died over it, and is due. */
const fatal = async (): Promise<string> => {
  const msgId = await planned();
  const due = new Date(Date.now() - 1_000).toISOString().replace('T', ' ').slice(0, 23);
  await app.nest.get(DataSource).query('UPDATE delivery SET fence = 10, due_at = ? WHERE msg_id = ?', [due, msgId]);
  return msgId;
};

const list = async (query = '', api: Api = app.api) => (await api.get(`/admin/dead-letter${query}`)).body;
const listed = (matches: (letter: any) => boolean, api?: Api) =>
  until(async () => (await list('', api)).data.find(matches), WAIT_MS, 'the dead letter to be listed');
const redrive = (id: string, api: Api = app.api) => api.post(`/admin/dead-letter/${encodeURIComponent(id)}/redrive`);
const toQueue = async (which: 'main' | 'dead', body: string) => {
  const queue = app.nest.get(QueueClient, { strict: false });
  const QueueUrl = which === 'main' ? queue.url : (await queue.deadLetterUrl())!;
  await queue.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
};

describe('a delivery whose workers died again and again', () => {
  it('is listed with its reason', async () => {
    const msgId = await fatal();
    const letter = await listed((one) => one.msgId === msgId);

    expect(letter).toEqual({
      id: `${msgId}:${endpointId}:0`,
      kind: 'delivery',
      reason: 'worker lost',
      since: expect.any(String),
      appId,
      msgId,
      endpointId,
    });
    expect(Math.abs(Date.now() - Date.parse(letter.since))).toBeLessThan(WAIT_MS);
    expect(receiver.received).toEqual([]);
  });

  it('is sent once more when it is redriven, and listed no longer', async () => {
    const msgId = await fatal();
    const { id } = await listed((one) => one.msgId === msgId);

    expect(await redrive(id)).toMatchObject({ status: 204 });
    await receiver.got(1, WAIT_MS);
    expect((await list()).data.filter((one: any) => one.id === id)).toEqual([]);
    expect((await redrive(id)).status).toBe(404);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([msgId]);
  });

  it('is sent once more when everything is redriven', async () => {
    const ids = [await fatal(), await fatal()];
    for (const msgId of ids) await listed((one) => one.msgId === msgId);

    expect((await app.api.post('/admin/redrive-dlq')).status).toBe(204);
    await receiver.got(2, WAIT_MS);
    expect((await list()).data.filter((one: any) => one.kind === 'delivery')).toEqual([]);
  });

  it('stays one while its endpoint is disabled, and whoever redrives it is told so', async () => {
    const msgId = await fatal();
    const { id } = await listed((one) => one.msgId === msgId);
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });

    expect(await redrive(id)).toMatchObject({ status: 409, body: { code: 'endpoint_disabled' } });
    expect((await app.api.post('/admin/redrive-dlq')).status).toBe(204);
    expect((await list()).data.map((one: any) => one.id)).toContain(id);
    await app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: false });
    expect((await redrive(id)).status).toBe(204);
    await receiver.got(1, WAIT_MS);
  });

  it('is nothing for another organisation', async () => {
    const msgId = await fatal();
    const { id } = await listed((one) => one.msgId === msgId);
    const stranger = app.as(app.tokenFor('org_other'));

    expect((await list('', stranger)).data.filter((one: any) => one.kind === 'delivery')).toEqual([]);
    expect((await redrive(id, stranger)).status).toBe(404);
    await stranger.post('/admin/redrive-dlq');
    expect((await list()).data.map((one: any) => one.id)).toContain(id);
  });

  it('is one of a list that can be paged through', async () => {
    await app.api.post('/admin/redrive-dlq');
    const msgIds = [await fatal(), await fatal(), await fatal()].toSorted();
    for (const msgId of msgIds) await listed((one) => one.msgId === msgId);
    const first = await list('?limit=2');
    const second = await list(`?limit=2&iterator=${encodeURIComponent(first.iterator)}`);
    const back = await list(`?limit=2&iterator=${encodeURIComponent(second.prevIterator)}`);

    expect(first.data.map((one: any) => one.msgId)).toEqual(msgIds.slice(0, 2));
    expect(first.done).toBe(false);
    expect(second.data.map((one: any) => one.msgId)[0]).toBe(msgIds[2]);
    expect(back.data).toEqual(first.data);
  });
});

describe('a task that can not be read', () => {
  const operator = () => app.as(app.operatorToken());

  it('is listed for an operator with its reason, without what it says, and for no organisation', async () => {
    await toQueue('main', 'nonsense');
    const letter = await listed((one) => one.kind === 'task' && one.reason === 'not a JSON object', operator());

    expect((await list('?kind=task', operator())).data).toContainEqual(letter);
    expect((await list('?kind=delivery', operator())).data).not.toContainEqual(letter);
    expect((await list('?kind=task')).data).toEqual([]);
    expect((await redrive(letter.id)).status).toBe(404);
    expect(letter).toEqual({
      id: expect.stringMatching(/^task_/),
      kind: 'task',
      reason: letter.reason,
      since: expect.any(String),
    });
  });

  it('goes back to the queue when it is redriven, and is found unreadable again', async () => {
    await toQueue('main', '{"v":"new"}');
    const isIt = (one: any) => one.reason === 'v is not a version';
    const { id } = await listed(isIt, operator());

    expect((await redrive(id, operator())).status).toBe(204);
    expect(await listed((one) => isIt(one) && one.id !== id, operator())).toMatchObject({ kind: 'task' });
    expect((await redrive(id, operator())).status).toBe(404);
  });

  it('stays where it is when an organisation redrives everything', async () => {
    await toQueue('main', '[]');
    const { id } = await listed((one) => one.kind === 'task' && one.reason === 'not a JSON object', operator());

    expect((await app.api.post('/admin/redrive-dlq')).status).toBe(204);
    expect(await listed((one) => one.id === id, operator())).toMatchObject({ id });
  });
});

describe('a task that could not be handled', () => {
  const task = (msgId: string) => formatTask({ appId, deliveries: [{ msgId, endpointId, run: 0, fence: 0 }] });

  it('is listed for its own organisation only', async () => {
    await toQueue('dead', task(await planned()));
    const letter = await listed((one) => one.kind === 'task' && one.appId === appId);
    const stranger = app.as(app.tokenFor('org_other'));

    expect(letter).toMatchObject({ reason: 'could not be handled' });
    expect((await list('', stranger)).data.filter((one: any) => one.appId)).toEqual([]);
    expect((await redrive(letter.id, stranger)).status).toBe(404);
  });

  it('is handled when everything is redriven', async () => {
    const msgId = await planned();
    await toQueue('dead', task(msgId));
    await listed((one) => one.kind === 'task' && one.appId === appId);
    await app.api.post('/admin/redrive-dlq');
    await receiver.got(1, WAIT_MS);

    expect(receiver.received[0]!.headers['webhook-id']).toBe(msgId);
  });
});

describe('what belongs to another organisation', () => {
  const task = (msgId: string) => formatTask({ appId, deliveries: [{ msgId, endpointId, run: 0, fence: 0 }] });

  it('stays where it is when an organisation redrives everything, and goes when an operator does', async () => {
    const [lost, late] = [await fatal(), await planned()];
    await toQueue('dead', task(late));
    await listed((one) => one.msgId === lost);
    const { id } = await listed((one) => one.kind === 'task' && one.appId === appId);

    expect((await app.as(app.tokenFor('org_other')).post('/admin/redrive-dlq')).status).toBe(204);
    expect(await listed((one) => one.id === id)).toMatchObject({ id });
    expect(await listed((one) => one.msgId === lost)).toMatchObject({ msgId: lost });
    expect(receiver.received).toEqual([]);

    const operator = app.as(app.operatorToken());
    expect((await list('', operator)).data.map((one: any) => one.id)).toEqual(expect.arrayContaining([id]));
    expect((await operator.post('/admin/redrive-dlq')).status).toBe(204);
    const ids = (await receiver.got(2, WAIT_MS)).map(({ headers }) => headers['webhook-id']);
    expect(ids.toSorted()).toEqual([lost, late].toSorted());
  });

  it('goes one by one for an operator', async () => {
    const msgId = await fatal();
    const { id } = await listed((one) => one.msgId === msgId);

    expect((await redrive(id, app.as(app.operatorToken()))).status).toBe(204);
    expect((await receiver.got(1, WAIT_MS))[0]!.headers['webhook-id']).toBe(msgId);
  });
});

describe('the list of dead letters', () => {
  it('is only for the token of an organisation', async () => {
    const portal = app.as(app.appTokenFor(appId));

    expect((await portal.get('/admin/dead-letter')).status).toBe(403);
    expect((await redrive('task_1', portal)).status).toBe(403);
    expect((await portal.post('/admin/redrive-dlq')).status).toBe(403);
  });

  it('refuses what it can not read', async () => {
    expect((await app.api.get('/admin/dead-letter?iterator=msg_1')).status).toBe(422);
    expect((await app.api.get('/admin/dead-letter?limit=many')).status).toBe(400);
    expect((await app.api.get('/admin/dead-letter?kind=parcel')).status).toBe(422);
    expect((await redrive('%')).status).toBe(404);
    expect((await redrive('msg_1:ep_1:1')).status).toBe(404);
  });
});
