import type { Verdict } from './oracle.js';

/** What is told of a scenario that was played. */
export interface Result {
  name: string;
  title: string;
  seconds: number;
  /** Requests of the load. */
  sent: number;
  verdicts: Verdict[];
}

/** Of a scenario that could not be played to its end. */
export function brokenOff(name: string, title: string, error: Error): Result {
  return { name, title, seconds: 0, sent: 0, verdicts: [{ text: 'it can be played', holds: false, detail: error.message }] };
}

export function hasPassed({ verdicts }: Result): boolean {
  return verdicts.every(({ holds }) => holds);
}
