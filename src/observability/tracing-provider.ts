import type { AppConfig } from '../config/config.js';
import type { Log } from './log.js';
import { UNTRACED, type Tracer } from './tracing.js';

/** The process's tracer. OpenTelemetry is loaded only if an exporter is configured. */
export async function createTracer(config: AppConfig, log: Log): Promise<Tracer> {
  const { url } = config.tracing;
  if (url === null) return UNTRACED;
  const { OtelTracer } = await import('./tracing-otel.js');
  return new OtelTracer(url, log, config.serviceName);
}
