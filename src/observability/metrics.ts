import { Injectable } from '@nestjs/common';
import type { Timing } from './metrics-timing.js';

/** One number for each value of the label. Without a label: a single number under ''. */
export type Labelled = Readonly<Record<string, number>>;

/** A number that is read when it is shown. A `counter` only goes up; a `gauge` is the present value. */
export interface Reading {
  kind: 'counter' | 'gauge';
  name: string;
  help: string;
  label: string | null;
  read(): Labelled;
}

/** A metric of durations. */
export interface Duration {
  kind: 'duration';
  name: string;
  help: string;
  /** Upper bounds of the buckets, in seconds. */
  buckets: readonly number[];
  timing: Timing;
}

export type Metric = Reading | Duration;

/**
 * The registry of metrics. The numbers themselves are plain fields of the classes that do the work, so that counting costs an addition.
 * `/metrics`, the EMF lines and `/health` read them through this class.
 *
 * Names are in snake case and end with their unit: `_total` (a count), `_seconds`, `_bytes`, `_share` (0 to 1).
 * Counters are lost with the process and begin at 0 again. Prometheus and CloudWatch both expect that.
 */
@Injectable()
export class Metrics {
  private readonly byName = new Map<string, Metric>();

  get all(): readonly Metric[] {
    return [...this.byName.values()];
  }

  counter(name: string, help: string, read: () => number): void {
    this.add({ kind: 'counter', name, help, label: null, read: () => ({ '': read() }) });
  }

  /** One counter with a label of a few values. Never use endpoints or applications as values: there are too many of them. */
  counters(name: string, help: string, label: string, read: () => Labelled): void {
    this.add({ kind: 'counter', name, help, label, read });
  }

  /** While the number is not known `read` answers null; then it is not shown. */
  gauge(name: string, help: string, read: () => number | null): void {
    const labelled = (value: number | null): Labelled => (value === null ? {} : { '': value });
    this.add({ kind: 'gauge', name, help, label: null, read: () => labelled(read()) });
  }

  gauges(name: string, help: string, label: string, read: () => Labelled): void {
    this.add({ kind: 'gauge', name, help, label, read });
  }

  durations(name: string, help: string, buckets: readonly number[], timing: Timing): void {
    this.add({ kind: 'duration', name, help, buckets, timing });
  }

  /** The present value; null if it is not known, or if this process has no such metric. */
  valueOf(name: string): number | null {
    const metric = this.byName.get(name);
    if (!metric || metric.kind === 'duration') return null;
    return metric.read()[''] ?? null;
  }

  private add(metric: Metric): void {
    if (this.byName.has(metric.name)) throw new Error(`There is a metric ${metric.name} already: choose another name.`);
    this.byName.set(metric.name, metric);
  }
}
