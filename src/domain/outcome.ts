import { retryDelayMs } from './retry-schedule.js';

/** The result of one attempt. */
export interface SendResult {
  /** Status of the answer; 0 if there was none. */
  statusCode: number;
  /** The part of the answer's body that is stored, or a short text that says why there was no answer. */
  response: string;
  /** From the start of the attempt to the headers of the answer, or to the failure. */
  durationMs: number;
  /**
   * Why there was no answer. With two of them the request did not get as far as the endpoint. `proxy`: the egress proxy failed or refused. `local`: this process could not open
   * a connection, because the system had no file, memory or local port left.
   */
  failure: null | 'timeout' | 'blocked' | 'dns' | 'connection' | 'proxy' | 'local';
  /** The unparsed Retry-After header. */
  retryAfter: string | null;
  /** The endpoint asked not to get this message again, whatever the status is. */
  abort?: boolean;
}

/** What happens to a delivery after an attempt. `reason` is shown to people. */
export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'retry'; delayMs: number }
  /**
   * `said`: the endpoint itself asked for no more attempts: of this message (`abort`) or of all messages (`gone`). `notReached`: the last attempt
   * did not get as far as the endpoint, so that it says nothing about it.
   */
  | { kind: 'failed'; reason: string; said?: 'abort' | 'gone'; notReached?: true };

const GONE = 410;

/** Whether an attempt says nothing about its endpoint, because the request did not get as far as that. */
export function isNotReached({ failure }: SendResult): boolean {
  return failure === 'proxy' || failure === 'local';
}

/**
 * Decides what happens after an attempt. Only 2xx is a success. Redirects are not followed. Every other answer leads to a retry, unless the
 * endpoint answers that it is gone, or that it does not want this message.
 *
 * @param delivery.step attempts settled before this one
 * @param delivery.manual a person asked for this attempt and sees its result, so that it is not retried
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
  if (delayMs !== null) return { kind: 'retry', delayMs };
  return { kind: 'failed', reason: 'retries exhausted', ...(isNotReached(result) ? { notReached: true } : {}) };
}
