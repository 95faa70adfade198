import { reasonOf as reasonOfFailed, type Reason } from '../../../api/attempt-reason.js';
import type { Attempt } from '../../../api/message-story.js';

/** Why an attempt failed; null for one that delivered. */
export function reasonOf({ success, statusCode, response, durationMs }: Attempt): Reason | null {
  if (success) return null;
  return reasonOfFailed({ responseStatusCode: statusCode, responseDurationMs: durationMs, response });
}
