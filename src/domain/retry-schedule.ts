const MIN_AFTER_TIMEOUT_SECONDS = 60;
const JITTER = 0.2;

const SECONDS = /^(?:\d+(?:\.\d*)?|\.\d+)$/;
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const CLOCK = '\\d{2}:\\d{2}(?::\\d{2})?';
const RFC_2822 = new RegExp(`^(?:[A-Z][a-z]{2}, *)?\\d{1,2} ${MONTH} \\d{4} ${CLOCK} (?:GMT|UTC?|[A-Z][DS]T|[+-]\\d{4})$`);
const RFC_850 = new RegExp(`^[A-Z][a-z]{5,8}, \\d{2}-${MONTH}-\\d{2} ${CLOCK} GMT$`);
const ASCTIME = new RegExp(`^[A-Z][a-z]{2} ${MONTH} [ \\d]\\d ${CLOCK} \\d{4}$`);

/**
 * How long a `Retry-After` header asks to wait, in whole seconds, rounded up. It may have seconds (also fractional), or a date in a form of
 * HTTP (RFC 9110, with two obsolete forms) or of RFC 2822. Null if it can't be read, or is in the past.
 *
 * @param nowMs Unix milliseconds
 */
export function parseRetryAfter(value: string, nowMs: number): number | null {
  const text = value.trim();
  const seconds = SECONDS.test(text) ? Number(text) : (dateOf(text) - nowMs) / 1000;
  if (Number.isNaN(seconds) || seconds < 0) return null;
  return Math.min(Math.ceil(seconds), Number.MAX_SAFE_INTEGER);
}

/**
 * How long to wait before the next attempt, in whole milliseconds; null when the schedule is exhausted. This is the delay of the step, but at
 * least a minute after a timeout. A Retry-After header can make it up to twice as long. At last it is changed by up to 20 % at random, so
 * that deliveries which failed at the same time are not retried at the same time.
 *
 * @param input.step how many attempts were settled before this one: 0 after the first failure
 * @param input.schedule seconds between attempts
 * @param input.random uniform in [0, 1)
 */
export function retryDelayMs(input: {
  step: number;
  schedule: readonly number[];
  timedOut: boolean;
  retryAfter: string | null;
  nowMs: number;
  random: () => number;
}): number | null {
  const planned = input.schedule[input.step];
  if (planned === undefined) return null;
  const delay = input.timedOut ? Math.max(planned, MIN_AFTER_TIMEOUT_SECONDS) : planned;
  const asked = input.retryAfter === null ? null : parseRetryAfter(input.retryAfter, input.nowMs);
  const wait = Math.min(Math.max(asked ?? delay, delay), 2 * delay);
  return Math.round(wait * 1000 * (1 - JITTER + 2 * JITTER * input.random()));
}

/** Unix milliseconds, or NaN. The form is checked first: Date.parse also accepts ISO dates, and many texts that are not dates. */
function dateOf(text: string): number {
  if (RFC_2822.test(text) || RFC_850.test(text)) return Date.parse(text);
  // asctime has no time zone and means UTC. Date.parse would use the zone of this machine.
  return ASCTIME.test(text) ? Date.parse(text + ' GMT') : NaN;
}
