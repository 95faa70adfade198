type Timed = { ms: number };

/** p99 of how long tries took, in ms; 0 of nothing. */
export function p99(tries: readonly Timed[]): number {
  return percentile(tries, 0.99);
}

/** The time in ms within which this part of the tries, 0 to 1, was over; 0 of nothing. */
export function percentile(tries: readonly Timed[], part: number): number {
  const sorted = tries.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
