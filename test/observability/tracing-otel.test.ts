import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLog } from '../../src/observability/log.js';
import { OtelTracer } from '../../src/observability/tracing-otel.js';
import { freePort } from '../support/services.js';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.js';

/** The exporter's own patience, which the stop must not need. */
const EXPORT_LIMIT_MS = 6_000;

describe('a tracer', () => {
  const collectors: OtlpReceiver[] = [];
  const aCollector = async (options = {}) => {
    const collector = await startOtlpReceiver(options);
    collectors.push(collector);
    return collector;
  };
  const tracers: OtelTracer[] = [];
  const aTracer = (url: string, lines: string[] = []) => {
    const tracer = new OtelTracer(`${url}/v1/traces`, createLog('info', { write: (line) => lines.push(line) }), 'posthorn');
    tracers.push(tracer);
    return tracer;
  };
  beforeAll(() => {
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = String(EXPORT_LIMIT_MS);
  });
  afterAll(async () => {
    delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT'];
    // What the exporter still tries ends with its patience, and not in the middle of another test file.
    await Promise.allSettled(tracers.map((tracer) => tracer['provider'].shutdown()));
  });
  afterEach(async () => {
    await Promise.all(collectors.splice(0).map((collector) => collector.stop()));
  });

  it('makes children of the span under way, also after waiting', async () => {
    const collector = await aCollector();
    const tracer = aTracer(collector.url);
    await tracer.span('outer', {}, async () => {
      await new Promise((wake) => setImmediate(wake));
      await tracer.span('inner', {}, async () => undefined);
    });
    await tracer.onApplicationShutdown();

    const [inner, outer] = collector.spans;
    expect(inner).toMatchObject({ name: 'inner', parentSpanId: outer!.spanId, traceId: outer!.traceId });
  });

  it('notes that work failed, by the kind of error alone, and lets the error go on', async () => {
    const collector = await aCollector();
    const tracer = aTracer(collector.url);
    const work = () => Promise.reject(new TypeError('with a secret'));

    await expect(tracer.span('failing', {}, work)).rejects.toThrow('with a secret');
    await tracer.onApplicationShutdown();
    expect(collector.spans[0]).toMatchObject({ attributes: { 'error.type': 'TypeError' } });
    expect(collector.text()).not.toContain('with a secret');
  });

  it('goes on where a traceparent says, and knows its own', async () => {
    const collector = await aCollector();
    const tracer = aTracer(collector.url);
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
    const own = await tracer.span('continued', {}, async () => tracer.current(), { parent: `00-${traceId}-${spanId}-01` });
    await tracer.onApplicationShutdown();

    expect(collector.spans[0]).toMatchObject({ traceId, parentSpanId: spanId });
    expect(own).toBe(`00-${traceId}-${collector.spans[0]!.spanId}-01`);
    expect(tracer.current()).toBeUndefined();
  });

  it('leaves out what the caller has decided not to sample', async () => {
    const collector = await aCollector();
    const tracer = aTracer(collector.url);
    await tracer.span('unsampled', {}, async () => undefined, { parent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` });
    await tracer.onApplicationShutdown();

    expect(collector.spans).toEqual([]);
  });

  it.each(['', 'nonsense', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, `00-${'a'.repeat(31)}-${'b'.repeat(16)}-01`])(
    'begins a trace where the traceparent is no good: "%s"',
    async (parent) => {
      const collector = await aCollector();
      const tracer = aTracer(collector.url);
      await tracer.span('first', {}, async () => undefined, { parent });
      await tracer.onApplicationShutdown();

      expect(collector.spans[0]!.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(collector.spans[0]!.parentSpanId).toBe('');
    },
  );

  it('does not wait longer than two seconds for a collector that hangs', async () => {
    const tracer = aTracer((await aCollector({ hang: true })).url);
    await tracer.span('late', {}, async () => undefined);
    const startedAt = performance.now();
    await tracer.onApplicationShutdown();

    expect(performance.now() - startedAt).toBeLessThan(EXPORT_LIMIT_MS - 1_000);
  });

  it('says once that the collector is away, and no more', async () => {
    const lines: string[] = [];
    const tracer = aTracer(`http://127.0.0.1:${await freePort()}`, lines);
    await tracer.span('lost', {}, async () => undefined);
    await tracer.onApplicationShutdown();

    expect(lines.filter((line) => line.includes('tracing.failed')).length).toBeLessThanOrEqual(1);
  });
});
