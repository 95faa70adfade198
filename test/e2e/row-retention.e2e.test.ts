import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { RowRetention } from '../../src/background/row-retention.js';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { rowsWith, turnAt } from '../support/removal.js';
import { ended } from '../support/tasks.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('the retention of rows', () => {
  let app: TestApp;
  let receiver: Receiver;
  let answer: number;
  let appId: string;
  let endpointId: string;

  beforeAll(async () => {
    app = await startApp({ RETENTION_DAYS: '7', RETRY_SCHEDULE: '3600' });
    receiver = await startReceiver(() => answer);
  });
  beforeEach(async () => {
    answer = 200;
    appId = (await anApplication(app)).id;
    endpointId = (await anEndpoint(app, appId, { url: receiver.url })).id;
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  const sql = (statement: string, values: unknown[] = []) => app.nest.get(DataSource).query(statement, values);
  const removeAt = (days: number) => turnAt(app, app.nest.get(RowRetention), days);
  const get = (path: string) => app.api.get(`/app/${appId}${path}`);
  const attempts = async (msgId: string) => (await get(`/attempt/msg/${msgId}`)).body.data ?? [];
  const delivered = async (fields: Record<string, unknown> = {}): Promise<string> => {
    const { id } = await aMessage(app, appId, fields);
    await until(async () => (await attempts(id)).length > 0, WAIT_MS, 'the attempt');
    return id;
  };

  it('removes a message with its attempts, deliveries, dead letters, eventId and the entry for its payload', async () => {
    const id = await delivered({ eventId: `event-${appId}`, payloadRetentionPeriod: 30 });
    await sql(
      `INSERT INTO dead_letter (org_id, id, app_id, msg_id, endpoint_id, reason, since) VALUES (?, ?, ?, ?, ?, 'worker lost', ?)`,
      [app.orgId, `${id}:${endpointId}:0`, appId, id, endpointId, '2026-01-01 00:00:00.000'],
    );
    await sql("UPDATE delivery SET state = 3, reason = 'worker lost' WHERE msg_id = ?", [id]);
    await removeAt(8);

    expect(await rowsWith(app, 'msg_id', id)).toEqual({});
    expect((await get(`/msg/${id}`)).status).toBe(404);
    expect((await get(`/attempt/msg/${id}`)).status).toBe(404);
    expect((await get(`/msg?limit=10`)).body.data).toEqual([]);
    expect((await get(`/attempt/endpoint/${endpointId}`)).body.data).toEqual([]);
    expect((await app.api.get('/admin/dead-letter')).body.data.filter((one: any) => one.msgId === id)).toEqual([]);
  });

  it('lets an eventId be used again', async () => {
    const fields = { eventType: 'a', payload: {}, eventId: `again-${appId}` };
    await delivered(fields);
    expect((await app.api.post(`/app/${appId}/msg`, fields)).status).toBe(409);
    await removeAt(8);

    expect((await app.api.post(`/app/${appId}/msg`, fields)).status).toBe(202);
  });

  it('keeps what is younger', async () => {
    const id = await delivered();
    await removeAt(6);

    expect((await get(`/msg/${id}`)).status).toBe(200);
    expect(await attempts(id)).toHaveLength(1);
  });

  it('keeps a message that waits for its retry, with its attempts, and removes it when that has ended', async () => {
    answer = 500;
    const id = await delivered();
    const other = newId('msg_', Date.now() + 1_000);
    await sql(`INSERT INTO message (app_id, id, event_type, payload_until) VALUES (?, ?, 'a', '2026-01-01 00:00:00.000')`, [
      appId,
      other,
    ]);
    await removeAt(8);

    expect((await get(`/msg/${other}`)).status).toBe(404);
    expect(await attempts(id)).toHaveLength(1);
    await sql('UPDATE delivery SET state = 3, due_at = NULL WHERE msg_id = ?', [id]);
    await removeAt(8);
    expect((await get(`/msg/${id}`)).status).toBe(404);
  });

  it('keeps a message that is scheduled', async () => {
    const { id } = await aMessage(app, appId, { deliverAt: new Date(Date.now() + HOUR_MS).toISOString() });
    await removeAt(8);

    expect((await get(`/msg/${id}`)).status).toBe(200);
  });

  it.each([
    ['postponed', 0],
    ['being sent', 1],
  ])('keeps a message of which one delivery is %s, with the deliveries that have ended', async (_what, state) => {
    const id = await delivered();
    await sql(
      `INSERT INTO delivery (msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at) VALUES (?, ?, 5, ?, ?, 0, 1, '2099-01-01 00:00:00.000')`,
      [id, endpointId, appId, state],
    );
    await removeAt(8);

    expect((await rowsWith(app, 'msg_id', id))['delivery']).toBe(2);
    expect(await attempts(id)).toHaveLength(1);
    await sql('DELETE FROM delivery WHERE msg_id = ? AND run = 5', [id]);
  });

  it('removes a message with more attempts than a step may remove', async () => {
    const id = await delivered();
    const rows = Array.from({ length: 1_200 }, () => [id, newId('atmpt_'), appId, endpointId]);
    for (let at = 0; at < rows.length; at += 400) {
      const part = rows.slice(at, at + 400);
      await sql(
        `INSERT INTO attempt (msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response)
         VALUES ${part.map(() => "(?, ?, ?, ?, '', 0, 0, 200, 1, '')").join(', ')}`,
        part.flat(),
      );
    }
    await removeAt(8);

    expect(await rowsWith(app, 'msg_id', id)).toEqual({});
  });

  it('leaves iterators, pollers, statistics and tasks going on at the border', async () => {
    const poller = (await anEndpoint(app, appId, { disabled: true })).id;
    const old = await delivered();
    const page = (await get('/msg?limit=1')).body;
    const tasks = await app.api.post(`/app/${appId}/endpoint/${endpointId}/replay-missing`, {
      since: new Date(Date.now() - HOUR_MS).toISOString(),
    });
    await ended(app, tasks.body.id);
    await removeAt(8);
    const young = await delivered();

    expect((await get(`/msg?iterator=${page.iterator}`)).status).toBe(200);
    expect((await get(`/msg?iterator=-${old}`)).body.data.map(({ id }: any) => id)).toEqual([young]);
    const polled = await until(
      async () => {
        const { body } = await get(`/poller/${poller}?iterator=${old}`);
        return body.data.length > 0 && body;
      },
      WAIT_MS,
      'the message to be polled',
    );
    expect(polled.data.map(({ id }: any) => id)).toEqual([young]);
    expect((await get(`/endpoint/${endpointId}/stats`)).body).toMatchObject({ success: 1, fail: 0 });
    expect((await app.api.get(`/background-task/${tasks.body.id}`)).status).toBe(404);
    const since = new Date(Date.now() - 10 * DAY_MS).toISOString();
    const again = await app.api.post(`/app/${appId}/endpoint/${endpointId}/recover`, { since });
    expect(await ended(app, again.body.id)).toMatchObject({ status: 'finished', data: { messagesSent: 0 } });
  });

  it('is done by one process at a time', async () => {
    const id = await delivered();
    await sql("UPDATE shared_work SET owner = 'other', due_at = '2099-01-01 00:00:00.000' WHERE name = 'old_rows'");
    await app.nest.get(RowRetention).turn(Date.now() + 8 * DAY_MS);

    expect((await get(`/msg/${id}`)).status).toBe(200);
  });
});
