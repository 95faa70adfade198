/** p99 of how long tries took, in ms; 0 of nothing. */
export function p99(tries: readonly { ms: number }[]): number {
  const sorted = tries.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
}
