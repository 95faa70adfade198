import type { Registry } from 'prom-client';
import type { Duration, Metrics, Reading } from './metrics.js';

const PREFIX = 'posthorn_';

/**
 * A Prometheus registry with all metrics of this process, and those of Node itself. Only this function loads the package: a process that
 * serves no metrics does not need it.
 */
export async function prometheusRegistry(metrics: Metrics): Promise<Registry> {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });
  for (const metric of metrics.all) {
    if (metric.kind === 'duration') showDuration(prometheus, registry, metric);
    else showReading(prometheus, registry, metric);
  }
  return registry;
}

/** The number is read when it is scraped. */
function showReading(prometheus: typeof import('prom-client'), registry: Registry, metric: Reading): void {
  const { name, help, label, kind, read } = metric;
  const shown = { name: PREFIX + name, help, labelNames: label === null ? [] : [label], registers: [] };
  const values = () =>
    Object.entries(read()).map(([value, number]) => [label === null ? {} : { [label]: value }, number] as const);
  const asGauge = () =>
    new prometheus.Gauge({
      ...shown,
      collect() {
        this.reset();
        // After a reset a gauge without labels is 0. It has to be absent where the number is not known.
        if (label === null) this.remove({});
        for (const [labels, number] of values()) this.set(labels, number);
      },
    });
  const asCounter = () =>
    new prometheus.Counter({
      ...shown,
      collect() {
        this.reset();
        for (const [labels, number] of values()) this.inc(labels, number);
      },
    });
  registry.registerMetric(kind === 'gauge' ? asGauge() : asCounter());
}

function showDuration(prometheus: typeof import('prom-client'), registry: Registry, metric: Duration): void {
  const histogram = new prometheus.Histogram({
    name: PREFIX + metric.name,
    help: metric.help,
    buckets: [...metric.buckets],
    registers: [registry],
  });
  metric.timing.follow((seconds) => histogram.observe(seconds));
}
