import { Injectable } from '@nestjs/common';
import type { Timing } from './metrics-timing.js';

/** One number a value of the label, or a single one under '' where there is no label. */
export type Labelled = Readonly<Record<string, number>>;

/** A number that is asked for: `counter` only goes up, `gauge` is what is the case now. */
export interface Reading {
  kind: 'counter' | 'gauge';
  name: string;
  help: string;
  label: string | null;
  read(): Labelled;
}

/** How long something took, each time. */
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
 * Which numbers there are, and where to read them. The numbers themselves are plain fields of the classes that do the work, so
 * that counting costs an addition; whoever shows them (`/metrics`, the EMF lines, `/health`) asks for them here.
 *
 * Names are in snake case and end with their unit: `_total` (a count), `_seconds`, `_bytes`, `_share` (0 to 1).
 * Gone with the process: counters begin at 0 again, which both readers know to handle.
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

  /** One counter with a value for each of a few outcomes. Never for endpoints or applications: there are too many of them. */
  counters(name: string, help: string, label: string, read: () => Labelled): void {
    this.add({ kind: 'counter', name, help, label, read });
  }

  /** `read` answers null while the number isn't known; then it isn't shown. */
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

  /** The number as it is now; null where it isn't known, or nobody in this process has it. */
  valueOf(name: string): number | null {
    const metric = this.byName.get(name);
    if (!metric || metric.kind === 'duration') return null;
    return metric.read()[''] ?? null;
  }

  private add(metric: Metric): void {
    if (this.byName.has(metric.name)) throw new Error(`There is a metric ${metric.name} already.`);
    this.byName.set(metric.name, metric);
  }
}
