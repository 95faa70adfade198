import type { Records } from '../records.js';
import { matchAttempts, type Fate } from './matching.js';
import { verdict, type Verdict } from './verdict.js';

/** What is excused, and what the report calls it. */
export const EXCUSED: Record<Exclude<Fate, 'listed' | 'unlisted'>, string> = {
  killed: 'answered, then the process was killed',
  late: 'answered after the time limit, or to a process that stood still',
  again: 'ended without an answer on a kept connection, and sent again over a new one',
};
const UNSEEN = 'given up by a process that stood still';

/** Each request that a receiver answered is a listed attempt with this answer, and each listed attempt was seen by its receiver. */
export function attempts(records: Records): Verdict {
  const violations: string[] = [];
  const exceptions: Record<string, number> = {};
  const excuse = (name: string) => (exceptions[name] = (exceptions[name] ?? 0) + 1);
  for (const [key, { receipts, unseen }] of matchAttempts(records)) {
    for (const { receipt, fate } of receipts) {
      if (fate === 'unlisted')
        violations.push(`${key}: a request at ${timeOf(receipt.at)}, answered with ${receipt.code}, is not listed`);
      else if (fate !== 'listed') excuse(EXCUSED[fate]);
    }
    for (const { attempt, excused } of unseen) {
      if (excused) excuse(UNSEEN);
      else violations.push(`${key}: an attempt with status ${attempt.code} is listed at ${timeOf(attempt.at)}, but was not seen`);
    }
  }
  return verdict('every attempt is listed, and was seen', records.attempts.length, violations, exceptions);
}

const timeOf = (at: number) => new Date(at).toISOString();
