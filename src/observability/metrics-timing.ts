import { createHistogram } from 'node:perf_hooks';

const MAX_MS = 7 * 86_400_000;

/** Percentiles in ms. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** Collects durations in a histogram of fixed size (two significant figures). So an observation always costs the same. */
export class Timing {
  private readonly recent = createHistogram({ lowest: 1, highest: MAX_MS, figures: 2 });
  private listener: ((seconds: number) => void) | null = null;

  /** A negative duration counts as 0: it comes from the clocks of two machines, which differ. */
  observe(ms: number): void {
    const bounded = Math.min(MAX_MS, Math.max(0, Math.round(ms)));
    this.recent.record(Math.max(1, bounded));
    this.listener?.(bounded / 1000);
  }

  /** The percentiles since the last call; null if there were no observations. */
  take(): Percentiles | null {
    if (this.recent.count === 0) return null;
    const [p50, p95, p99] = [50, 95, 99].map((share) => this.recent.percentile(share)) as [number, number, number];
    this.recent.reset();
    return { p50, p95, p99 };
  }

  /** From now on `listener` gets each observation too. */
  follow(listener: (seconds: number) => void): void {
    this.listener = listener;
  }
}
