import type { FaultKind } from './faults/kind.js';
import { randomOf } from './random.js';

/** This part of the steps has two faults at a time. */
const OVERLAP = 0.25;

/** A fault of the plan. */
export interface PlannedFault {
  kind: FaultKind;
  /** When it begins, counted from the beginning of its step. */
  afterMs: number;
  lastsMs: number;
  /** From 0 to below 1: chooses the target. */
  draw: number;
}

/** What happens after everything has recovered from the step before, and has run for `pauseMs` without a fault. */
export interface Step {
  pauseMs: number;
  faults: PlannedFault[];
}

/**
 * The steps of a run. The same seed, number and kinds make the same steps. Each kind comes before one of them comes again. Two faults of
 * one step hit different things.
 */
export function planOf(
  seed: number,
  { count, kinds, pauseMs }: { count: number; kinds: readonly FaultKind[]; pauseMs: [number, number] },
): Step[] {
  const random = randomOf(seed);
  let deck: FaultKind[] = [];
  const drawKind = (besides?: FaultKind): FaultKind | undefined => {
    if (deck.length === 0) deck = shuffled(kinds, random);
    const at = deck.findIndex(({ hits }) => hits !== besides?.hits);
    return at < 0 ? undefined : deck.splice(at, 1)[0];
  };
  const planned = (kind: FaultKind, afterMs: number): PlannedFault => ({
    kind,
    afterMs,
    lastsMs: random.between(...kind.lasts),
    draw: random.next(),
  });
  const steps: Step[] = [];
  for (let left = count; left > 0;) {
    const first = drawKind()!;
    const second = left > 1 && random.chance(OVERLAP) ? drawKind(first) : undefined;
    const faults = [planned(first, 0), ...(second ? [planned(second, random.between(0, 2_000))] : [])];
    steps.push({ pauseMs: random.between(...pauseMs), faults });
    left -= faults.length;
  }
  return steps;
}

function shuffled<T>(list: readonly T[], random: { between(low: number, high: number): number }): T[] {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = random.between(0, at);
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}
