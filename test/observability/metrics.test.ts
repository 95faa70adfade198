import { describe, expect, it } from '@jest/globals';
import { prometheusRegistry } from '../../src/observability/metrics-prometheus.js';
import { Signals } from '../../src/observability/metrics-signals.js';
import { Timing } from '../../src/observability/metrics-timing.js';
import { Metrics } from '../../src/observability/metrics.js';
import { seriesIn } from './prometheus-text.js';

describe('the metrics of a process', () => {
  it('are read when somebody asks', async () => {
    const metrics = new Metrics();
    let sent = 1;
    metrics.counter('sent_total', 'of a test', () => sent);
    const registry = await prometheusRegistry(metrics);
    expect(seriesIn(await registry.metrics(), 'posthorn_sent_total')).toBe(1);
    sent = 5;

    expect(seriesIn(await registry.metrics(), 'posthorn_sent_total')).toBe(5);
  });

  it('that are not known are not shown', async () => {
    const metrics = new Metrics();
    let depth: number | null = 3;
    metrics.gauge('depth', 'of a test', () => depth);
    const registry = await prometheusRegistry(metrics);
    expect(seriesIn(await registry.metrics(), 'posthorn_depth')).toBe(3);
    depth = null;

    expect(seriesIn(await registry.metrics(), 'posthorn_depth')).toBeUndefined();
    expect(metrics.valueOf('depth')).toBeNull();
  });

  it('have a name only once', () => {
    const metrics = new Metrics();
    metrics.gauge('depth', 'of a test', () => 1);

    expect(() => metrics.gauge('depth', 'of a test', () => 2)).toThrow('depth');
  });

  it('show each duration in its bucket, in seconds', async () => {
    const metrics = new Metrics();
    const timing = new Timing();
    metrics.durations('wait_seconds', 'of a test', [0.1, 1], timing);
    const registry = await prometheusRegistry(metrics);
    for (const ms of [50, 500, 5_000]) timing.observe(ms);

    const text = await registry.metrics();
    expect(['0.1', '1', '+Inf'].map((le) => seriesIn(text, `posthorn_wait_seconds_bucket{le="${le}"}`))).toEqual([1, 2, 3]);
    expect(seriesIn(text, 'posthorn_wait_seconds_sum')).toBeCloseTo(5.55);
  });
});

describe('durations', () => {
  it('are told as percentiles, to two figures', () => {
    const timing = new Timing();
    for (let ms = 1; ms <= 1000; ms++) timing.observe(ms);

    const { p50, p95, p99 } = timing.take()!;
    expect(Math.abs(p50 - 500)).toBeLessThanOrEqual(5);
    expect(Math.abs(p95 - 950)).toBeLessThanOrEqual(10);
    expect(Math.abs(p99 - 990)).toBeLessThanOrEqual(10);
  });

  it('are told once', () => {
    const timing = new Timing();
    timing.observe(5);
    timing.take();

    expect(timing.take()).toBeNull();
  });

  it('below nothing, as clocks may have it, and beyond a week are brought within', () => {
    const timing = new Timing();
    timing.observe(-50);
    timing.observe(1e12);

    expect(timing.take()!.p99).toBeGreaterThanOrEqual(7 * 86_400_000 * 0.99);
  });
});

describe('the numbers to scale by', () => {
  it('add up what waits, as far as it is known', () => {
    const metrics = new Metrics();
    const signals = new Signals(metrics);
    metrics.gauge('queue_waiting', 'of a test', () => 7);
    metrics.gauge('queue_in_flight', 'of a test', () => 2);
    metrics.gauge('due_waiting', 'of a test', () => null);

    expect(signals.now).toEqual({ queueWaiting: 7, dueLagSeconds: null, backlog: 9, permitsUsedShare: null });
  });

  it('say how much of the permits is in use', () => {
    const metrics = new Metrics();
    const signals = new Signals(metrics);
    metrics.gauge('permits', 'of a test', () => 256);
    metrics.gauge('permits_in_use', 'of a test', () => 64);

    expect(signals.now.permitsUsedShare).toBe(0.25);
  });
});
