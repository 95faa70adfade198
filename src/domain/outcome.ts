import { retryDelayMs } from './retry-schedule.js';

/** What came of one attempt to send. */
export interface SendResult {
  /** Status of the answer; 0 when there was none. */
  statusCode: number;
  /** The kept part of the answer's body, or a short text that says why there is none. */
  response: string;
  /** From the start of the attempt to the headers of the answer, or to the failure. */
  durationMs: number;
  /** Why there was no answer. */
  failure: null | 'timeout' | 'blocked' | 'dns' | 'connection';
  /** The Retry-After header as it came. */
  retryAfter: string | null;
  /** The endpoint does not want this message again, whatever its status says. */
  abort?: boolean;
}

/** What becomes of a delivery after an attempt: done, again after `delayMs`, or given up for a reason people will read. */
export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'retry'; delayMs: number }
  /** `said`: the endpoint itself asked for the end, of this message or of all that would follow. */
  | { kind: 'failed'; reason: string; said?: 'abort' | 'gone' };

const GONE = 410;

/**
 * Judges an attempt. Only 2xx is a success: redirects are not followed, and every other answer is worth another try, unless the
 * endpoint says that it is gone for good, or wants no more of this message.
 *
 * @param delivery.step attempts settled before this one
 * @param delivery.manual a person asked for this attempt and will see its result, so it is not repeated
 * @param rules.schedule seconds between attempts
 */
export function decideOutcome(
  result: SendResult,
  delivery: { step: number; manual: boolean },
  rules: { schedule: readonly number[]; nowMs: number; random: () => number },
): Outcome {
  if (result.statusCode >= 200 && result.statusCode < 300) return { kind: 'delivered' };
  if (result.statusCode === GONE) return { kind: 'failed', reason: 'endpoint answered 410 Gone', said: 'gone' };
  if (delivery.manual) return { kind: 'failed', reason: 'manual attempt failed' };
  if (result.abort) return { kind: 'failed', reason: 'aborted by the endpoint', said: 'abort' };
  const delayMs = retryDelayMs({
    step: delivery.step,
    timedOut: result.failure === 'timeout',
    retryAfter: result.retryAfter,
    ...rules,
  });
  return delayMs === null ? { kind: 'failed', reason: 'retries exhausted' } : { kind: 'retry', delayMs };
}
