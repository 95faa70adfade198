import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { emfFields, emfName, emfUnit, type EmfMetric } from './emf.js';
import { Log } from './log.js';
import { Metrics, type Duration, type Reading } from './metrics.js';

const SAMPLE_EVERY_MS = 10_000;
const SAMPLES_PER_LINE = 6;

/**
 * Writes the metrics of each minute into the log, as a line that CloudWatch Logs turns into metrics. Counters are written as what the
 * minute added, gauges as samples taken every ten seconds, durations as percentiles. It is active where the queue is SQS itself, so not
 * on a developer's machine.
 *
 * When the process stops, it writes what it has of the last minute. If the process is killed, that is lost.
 */
@Injectable()
export class EmfReporter implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private samples = new Map<string, EmfMetric & { value: number[] }>();
  /** The values of the counters in the last line. */
  private readonly counted = new Map<string, number>();
  private cpu = process.cpuUsage();
  private since = performance.now();
  private taken = 0;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.queue.url === null || this.config.log.level === 'silent') return;
    this.timer = setInterval(() => this.tick(), SAMPLE_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.sample();
    this.write();
  }

  private tick(): void {
    this.sample();
    if (this.taken >= SAMPLES_PER_LINE) this.write();
  }

  private sample(): void {
    this.taken++;
    for (const metric of this.metrics.all) if (metric.kind === 'gauge') this.sampleOf(metric);
    this.keep('processMemoryBytes', 'Bytes', process.memoryUsage.rss());
  }

  private sampleOf({ name, read }: Reading): void {
    for (const [part, value] of Object.entries(read())) this.keep(emfName(name, part), emfUnit(name), value);
  }

  private keep(name: string, unit: EmfMetric['unit'], value: number): void {
    const kept = this.samples.get(name) ?? { name, unit, value: [] };
    kept.value.push(value);
    this.samples.set(name, kept);
  }

  private write(): void {
    const counts = this.metrics.all.flatMap((metric) => (metric.kind === 'counter' ? this.added(metric) : []));
    const durations = this.metrics.all.flatMap((metric) => (metric.kind === 'duration' ? percentiles(metric) : []));
    const all = [...counts, ...shares(counts), ...durations, ...this.samples.values(), this.cpuPercent()];
    // With a level of its own: alarms need the numbers whatever LOG_LEVEL says.
    this.log.pino.child({}, { level: 'info' }).info(emfFields(all, Date.now()), 'metrics');
    this.samples = new Map();
    this.taken = 0;
  }

  private added({ name, read }: Reading): EmfMetric[] {
    return Object.entries(read()).map(([part, total]) => {
      const key = emfName(name, part);
      const value = total - (this.counted.get(key) ?? 0);
      this.counted.set(key, total);
      return { name: key, unit: 'Count', value };
    });
  }

  /** In percent of one core: 200 means that two cores were busy all the time. */
  private cpuPercent(): EmfMetric {
    const used = process.cpuUsage(this.cpu);
    const elapsedMs = Math.max(1, performance.now() - this.since);
    this.cpu = process.cpuUsage();
    this.since = performance.now();
    const value = Math.round((used.user + used.system) / elapsedMs) / 10;
    return { name: 'processCpuPercent', unit: 'Percent', value };
  }
}

function percentiles({ name, timing }: Duration): EmfMetric[] {
  const taken = timing.take();
  return Object.entries(taken ?? {}).map(([part, ms]) => ({ name: emfName(name, part), unit: 'Seconds', value: ms / 1000 }));
}

/** The share of the written deliveries that went to the worker of this process. None if no delivery was written. */
function shares(counts: readonly EmfMetric[]): EmfMetric[] {
  const of = (name: string) => Number(counts.find((metric) => metric.name === name)?.value ?? 0);
  const near = of('deliveriesWrittenHandoff');
  const all = near + of('deliveriesWrittenQueue');
  return all === 0 ? [] : [{ name: 'handoffShare', unit: 'None', value: near / all }];
}
