import * as texts from '../../texts/en.js';

const words = texts.overview.reasons;

/** Beginnings of the text that stands in the place of an answer, where there was none. */
const WITHOUT_ANSWER: readonly [pattern: RegExp, text: string][] = [
  [/^timed out|ETIMEDOUT/, words.timeout],
  [/^name resolution error/, words.dns],
  [/TLS failed/, words.tls],
  [/ECONNREFUSED/, words.refused],
  [/closed (before any answer|at once)|ECONNRESET/, words.closed],
  [/blocked by configuration/, words.blocked],
  [/^proxy/, words.proxy],
];

/** Why an attempt failed, in one sentence. */
export function reasonOf({ responseStatusCode: status, response }: { responseStatusCode: number; response: string }): string {
  if (status === 0) {
    const known = WITHOUT_ANSWER.find(([pattern]) => pattern.test(response));
    return known?.[1] ?? (response === '' || response === '{}' ? words.unknown : words.other(response));
  }
  if (status === 410) return words.gone;
  if (status === 404) return words.notFound;
  if (status === 401 || status === 403) return words.refusedByAuth(status);
  if (status === 429) return words.tooMany;
  if (status >= 300 && status < 400) return words.redirect(status);
  return status >= 500 ? words.own(status) : words.answered(status);
}
