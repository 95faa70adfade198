import type { ReleaseTiming } from './release-timing.js';

/** Names of AWS's errors for too many requests (the load balancer's API answers them with the status 400). */
const THROTTLED = /Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown/i;
const TOO_MANY_REQUESTS = 429;
/** Under throttling, an answered gate waits for at most so many times its usual pause. */
const LONGEST_BACKOFF = 3;

/** Where the questions to the load balancer stand. */
export interface Questions {
  /** `none`: no answer yet. `first`: the last question got the first answer. */
  answers: 'none' | 'first' | 'several';
  /** How many questions in a row were refused as too many. */
  throttled: number;
}

/** Whether AWS refused the request only because there were too many. */
export function isThrottled(error: unknown): boolean {
  const { name = '', $metadata } = (error ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } };
  return THROTTLED.test(name) || $metadata?.httpStatusCode === TOO_MANY_REQUESTS;
}

/** The pause before the first question, in ms. The tasks of a deployment start together, and must not all ask at the same moment. */
export function firstPauseMs({ untilFirstMs }: ReleaseTiming, random: () => number): number {
  return random() * untilFirstMs;
}

/**
 * The time from the start of one question to the start of the next, in ms. It is constant, but after the first answer it is a random part
 * of the usual one: from then on the questions of all tasks are spread evenly over the ten seconds.
 *
 * After throttling it doubles, up to 30 s; a task that still waits for its first answer asks at least every 10 s, since it is not ready
 * before. Up to half of the longer pause is left out at random, so that the tasks do not come back together.
 */
export function periodMs(timing: ReleaseTiming, { answers, throttled }: Questions, random: () => number): number {
  const { everyMs, untilFirstMs } = timing;
  if (answers === 'first') return random() * everyMs;
  const usual = answers === 'none' ? untilFirstMs : everyMs;
  const longest = answers === 'none' ? everyMs : everyMs * LONGEST_BACKOFF;
  if (throttled === 0) return usual;
  return Math.max(usual, Math.min(usual * 2 ** throttled, longest) * (1 - random() / 2));
}
