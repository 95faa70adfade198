/** All values of a metric in one period. */
export type Samples = readonly number[];

const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|100)$/;
const KNOWN = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'];

/**
 * A statistic of a period; null if it has no values.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 *
 * @throws Error if it is none of SampleCount, Sum, Average, Minimum, Maximum and p0 to p100
 */
export function statisticOf(samples: Samples, name: string): number | null {
  const percentile = percentileOf(name);
  if (percentile === null && !KNOWN.includes(name)) throw new Error(`The statistic ${name} is not known to the rehearsal.`);
  if (samples.length === 0) return null;
  if (percentile !== null) return valueAt(samples, percentile);
  if (name === 'SampleCount') return samples.length;
  if (name === 'Minimum') return samples.reduce((least, one) => Math.min(least, one));
  if (name === 'Maximum') return samples.reduce((most, one) => Math.max(most, one));
  const sum = samples.reduce((all, one) => all + one, 0);
  return name === 'Sum' ? sum : sum / samples.length;
}

/** `p95` → 0.95; null if it is no percentile. */
export function percentileOf(name: string): number | null {
  const [, number] = PERCENTILE.exec(name) ?? [];
  return number === undefined ? null : Number(number) / 100;
}

/** Assumption: the nearest rank. AWS only says that so many per cent of the values are lower. */
function valueAt(samples: Samples, share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
