import { AsyncLocalStorage } from 'node:async_hooks';
import type { OnApplicationShutdown } from '@nestjs/common';
import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OtelSpan,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Log } from './log.js';
import { withTimeout } from '../async/time-limit.js';
import { Tracer, type Attributes, type OpenSpan, type Span, type SpanOptions } from './tracing.js';

/** Time limit of one call to the collector. */
const EXPORT_LIMIT_MS = 10_000;
const FLUSH_LIMIT_MS = 2_000;
const LOG_EVERY_MS = 60_000;
/** Version, trace id, parent id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Makes spans with OpenTelemetry's SDK, which sends them in batches as OTLP (protobuf over HTTP). The SDK itself reads sampling, batch
 * sizes, headers, service name and resource from the standard OTEL_* variables.
 *
 * The queue of the batches is bounded. If the collector is away or slow, spans are dropped and the service goes on; the log gets one line a
 * minute. When the process stops, it sends the last spans, for two seconds at most.
 */
export class OtelTracer extends Tracer implements OnApplicationShutdown {
  readonly on = true;
  private readonly storage = new AsyncLocalStorage<Context>();
  private readonly provider: BasicTracerProvider;
  private readonly tracer;
  private loggedAt = Number.NEGATIVE_INFINITY;

  constructor(
    url: string,
    private readonly log: Log,
    serviceName: string,
  ) {
    super();
    const logFailure = (message: string) => this.logFailure(message);
    diag.setLogger(
      { error: logFailure, warn: logFailure, info: logFailure, debug: logFailure, verbose: logFailure },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const own = resourceFromAttributes({ 'service.name': serviceName });
    this.provider = new BasicTracerProvider({
      resource: own.merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_LIMIT_MS }))],
    });
    this.tracer = this.provider.getTracer('posthorn');
  }

  async span<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>, options: SpanOptions = {}): Promise<T> {
    const span = this.begin(name, attributes, options);
    try {
      return await span.run(() => work(span));
    } catch (error) {
      // Only its name: the message may contain what must not be in a trace.
      span.fail(error instanceof Error ? error.name : 'unknown');
      throw error;
    } finally {
      span.end();
    }
  }

  begin(name: string, attributes: Attributes, { kind = 'internal', parent }: SpanOptions = {}): OpenSpan {
    const around = contextOf(parent) ?? this.storage.getStore() ?? ROOT_CONTEXT;
    const span = this.tracer.startSpan(name, { kind: KINDS[kind], attributes }, around);
    const within = trace.setSpan(around, span);
    return {
      set: (more) => void span.setAttributes(more),
      fail: (error) => void span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR }),
      run: (work) => this.storage.run(within, work),
      end: () => span.end(),
    };
  }

  current(): string | undefined {
    const span = trace.getSpan(this.storage.getStore() ?? ROOT_CONTEXT);
    return span && traceparentOf(span);
  }

  async onApplicationShutdown(): Promise<void> {
    const late = () => new Error('the collector did not take the last spans in time');
    const flush = withTimeout(FLUSH_LIMIT_MS, () => this.provider.shutdown(), { late });
    await flush.catch((error: unknown) => this.logFailure(String(error)));
  }

  private logFailure(message: string): void {
    const now = performance.now();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.loggedAt = now;
    this.log.warn('tracing.failed', { error: message.slice(0, 300), effect: 'spans are lost' });
  }
}

function contextOf(traceparent: string | undefined): Context | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return null;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true });
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`;
}
