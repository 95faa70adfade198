import { reasonOf as reasonOfFailed, type Failed } from '../../api/attempt-reason.js';
import * as texts from '../../texts/en.js';

/** Why an attempt failed, in a sentence or two. */
export function reasonOf(attempt: Failed): string {
  const { word, text } = reasonOfFailed(attempt);
  return attempt.responseStatusCode === 0 ? text : texts.overview.reason(word, text);
}
