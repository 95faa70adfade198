import type { LimitState } from '../../limits/request-throttle.js';
import type { QuotaExceeded, QuotaState } from '../../limits/message-quota.js';

/** After the end of a quota's day or month, clients come back within this time, and not all at once. */
const QUOTA_JITTER_SECONDS = 60;
const SECONDS = { day: 86_400, month: 31 * 86_400 };

/** An answer 429. */
export interface TooManyRequests {
  status: 429;
  body: { code: 'rate_limit'; detail: string };
  headers: Record<string, string>;
}

/** A policy and what is left of it, as the headers show them. */
interface Shown {
  name: string;
  quota: number;
  windowSeconds: number;
  left: number;
  resetSeconds: number;
}

/**
 * The headers `RateLimit-Policy` and `RateLimit`, as in draft-ietf-httpapi-ratelimit-headers-10: structured fields, lists of strings with
 * parameters. `q` is the quota in `w` seconds, `r` what is left of it, `t` the seconds until it is whole again.
 */
export function rateLimitHeaders(states: readonly LimitState[]): Record<string, string> {
  return headersOf(states.map(shownOf));
}

/** The answer to a request beyond a rate. Tokens come in evenly, so `Retry-After` needs no jitter. */
export function throttled(states: readonly LimitState[], { name, quota, perSecond, waitMs }: LimitState): TooManyRequests {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const whose = name === 'key' ? 'with this token' : 'of this organisation';
  const rate = `${perSecond} requests a second ${whose}, and ${quota} at once after a pause`;
  return answer(`The limit is ${rate}. Try again in ${seconds} s. An operator can raise it`, seconds, rateLimitHeaders(states));
}

/** The headers of a quota of messages, behind those of the rates that the answer has already. */
export function quotaHeaders(
  { period, limit, left, waitMs }: QuotaState,
  before: Record<string, unknown>,
): Record<string, string> {
  const resetSeconds = Math.ceil(waitMs / 1000);
  const own = headersOf([{ name: `messages-per-${period}`, quota: limit, windowSeconds: SECONDS[period], left, resetSeconds }]);
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, before[name] ? `${String(before[name])}, ${value}` : value]),
  );
}

/** The answer to messages beyond a quota. `quotaHeaders` come to every answer about messages. */
export function overQuota({ period, limit, left, waitMs }: QuotaExceeded): TooManyRequests {
  const seconds = Math.ceil(waitMs / 1000);
  const detail =
    `The quota is ${limit} messages per ${period} (UTC) of this organisation, and ${left} are left. ` +
    `It begins again in ${seconds} s. An operator can raise it`;
  return answer(detail, seconds + Math.floor(Math.random() * QUOTA_JITTER_SECONDS), {});
}

function answer(detail: string, retryAfter: number, headers: Record<string, string>): TooManyRequests {
  return { status: 429, body: { code: 'rate_limit', detail }, headers: { ...headers, 'retry-after': String(retryAfter) } };
}

function shownOf({ name, quota, perSecond, windowSeconds, left }: LimitState): Shown {
  const rest = Math.min(left, quota);
  return { name, quota, windowSeconds, left: rest, resetSeconds: Math.ceil((quota - rest) / perSecond) };
}

function headersOf(shown: readonly Shown[]): Record<string, string> {
  return {
    'ratelimit-policy': shown.map(({ name, quota, windowSeconds }) => `"${name}";q=${quota};w=${windowSeconds}`).join(', '),
    ratelimit: shown.map(({ name, left, resetSeconds }) => `"${name}";r=${left};t=${resetSeconds}`).join(', '),
  };
}
