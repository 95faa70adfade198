import type { Verdict } from './oracle.js';

/** What is told of a scenario that was played. */
export interface Result {
  name: string;
  title: string;
  seconds: number;
  /** Requests of the load. */
  sent: number;
  /** The share of the seconds in which no processor of the machine was free, 0 to 1. */
  busy: number;
  verdicts: Verdict[];
  /** Of the play before, which failed, if the scenario was played once more. */
  first?: Result;
}

/** Of a scenario that could not be played to its end. */
export function brokenOff(name: string, title: string, error: Error): Result {
  return {
    name,
    title,
    seconds: 0,
    sent: 0,
    busy: 0,
    verdicts: [{ text: 'it can be played', holds: false, detail: error.message }],
  };
}

/** Below this share of busy seconds it was not the machine. */
const LEAST_BUSY = 0.5;

/**
 * Why it may have been the machine that a scenario failed, or null: it had other work most of the time. Then health checks and the alarm about latency
 * fail as they would on AWS without a processor, and that says nothing of the build. What must hold on any machine has to hold here too. Of a
 * scenario that had others beside it, it may also have been them if nothing but its times failed.
 */
export function blurredBy(result: Result, hadOthers: boolean): string | null {
  const failed = failedOf(result);
  if (failed.length === 0 || failed.some(({ always }) => always)) return null;
  if (result.busy >= LEAST_BUSY) return `no processor was free in ${(result.busy * 100).toFixed(0)} % of its time`;
  return hadOthers && failed.every(({ needsQuiet }) => needsQuiet) ? 'nothing but its times failed, beside others' : null;
}

/** What does not hold. */
export function failedOf({ verdicts }: Pick<Result, 'verdicts'>): Verdict[] {
  return verdicts.filter(({ holds }) => !holds);
}

export function hasPassed({ verdicts }: Result): boolean {
  return verdicts.every(({ holds }) => holds);
}
