import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
const PARTS = ['database', 'cache', 'queue'];

describe('health', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app?.stop());

  const healthy = () => until(async () => (await app.root.get('/health')).status === 200, WAIT_MS, 'good health');
  const up = Object.fromEntries(
    PARTS.map((name) => [name, expect.objectContaining({ status: 'up', latencyMs: expect.any(Number) })]),
  );

  it('of everything it depends on is told part by part', async () => {
    await healthy();
    const { status, body, headers } = await app.root.get('/health');

    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', info: up, details: up });
    expect(body.error).toEqual({});
    expect(headers['cache-control']).toBe('no-store');
  });

  it('blames no part for the lateness of the process itself', async () => {
    await healthy();
    const before = app.log.length;
    // Longer than from one look at the parts to the next, in turns of the event loop that are longer than a part may take.
    for (let turn = 0; turn < 5; turn++) {
      const until = performance.now() + 1_200;
      while (performance.now() < until);
      await new Promise((next) => setImmediate(next));
    }

    expect((await app.root.get('/api/v1/health')).status).toBe(200);
    expect(app.log.slice(before).filter((line) => line.includes('"dependency.away"'))).toEqual([]);
  });

  it('is ready for traffic once each part was up', async () => {
    const { status, body, headers } = await app.root.get('/health/ready');

    expect(status).toBe(200);
    expect(body.status).toBe('ok');
    expect(Object.keys(body.details)).toEqual(expect.arrayContaining([...PARTS, 'process']));
    expect(body.details.process).toEqual({ status: 'up' });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('is alive without asking anybody', async () => {
    expect(await app.root.get('/health/live')).toMatchObject({
      status: 200,
      body: { status: 'ok', info: {}, error: {}, details: {} },
    });
  });

  it('as Svix clients know it is told part by part', async () => {
    await healthy();
    const { status, body } = await app.root.get('/api/v1/health');

    expect(status).toBe(200);
    expect(body).toEqual({ database: { status: 'ok' }, queue: { status: 'ok' }, cache: { status: 'ok' } });
  });

  it('answers the ping of Svix clients without a body', async () => {
    expect(await app.root.get('/api/v1/health/ping')).toMatchObject({ status: 204, body: null });
  });

  it('can be asked for through the client library', async () => {
    await healthy();

    await expect(app.svix().health.get()).resolves.not.toThrow();
  });

  it.each(['/health', '/health/ready', '/health/live', '/api/v1/health', '/api/v1/health/ping'])(
    'at %s answers HEAD, and a trailing slash, alike and without a token',
    async (path) => {
      await healthy();
      const get = await app.root.get(path);
      const head = await app.root.raw('head', path);

      expect(head).toMatchObject({ status: get.status, body: null });
      expect((await app.root.get(`${path}/`)).status).toBe(get.status);
      expect((await app.root.raw('head', `${path}/`)).status).toBe(get.status);
      expect((await app.as('nonsense').get(path.replace('/api/v1', ''))).status).toBeLessThan(500);
    },
  );

  it('tells no secret, address or name of the installation', async () => {
    const paths = ['/health', '/health/ready', '/health/live', '/api/v1/health'];
    const answers = await Promise.all(paths.map((path) => app.root.get(path)));
    const text = JSON.stringify(answers.map(({ body, headers }) => [body, headers]));
    const names = ['JWT_SECRET', 'ENCRYPTION_KEY', 'DATABASE_URL', 'REDIS_URL', 'SQS_QUEUE_URL', 'DATA_DIR'];
    const values = names.flatMap((name) => app.env[name] ?? []);

    for (const value of values) expect(text).not.toContain(value);
    expect(text).not.toMatch(/127\.0\.0\.1|localhost|mysql|sqlite/i);
  });

  it('is not ready while it is draining', async () => {
    const { Drain } = await import('../../src/release/drain.js');
    app.nest.get(Drain).begin();
    const { status, body } = await app.root.get('/health/ready');

    expect(status).toBe(503);
    expect(body.error).toEqual({ process: { status: 'down', reason: 'draining' } });
    expect((await app.root.get('/health/live')).status).toBe(200);
  });
});
