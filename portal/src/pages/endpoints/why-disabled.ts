import type { Course } from '../../api/endpoint-attempts.js';
import type { Endpoint, EndpointState } from '../../api/endpoints.js';
import * as texts from '../../texts/en.js';

const words = texts.endpoints.page.state;
const GONE = 410;
/** Below this a row of failures is no reason by itself: somebody has disabled the endpoint. */
const LONG_MS = 24 * 3_600_000;

/** Why a disabled endpoint is disabled. `short` has room in a table. */
export function whyDisabled(endpoint: Endpoint, { state, last, failingFrom }: Course) {
  const from = failingFrom?.timestamp ?? endpoint.createdAt;
  const seenMs = last !== null && last.status !== 0 ? last.timestamp.getTime() - from.getTime() : 0;
  // Attempts are removed after a time; the state stays.
  const { disabledSince, failingSince } = state;
  const knownMs = disabledSince && failingSince ? disabledSince.getTime() - failingSince.getTime() : seenMs;
  const failedMs = knownMs > 0 ? knownMs : null;
  const because = state.disabledBecause ?? guessed(last, seenMs);
  if (because === 'gone') return { kind: 'gone', text: words.disabledGone, short: words.shortGone } as const;
  if (because === 'failing')
    return { kind: 'failing', text: words.disabledFailing(failedMs), short: words.shortFailing(failedMs) } as const;
  return { kind: 'byHand', text: words.disabledByHand, short: words.shortByHand } as const;
}

/** Of an endpoint that an earlier release disabled the API does not know it, but its last attempts tell. */
function guessed(last: Course['last'], failedMs: number): EndpointState['disabledBecause'] {
  if (last?.responseStatusCode === GONE) return 'gone';
  return failedMs > LONG_MS ? 'failing' : 'request';
}
