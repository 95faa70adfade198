import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { newId } from '../../src/domain/ids.js';
import { QueueClient } from '../../src/queue/queue-client.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

/** Tables of the engine, each with a column that this version knows nothing of. */
const TABLES = ['application', 'endpoint', 'message', 'delivery', 'attempt'];

describe('beside a newer version, on its schema', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;
  let endpointId: string;

  beforeAll(async () => {
    [app, receiver] = await Promise.all([startApp({ HANDOFF: '50', RETRY_SCHEDULE: '1,1' }), startReceiver()]);
    for (const table of TABLES) await sql(`ALTER TABLE ${table} ADD COLUMN of_a_newer_version VARCHAR(20) DEFAULT 'new'`);
    appId = (await anApplication(app)).id;
    endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
  });
  afterAll(async () => {
    await app?.stop();
    await receiver?.stop();
  });

  const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
  const sendTask = async (body: string) => {
    const queue = app.nest.get(QueueClient);
    await queue.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }));
  };
  const logged = (event: string) => app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === event);
  const arrivedOf = (msgId: string) => receiver.received.filter(({ headers }) => headers['webhook-id'] === msgId);
  const delivered = (msgId: string) =>
    until(
      async () => {
        const rows = await sql('SELECT state, attempts, fence FROM delivery WHERE msg_id = ?', [msgId]);
        return rows.every((row: any) => Number(row.state) === 2) && rows;
      },
      15_000,
      `${msgId} to be delivered`,
    );

  /** Rows as the newer version writes them; due after `dueInMs`, when the grace of their task is over. */
  const rowsOfTheNewer = async (dueInMs: number, { attempts = 0, fence = 0 } = {}) => {
    const id = newId('msg_');
    const time = (at: number) => new Date(at).toISOString().replace('T', ' ').replace('Z', '');
    await sql(
      `INSERT INTO message (app_id, id, event_type, payload, payload_until, of_a_newer_version) VALUES (?, ?, 'order.paid', ?, ?, 'x')`,
      [appId, id, Buffer.from('{"of":"a newer version"}'), time(Date.now() + 86_400_000)],
    );
    await sql(
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at, of_a_newer_version)
       VALUES (?, ?, 0, ?, 0, ?, ?, ?, 'x')`,
      [id, endpointId, appId, attempts, fence, time(Date.now() + dueInMs)],
    );
    return id;
  };

  it('drops a task that it can not read, and delivers its row when that comes due', async () => {
    const id = await rowsOfTheNewer(3_000);

    await sendTask(JSON.stringify({ v: 2, shape: 'unknown', of: [id, endpointId] }));

    await until(() => logged('queue.task_newer').length > 0, 10_000, 'a line in the log');
    expect(logged('queue.task_newer')).toEqual([
      expect.objectContaining({ level: 'warn', version: 2, effect: 'left to a newer release' }),
    ]);
    await delivered(id);
    expect(arrivedOf(id).map(({ body }) => body.toString())).toEqual(['{"of":"a newer version"}']);
    const { waiting, inFlight } = await app.nest.get(QueueClient).attributes();
    expect({ waiting, inFlight }).toEqual({ waiting: 0, inFlight: 0 });
  });

  it('reads a task to which something was added', async () => {
    const id = await rowsOfTheNewer(60_000);

    await sendTask(JSON.stringify({ v: 1, app: appId, d: [[id, endpointId, 0, 0, { hint: 'new' }]], trace: 'new' }));

    await delivered(id);
    expect(arrivedOf(id)).toHaveLength(1);
  });

  it('goes on with a delivery that the newer one began', async () => {
    const id = await rowsOfTheNewer(0, { attempts: 1, fence: 3 });

    expect(await delivered(id)).toEqual([expect.objectContaining({ attempts: 2, fence: 4 })]);
    expect(arrivedOf(id)).toHaveLength(1);
  });

  it('accepts and delivers as before', async () => {
    const ids = [];
    for (let n = 0; n < 10; n++) ids.push((await aMessage(app, appId)).id as string);

    for (const id of ids) await delivered(id);
    expect(ids.map((id) => arrivedOf(id).length)).toEqual(Array(10).fill(1));
    const { body } = await app.api.get(`/app/${appId}/attempt/endpoint/${endpointId}`);
    expect(body.data.length).toBeGreaterThanOrEqual(10);
    expect(JSON.stringify(body)).not.toContain('newer');
  });
});
