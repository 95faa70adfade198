import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Retention } from '../../src/background/retention.js';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';

const EXPIRED = { expired: true };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('the retention of payloads', () => {
  let app: TestApp;
  let appId: string;
  let dataSource: DataSource;

  beforeAll(async () => {
    app = await startApp();
    dataSource = app.nest.get(DataSource);
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
  });
  afterAll(() => app?.stop());

  const post = (fields: object) => app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: { a: 1 }, ...fields });
  const shown = async (id: string) => (await app.api.get(`/app/${appId}/msg/${id}`)).body.payload;
  const stored = async (id: string) =>
    (await dataSource.query('SELECT payload, payload_until FROM message WHERE app_id = ? AND id = ?', [appId, id]))[0];
  const keptMs = async (id: string) => {
    const { payload_until: until } = await stored(id);
    return (typeof until === 'string' ? Date.parse(`${until.replace(' ', 'T')}Z`) : until.getTime()) - Date.now();
  };
  const remove = (atMs: number) => app.nest.get(Retention).turn(atMs);

  it.each([
    ['90 days without a word', {}, 90 * DAY_MS],
    ['some days', { payloadRetentionPeriod: 14 }, 14 * DAY_MS],
    ['some hours', { payloadRetentionHours: 2 }, 2 * HOUR_MS],
  ])('may be %s', async (_what, fields, expectedMs) => {
    const { status, body } = await post(fields);

    expect(status).toBe(202);
    expect(Math.abs((await keptMs(body.id)) - expectedMs)).toBeLessThan(60_000);
  });

  it('begins at the time of delivery for a scheduled message', async () => {
    const { body } = await post({ payloadRetentionHours: 1, deliverAt: new Date(Date.now() + 5 * HOUR_MS).toISOString() });

    expect(Math.abs((await keptMs(body.id)) - 6 * HOUR_MS)).toBeLessThan(60_000);
  });

  it.each([
    [{ payloadRetentionHours: 2, payloadRetentionPeriod: 14 }, 'payloadRetentionHours'],
    [{ payloadRetentionHours: 0 }, 'payloadRetentionHours'],
    [{ payloadRetentionHours: 2161 }, 'payloadRetentionHours'],
    [{ payloadRetentionHours: 1.5 }, 'payloadRetentionHours'],
    [{ payloadRetentionPeriod: 4 }, 'payloadRetentionPeriod'],
  ])('is refused as %j', async (fields, field) => {
    const { status, body } = await post(fields);

    expect(status).toBe(422);
    expect(body.detail[0].loc).toEqual(['body', field]);
  });

  it('ends by removing the payload alone: the message and its attempts stay', async () => {
    await anEndpoint(app, appId);
    const short = await aMessage(app, appId, { payloadRetentionHours: 1, tags: ['kept'] });
    const long = await aMessage(app, appId, { payloadRetentionHours: 3 });
    await remove(Date.now() + 2 * HOUR_MS);

    expect(await shown(short.id)).toEqual(EXPIRED);
    expect((await stored(short.id)).payload).toBeNull();
    expect((await app.api.get(`/app/${appId}/msg/${short.id}`)).body).toMatchObject({ eventType: 'order.paid', tags: ['kept'] });
    expect(await shown(long.id)).toEqual({ order: 42 });
    expect(await dataSource.query('SELECT msg_id FROM payload_expiry WHERE app_id = ?', [appId])).toEqual([{ msg_id: long.id }]);
  });

  it('ends after 90 days for messages that said nothing', async () => {
    const old = newId('msg_', Date.now() - 95 * DAY_MS);
    const young = newId('msg_', Date.now() - 80 * DAY_MS);
    for (const [id, days] of [
      [old, -5],
      [young, 10],
    ] as const) {
      const until = new Date(Date.now() + days * DAY_MS).toISOString().replace('T', ' ').slice(0, 23);
      await dataSource.query('INSERT INTO message (app_id, id, event_type, payload, payload_until) VALUES (?, ?, ?, ?, ?)', [
        appId,
        id,
        'a',
        '{"a":1}',
        until,
      ]);
    }
    // The first look of this process may have been before these messages.
    await remove(Date.now() + DAY_MS);

    expect((await stored(old)).payload).toBeNull();
    expect(await shown(young)).toEqual({ a: 1 });
  });
});
