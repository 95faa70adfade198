import type { Course } from '../../api/endpoint-attempts.js';
import type { Endpoint } from '../../api/endpoints.js';
import * as texts from '../../texts/en.js';

const words = texts.endpoints.page.state;
const GONE = 410;
/** Below this a row of failures is no reason by itself: somebody has disabled the endpoint. */
const LONG_MS = 24 * 3_600_000;

/** Why a disabled endpoint is disabled. The API does not tell it; its last attempts do. `short` has room in a table. */
export function whyDisabled(endpoint: Endpoint, { last, failingFrom }: Course) {
  if (last?.responseStatusCode === GONE) return { kind: 'gone', text: words.disabledGone, short: words.shortGone } as const;
  const from = failingFrom?.timestamp ?? endpoint.createdAt;
  const failedMs = last !== null && last.status !== 0 ? last.timestamp.getTime() - from.getTime() : 0;
  if (failedMs > LONG_MS)
    return { kind: 'failing', text: words.disabledFailing(failedMs), short: words.shortFailing(failedMs) } as const;
  return { kind: 'byHand', text: words.disabledByHand, short: words.shortByHand } as const;
}
