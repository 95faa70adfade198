import type { Clock, Datum, MetricSink } from '../model.js';
import { statisticOf } from './statistics.js';

const MINUTE_MS = 60_000;
/** Periods that are kept: more than any alarm looks back. */
const KEPT_PERIODS = 24 * 60;

/** Which metric: all three have to be the same as in its datums, as on AWS. */
export type MetricId = Pick<Datum, 'namespace' | 'name' | 'dimensions'>;

/** One value of a series; null where the metric has no data. */
export interface Point {
  value: number;
  /** How many datums it is made of. */
  samples: number;
}

/** How metrics differ from what arrives. */
export interface MetricSettings {
  /**
   * For how many datums each one stands in sums and counts. A shortened minute has as many requests as fit into it: with a minute of one
   * second, a sixtieth of what there would be on AWS. With a weight of 60, thresholds in numbers per minute keep their meaning.
   */
  weight: number;
  /**
   * Assumption: data can be seen at once; here is for how many minutes it can't. AWS warns of a slight delay without a number, because of which
   * FILL may always fill in the youngest minute. In the run on AWS that codedeploy/parts.ts names, a minute's errors turned the alarm on two
   * minutes after its end. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
   */
  lateMinutes: number;
}

/** CloudWatch's metrics, in periods of one minute of the shortened time. */
export class Metrics implements MetricSink {
  private readonly clock: Clock;
  private readonly settings: MetricSettings;
  private readonly byMetric = new Map<string, Map<number, number[]>>();

  constructor(clock: Clock, settings: Partial<MetricSettings> = {}) {
    this.clock = clock;
    this.settings = { weight: 1, lateMinutes: 0, ...settings };
  }

  /** Real ms of a period. */
  get periodMs(): number {
    return this.clock.minutes(MINUTE_MS);
  }

  /** Number of the period that is under way; the first is 0. */
  get current(): number {
    return Math.floor(this.clock.now() / this.periodMs);
  }

  /** Assumption: a datum belongs to the period in which it arrives. Time stamps of callers are of a time that is not shortened. */
  put({ namespace, name, dimensions, value }: Datum): void {
    const key = keyOf({ namespace, name, dimensions });
    const periods = this.byMetric.get(key) ?? new Map<number, number[]>();
    this.byMetric.set(key, periods);
    const { current } = this;
    const samples = periods.get(current);
    if (samples) {
      samples.push(value);
      return;
    }
    periods.set(current, [value]);
    for (const period of periods.keys()) if (period <= current - KEPT_PERIODS) periods.delete(period);
  }

  /** Whether there ever was a datum: if not, its name or a dimension may be wrong. */
  has(metric: MetricId): boolean {
    return this.byMetric.has(keyOf(metric));
  }

  /**
   * Statistics of `count` spans of `minutes` periods, the oldest first; the last ends before the period `end`.
   *
   * @throws Error if the statistic is not known
   */
  series(
    metric: MetricId,
    statistic: string,
    { end, count, minutes }: { end: number; count: number; minutes: number },
  ): (Point | null)[] {
    const periods = this.byMetric.get(keyOf(metric));
    const { weight, lateMinutes } = this.settings;
    const hiddenFrom = lateMinutes > 0 ? this.current - lateMinutes : Infinity;
    const samplesOf = (period: number) => (period < hiddenFrom ? periods?.get(period) : undefined) ?? [];
    return Array.from({ length: count }, (_none, at) => {
      const from = end - (count - at) * minutes;
      const samples = Array.from({ length: minutes }, (_same, minute) => samplesOf(from + minute)).flat();
      const value = statisticOf(samples, statistic);
      if (value === null) return null;
      const factor = statistic === 'Sum' || statistic === 'SampleCount' ? weight : 1;
      return { value: value * factor, samples: samples.length * weight };
    });
  }
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
