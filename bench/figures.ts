/** One line of a step's table: what was measured, in the order in which it is shown. */
export interface Row {
  row: string;
  figures: Record<string, number>;
}

/** What several rounds brought. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** The value below which this share of the values lies; NaN of none. */
export function percentile(values: Float64Array | readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Several rounds of the same rows as one. */
export function together(rounds: readonly Row[][]): Map<string, Record<string, Spread>> {
  const values = new Map<string, Record<string, number[]>>();
  for (const { row, figures } of rounds.flat()) {
    const known = values.get(row) ?? {};
    values.set(row, known);
    for (const [name, value] of Object.entries(figures)) (known[name] ??= []).push(value);
  }
  const spread = (all: number[]): Spread => ({ median: median(all), least: Math.min(...all), most: Math.max(...all) });
  return new Map(
    [...values].map(([row, known]) => [row, Object.fromEntries(Object.entries(known).map(([name, all]) => [name, spread(all)]))]),
  );
}
