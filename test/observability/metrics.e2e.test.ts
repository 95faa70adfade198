import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { freePort } from '../support/services.js';
import { until } from '../support/until.js';
import { seriesIn } from './prometheus-text.js';

const WAIT_MS = 30_000;

describe('metrics', () => {
  let port: number;
  let app: TestApp;
  let receiver: Receiver;
  let refusing: Receiver;

  beforeAll(async () => {
    port = await freePort();
    app = await startApp({ METRICS_PORT: String(port), HANDOFF: '100', RETRY_SCHEDULE: '3600' });
    [receiver, refusing] = await Promise.all([startReceiver(), startReceiver(() => 503)]);
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop(), refusing?.stop()]));

  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const value = async (series: string) => seriesIn(await scrape(), series) ?? 0;
  /** Waits until a counter has gone up by as much; counters of other tests in this file are in it too. */
  const rise = async (series: string, by: number, work: () => Promise<unknown>) => {
    const before = await value(series);
    await work();
    return until(async () => (await value(series)) - before === by, WAIT_MS, `${series} to go up by ${by}`);
  };

  it('count what was accepted, handed over and delivered', async () => {
    const { id } = await anApplication(app);
    await anEndpoint(app, id, { url: receiver.url });
    const before = await scrape();
    for (let n = 0; n < 7; n++) await aMessage(app, id);
    const delivered = 'posthorn_deliveries_total{outcome="delivered"}';
    await until(async () => (await value(delivered)) >= 7, WAIT_MS, 'seven deliveries to be counted');

    const after = await scrape();
    const difference = (series: string) => seriesIn(after, series)! - seriesIn(before, series)!;
    expect(difference('posthorn_messages_total{outcome="accepted"}')).toBe(7);
    const written = ['handoff', 'queue', 'waiting'].map((way) => difference(`posthorn_deliveries_written_total{way="${way}"}`));
    expect(written[0]! + written[1]!).toBe(7);
    expect(difference(delivered)).toBe(7);
    expect(difference('posthorn_delivery_latency_seconds_count')).toBe(7);
    expect(difference('posthorn_endpoint_response_seconds_count')).toBe(7);
  });

  it('count an eventId that was taken as a conflict', async () => {
    const { id } = await anApplication(app);
    await aMessage(app, id, { eventId: 'once' });
    const again = () => app.api.post(`/app/${id}/msg`, { eventType: 'order.paid', eventId: 'once', payload: {} });

    expect(await rise('posthorn_messages_total{outcome="conflict"}', 1, again)).toBe(true);
  });

  it('count a delivery that is to be tried again, and one that went the last way it had', async () => {
    const { id } = await anApplication(app);
    const endpoint = await anEndpoint(app, id, { url: refusing.url });
    const first = () => aMessage(app, id);
    const manual = async () => {
      const { body } = await app.api.get(`/app/${id}/msg`);
      await app.api.post(`/app/${id}/msg/${body.data[0].id}/endpoint/${endpoint.id}/resend`);
    };

    expect(await rise('posthorn_deliveries_total{outcome="retry"}', 1, first)).toBe(true);
    expect(await rise('posthorn_deliveries_total{outcome="failed"}', 1, manual)).toBe(true);
  });

  it('tell how this process and what it depends on are', async () => {
    const text = await scrape();

    for (const part of ['database', 'queue', 'cache'])
      expect(seriesIn(text, `posthorn_dependency_up{dependency="${part}"}`)).toBe(1);
    expect(seriesIn(text, 'posthorn_permits')).toBe(1_024);
    expect(seriesIn(text, 'posthorn_release_share')).toBe(1);
    expect(seriesIn(text, 'posthorn_requests_unprotected_total')).toBe(0);
    const known = ['permits_in_use', 'due_lag_seconds', 'queue_waiting', 'backlog', 'event_loop_delay_p99_seconds'];
    for (const name of known) expect(seriesIn(text, `posthorn_${name}`)).toBeGreaterThanOrEqual(0);
    expect(seriesIn(text, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(seriesIn(text, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('have no label for an application or an endpoint', async () => {
    const labels = [...(await scrape()).matchAll(/^posthorn_\w+\{([^}]*)\}/gm)].flatMap(([, given]) =>
      given!.match(/\w+(?==)/g)!,
    );

    expect([...new Set(labels)].sort()).toEqual(['dependency', 'le', 'outcome', 'reason', 'way']);
  });

  it('are nowhere at the public listener', async () => {
    expect((await app.root.get('/metrics')).status).toBe(404);
  });

  it('are all that is served beside it', async () => {
    const statuses = await Promise.all(
      ['/', '/health', '/api/v1/app'].map(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status),
    );

    expect(statuses).toEqual([404, 404, 404]);
  });

  it('are done without, with a line in the log, where the port is taken', async () => {
    const second = await startApp({ METRICS_PORT: String(port) });
    try {
      const lines = second.log.map((line) => JSON.parse(line));
      expect(lines.find(({ msg }) => msg === 'metrics.not_served')).toMatchObject({
        level: 'warn',
        port,
        error: expect.stringContaining('EADDRINUSE'),
      });
      expect((await second.root.get('/health/ready')).status).toBe(200);
    } finally {
      await second.stop();
    }
  });

  it('that decide about the number of processes are in the health check', async () => {
    const { body } = await app.root.get('/health');

    const number = expect.any(Number);
    expect(body.details.load).toEqual({
      status: 'up',
      queueWaiting: number,
      dueLagSeconds: number,
      backlog: number,
      permitsUsedShare: number,
    });
  });
});
