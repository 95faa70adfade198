import { reasonOf } from '../../api/attempt-reason.js';
import type { Attempt } from '../../api/endpoint-attempts.js';

/** The answer in a few words: "500", "time-out". */
export const answerOf = (attempt: Attempt): string =>
  attempt.responseStatusCode > 0 ? String(attempt.responseStatusCode) : reasonOf(attempt).word;

/** What an unsuccessful answer means, and what to do about it. */
export function adviceOf(attempt: Attempt): string {
  const { text, help } = reasonOf(attempt);
  return `${text} ${help}`;
}
