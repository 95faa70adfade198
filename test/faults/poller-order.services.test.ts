import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { MAX_ID_SKEW_MS } from '../../src/database/engine/engine-store.js';
import { newId, timeOf } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';

const SETTLED_MS = 10_000;
const WAIT_MS = 60_000;
const TEST_MS = 180_000;

describe('a poll', () => {
  let app: TestApp;
  let appId: string;
  let sink: string;

  let late: mysql.Connection | undefined;

  afterEach(async () => {
    // If a test fails, its open transaction would block the removal of the database.
    late?.destroy();
    late = undefined;
    await app?.stop();
  });
  const start = async (skewMs = 0) => {
    app = await startApp({}, (nest) => {
      if (skewMs !== 0) Object.assign(nest.get(DatabaseClock), { own: () => Date.now() + skewMs });
    });
    appId = (await anApplication(app)).id;
    sink = (await anEndpoint(app, appId, { disabled: true })).id;
  };
  /** Begins a transaction that writes a message, and leaves it open. */
  const openWith = async (id: string): Promise<mysql.Connection> => {
    late = await mysql.createConnection({ uri: app.env['DATABASE_URL'] });
    await late.beginTransaction();
    await insert(late, id);
    return late;
  };
  const insert = (connection: mysql.Connection, id: string) =>
    connection.query(
      `INSERT INTO message (app_id, id, event_type, payload, payload_until) VALUES (?, ?, 'order.paid', '{}', UTC_TIMESTAMP() + INTERVAL 1 DAY)`,
      [appId, id],
    );
  const poll = async () => (await app.api.get(`/app/${appId}/poller/${sink}`)).body;
  const idsOf = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);

  describe('while an older message is not committed yet', () => {
    beforeEach(() => start());

    it(
      'waits for the commit, and returns its message in order',
      async () => {
        const early = newId('msg_');
        const open = await openWith(early);
        const { id: next } = await aMessage(app, appId);
        await until(() => Date.now() - timeOf(next) > SETTLED_MS + 100, WAIT_MS, 'both to be old enough');
        const polled = poll();
        const waiting =
          "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%FROM message%SHARE MODE'";
        await until(async () => ((await open.query(waiting))[0] as unknown[]).length > 0, WAIT_MS, 'the poll to wait');
        await open.commit();

        expect(idsOf(await polled)).toEqual([early, next]);
      },
      TEST_MS,
    );

    it(
      'is answered with 503 if the transaction stays open, and skips no message',
      async () => {
        const early = newId('msg_', Date.now() - SETTLED_MS - 1_000);
        const open = await openWith(early);
        const refused = await app.api.get(`/app/${appId}/poller/${sink}?after=${new Date(timeOf(early) - 1_000).toISOString()}`);
        await open.commit();

        expect(refused.status).toBe(503);
      },
      TEST_MS,
    );
  });

  describe.each([
    ['behind', -60_000],
    ['ahead', 60_000],
  ])('of messages from a process whose clock is a minute %s', (_where, skewMs) => {
    beforeEach(() => start(skewMs));

    it(
      'returns them in the order in which they were accepted',
      async () => {
        const ids: string[] = [];
        for (let n = 0; n < 3; n++) ids.push((await aMessage(app, appId)).id);
        const page = await until(
          async () => {
            const found = await poll();
            return found.data.length === 3 && found;
          },
          WAIT_MS,
          'the messages',
        );

        expect(idsOf(page)).toEqual(ids);
        for (const id of ids) expect(Math.abs(timeOf(id) - Date.now())).toBeLessThan(WAIT_MS);
      },
      TEST_MS,
    );

    it(
      'finds ids of the present for batches and examples too',
      async () => {
        await app.api.post('/event-type', {
          name: 'a.b',
          description: '',
          schemas: { 1: { type: 'object', examples: [{ a: 1 }] } },
        });
        const batch = await app.api.post(`/app/${appId}/msg/batch`, [{ eventType: 'a.b', payload: {} }]);
        const { id: enabled } = await anEndpoint(app, appId);
        const example = await app.api.post(`/app/${appId}/endpoint/${enabled}/send-example`, { eventType: 'a.b' });
        const { id: single } = await aMessage(app, appId);

        const made = [batch.body.data[0].body.id, example.body.id, single];
        for (const id of made) expect(Math.abs(timeOf(id) - Date.now())).toBeLessThan(MAX_ID_SKEW_MS + 20_000);
      },
      TEST_MS,
    );
  });
});
