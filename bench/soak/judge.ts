import { median } from '../figures.js';

/** What was measured at one moment. A value that could not be measured is left out. */
export interface Sample {
  /** On any clock, in ms. */
  atMs: number;
  values: Readonly<Record<string, number>>;
}

/** By how much a value may grow between the end of the warm-up and the end: the larger of a share of it, and an amount. */
export interface Tolerance {
  share: number;
  amount: number;
}

/** What became of one value after the warm-up. */
export interface Finding {
  name: string;
  /** Medians of the first and of the last third. */
  early: number;
  late: number;
  perHour: number;
  /** How much it grew, by the medians or by the slope, whichever is more. */
  grewBy: number;
  allowed: number;
  grew: boolean;
}

const HOUR_MS = 3_600_000;
const LEAST_SAMPLES = 9;

/**
 * Says which values grew. What comes before the end of the warm-up does not count. A leak shows in the slope, and a step in the medians of the
 * first and the last third. Both are robust: single peaks, and a sawtooth that returns to the same values, are no growth.
 */
export function judge(samples: readonly Sample[], tolerances: Readonly<Record<string, Tolerance>>, warmUp = 1 / 3): Finding[] {
  const startMs = samples[0]?.atMs ?? 0;
  const endMs = samples.at(-1)?.atMs ?? 0;
  const warm = samples.filter(({ atMs }) => atMs >= startMs + (endMs - startMs) * warmUp);
  return Object.entries(tolerances).map(([name, tolerance]) => {
    const points = warm.flatMap(({ atMs, values }) => (values[name] === undefined ? [] : [{ atMs, value: values[name] }]));
    if (points.length < LEAST_SAMPLES)
      throw new Error(`Only ${points.length} samples of "${name}": the soak was too short to judge.`);
    return found(name, points, tolerance);
  });
}

interface Point {
  atMs: number;
  value: number;
}

function found(name: string, points: readonly Point[], { share, amount }: Tolerance): Finding {
  const third = Math.floor(points.length / 3);
  const middle = (some: readonly Point[]) => median(some.map(({ value }) => value));
  const [early, late] = [middle(points.slice(0, third)), middle(points.slice(-third))];
  const slope = theilSen(points);
  const grewBy = Math.max(late - early, slope * (points.at(-1)!.atMs - points[0]!.atMs));
  const allowed = Math.max(amount, share * Math.abs(early));
  return { name, early, late, perHour: slope * HOUR_MS, grewBy, allowed, grew: grewBy > allowed };
}

/** The median of the slopes between all pairs of points, per ms. */
function theilSen(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [at, a] of points.entries()) {
    for (const b of points.slice(at + 1)) if (b.atMs > a.atMs) slopes.push((b.value - a.value) / (b.atMs - a.atMs));
  }
  return slopes.length === 0 ? 0 : median(slopes);
}
