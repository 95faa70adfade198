import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Permits } from '../../src/delivery/permits.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const EMBEDDED = { DATABASE_URL: '', REDIS_URL: '', SQS_QUEUE_URL: '' };
const HEALTH_MS = 20_000;
const COUNT = 30;
const ENDPOINTS = 10;

describe('an embedded database that can not be written', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;
  /** Requests that came so far wait for this. */
  let release: () => void;

  beforeEach(async () => {
    release = () => undefined;
    receiver = await startReceiver();
    app = await startApp({ ...EMBEDDED, HANDOFF: '100', DELIVERY_CONCURRENCY: '100' });
    appId = (await anApplication(app)).id;
    await anEndpoint(app, appId, { url: receiver.url });
    await until(async () => (await app.root.get('/health')).status === 200, HEALTH_MS, 'good health');
  });
  afterEach(async () => {
    release();
    await app?.stop();
    await receiver?.stop();
  });

  const pragma = (text: string) => app.nest.get(DataSource).query(`PRAGMA ${text}`);
  /** Not one page more than there are. Later the database may grow again. */
  const fillUp = async () => {
    const [{ page_count: pages }] = await pragma('page_count');
    await pragma(`max_page_count = ${pages}`);
  };
  const giveSpace = () => pragma('max_page_count = 1073741823');
  const post = (size = 10) => app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: { text: 'x'.repeat(size) } });
  const lines = (event: string) => app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === event);
  const healthBecomes = (status: number) =>
    until(async () => (await app.root.get('/health')).status === status, HEALTH_MS, `health to be ${status}`);

  it('because it is full: requests get 503, the health check fails, one line says what to do, and it goes on by itself', async () => {
    await fillUp();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(20_000)));

    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'retry-after': expect.any(String) },
        body: { code: 'service_unavailable', detail: 'The database can not write at the moment; try again' },
      });
    await healthBecomes(503);
    expect((await app.root.get('/health')).body.error.database).toMatchObject({ status: 'down', reason: 'SQLITE_FULL' });
    expect((await app.root.get('/health/ready')).status).toBe(200);
    expect(lines('database.not_writable')).toMatchObject([{ level: 'error', reason: 'full', errorCode: 'SQLITE_FULL' }]);
    expect(lines('http.unavailable')).toEqual([]);

    await giveSpace();
    await healthBecomes(200);
    expect((await post(20_000)).status).toBe(202);
    await receiver.got(1);
    expect(lines('database.writable')).toHaveLength(1);
  });

  it('because it is read-only: the probe alone notices, and notices the end', async () => {
    await pragma('query_only = 1');
    await healthBecomes(503);
    expect(lines('database.not_writable')).toMatchObject([{ level: 'warn', reason: 'readOnly' }]);
    expect(await post()).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });

    await pragma('query_only = 0');
    await healthBecomes(200);
    expect((await post()).status).toBe(202);
  });
});

describe('an embedded database that gets full while deliveries are under way', () => {
  it('loses none and repeats none: what was sent is settled when there is space again, and what was not sent waits', async () => {
    const gate = Promise.withResolvers<void>();
    const { createServer } = await import('node:http');
    const got: string[] = [];
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        got.push(String(request.headers['webhook-id']));
        void gate.promise.then(() => response.end('y'.repeat(20_000)));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const app = await startApp({ ...EMBEDDED, HANDOFF: '100', DELIVERY_TIMEOUT_SECONDS: '10' });
    try {
      const { id: appId } = await anApplication(app);
      const endpoints: { id: string }[] = [];
      // An endpoint that nobody knows yet gets one delivery at a time.
      for (let left = ENDPOINTS; left > 0; left--)
        endpoints.push(await anEndpoint(app, appId, { url: `http://127.0.0.1:${port}/${left}` }));
      const ids: string[] = [];
      for (let left = COUNT / ENDPOINTS; left > 0; left--)
        ids.push((await app.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} })).body.id);
      await until(() => got.length >= 5, 10_000, 'requests to be under way');
      const database = app.nest.get(DataSource);
      const [{ page_count: pages }] = await database.query('PRAGMA page_count');
      await database.query(`PRAGMA max_page_count = ${pages}`);

      gate.resolve();
      await until(() => app.log.some((line) => line.includes('"database.not_writable"')), 10_000, 'the worker to notice');
      // What has begun by now may still be on its way to the receiver. Several turns of the scanner later nothing more was claimed and sent.
      const underWay = app.nest.get(Permits, { strict: false }).inUse;
      const [{ settled }] = await database.query('SELECT COUNT(*) AS settled FROM attempt');
      expect(settled + underWay).toBeLessThan(COUNT);
      await until(async () => (await app.root.get('/health')).status === 503, HEALTH_MS, 'health to be 503');
      expect(got.length).toBeLessThanOrEqual(settled + underWay);

      await database.query('PRAGMA max_page_count = 1073741823');
      await until(() => got.length >= COUNT, 60_000, 'all deliveries');
      const deliveries = async () =>
        (await database.query('SELECT COUNT(*) AS open FROM delivery WHERE due_at IS NOT NULL'))[0].open === 0;
      await until(deliveries, 20_000, 'all to be settled');
      expect(got).toHaveLength(COUNT);
      const [{ attempts }] = await database.query('SELECT COUNT(*) AS attempts FROM attempt WHERE status = 0');
      expect(attempts).toBe(COUNT);
      expect(app.log.filter((line) => line.includes('"delivery.settle_failed"'))).toHaveLength(1);
      expect(new Set(ids).size).toBe(COUNT / ENDPOINTS);
    } finally {
      gate.resolve();
      await app.stop();
      server.closeAllConnections();
      server.close();
    }
  });
});
