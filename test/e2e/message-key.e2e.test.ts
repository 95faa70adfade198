import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { KeyExpiry } from '../../src/background/key-expiry.js';
import { SharedCache } from '../../src/cache/shared-cache.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

describe('a message under an idempotency key', () => {
  let appId: string;

  beforeEach(async () => {
    appId = (await anApplication(app)).id;
  });

  const send = (key: string, n = 1) =>
    app.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: { n } }, { 'idempotency-key': key });
  const sentSoFar = async () => (await app.api.get(`/app/${appId}/msg`)).body.data;

  it('is answered as it was made first, whatever the second body', async () => {
    const first = await send('key', 1);

    expect(await send('key', 2)).toMatchObject({ status: 202, body: first.body });
    expect(await sentSoFar()).toEqual([first.body]);
  });

  it('is made once by many requests at once, also while the cache is away', async () => {
    const away = jest.spyOn(app.nest.get(SharedCache), 'lock').mockResolvedValue({ state: 'unprotected' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('key')));
    const later = await send('key', 2);
    away.mockRestore();

    expect(new Set([...answers, later].map(({ body }) => body.id)).size).toBe(1);
    expect(await sentSoFar()).toHaveLength(1);
  });

  it('is made again under a key that was forgotten, and its key is removed', async () => {
    const unprotected = jest.spyOn(app.nest.get(SharedCache), 'lock').mockResolvedValue({ state: 'unprotected' });
    const database = app.nest.get(DataSource);
    const keys = async () => {
      const [row] = await database.query('SELECT COUNT(*) AS found FROM message_key WHERE app_id = ?', [appId]);
      return Number(row.found);
    };
    const first = await send('key');
    await database.query("UPDATE message_key SET expires_at = '2020-01-01 00:00:00.000' WHERE app_id = ?", [appId]);
    const second = await send('key');
    await database.query("UPDATE message_key SET expires_at = '2020-01-01 00:00:00.000' WHERE app_id = ?", [appId]);
    const before = await keys();
    await app.nest.get(KeyExpiry).turn();
    unprotected.mockRestore();

    expect(second.body.id).not.toBe(first.body.id);
    expect([before, await keys()]).toEqual([1, 0]);
  });

  it('of another application may have the same key', async () => {
    const first = await send('key');
    appId = (await anApplication(app)).id;

    expect((await send('key')).body.id).not.toBe(first.body.id);
  });

  it('keeps its key where the request is refused', async () => {
    expect((await app.api.post(`/app/${appId}/msg`, { eventType: 'order paid' }, { 'idempotency-key': 'key' })).status).toBe(422);
    expect((await send('key')).status).toBe(202);
  });
});
