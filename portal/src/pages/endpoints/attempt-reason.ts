import type { Attempt } from '../../api/endpoint-attempts.js';
import * as texts from '../../texts/en.js';

const words = texts.endpoints.page;

type Kind = keyof typeof words.reason;

/** How the texts begin that the service stores when there was no answer. */
const BEGINNINGS: readonly [RegExp, Kind][] = [
  [/^timed out|ETIMEDOUT/, 'timeout'],
  [/^name resolution/, 'dns'],
  [/ECONNREFUSED/, 'refused'],
  [/TLS failed/, 'tls'],
  [/blocked by configuration/, 'blocked'],
  [/^proxy/, 'proxy'],
  [/^not sent/, 'unreadable'],
  [/could not be read/, 'answer'],
  [/closed|ECONNRESET/, 'closed'],
];

function kindOf({ response }: Pick<Attempt, 'response'>): Kind {
  return BEGINNINGS.find(([beginning]) => beginning.test(response))?.[1] ?? 'other';
}

/** The answer in a few words: "500", "time-out". */
export function answerOf(attempt: Attempt): string {
  return attempt.responseStatusCode > 0 ? String(attempt.responseStatusCode) : words.reason[kindOf(attempt)];
}

/** What an unsuccessful answer means, and what to look at. */
export function adviceOf(attempt: Attempt): string {
  const { responseStatusCode: code } = attempt;
  const { advice } = words.state;
  if (code === 0) return advice[kindOf(attempt)];
  if (code === 401 || code === 403) return advice.unauthorized;
  if (code === 404 || code === 405) return advice.notFound;
  if (code === 410) return advice.gone;
  if (code === 429) return advice.tooMany;
  if (code >= 500) return advice.server;
  return code >= 400 ? advice.client : advice.redirect;
}
