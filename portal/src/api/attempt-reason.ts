import * as texts from '../texts/en.js';

const reasons = texts.reasons;

/** Why an attempt failed, in words. */
export interface Reason {
  /** The status, or a word where there was no answer. */
  word: string;
  /** What happened, in a sentence. */
  text: string;
  /** What to do about it. */
  help: string;
}

/** What is known of an attempt that failed. A status of 0: `response` says why there was no answer. */
export interface Failed {
  responseStatusCode: number;
  responseDurationMs: number;
  response: string;
}

/** What the service writes where there was no answer, and what it means. The first that fits holds. */
const WITHOUT_ANSWER: [RegExp, Exclude<keyof typeof reasons, 'timeout'>][] = [
  [/^name resolution error/, 'dns'],
  [/TLS failed/, 'tls'],
  [/blocked by configuration/, 'blocked'],
  [/^proxy refused: .*could not reach/, 'unreachable'],
  [/^proxy/, 'proxy'],
  [/^not sent/, 'unsent'],
  [/could not be read/, 'unreadable'],
  [/ECONNREFUSED/, 'refused'],
  [/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/, 'unreachable'],
  [/ECONNRESET|EPIPE|closed before any answer/, 'closed'],
];

const BY_STATUS: Record<number, keyof typeof reasons> = {
  400: 'bad',
  401: 'credentials',
  403: 'credentials',
  404: 'absent',
  405: 'method',
  410: 'gone',
  413: 'large',
  429: 'many',
  502: 'gateway',
  503: 'server',
  504: 'gateway',
};

/** The reason of a failed attempt. */
export function reasonOf({ responseStatusCode: status, responseDurationMs, response }: Failed): Reason {
  if (status === 0) return withoutAnswer(response, responseDurationMs);
  const kind = BY_STATUS[status] ?? kindOf(status);
  const { text, help } = reasons[kind] as { text: string; help: string };
  return { word: String(status), text, help };
}

function withoutAnswer(response: string, durationMs: number): Reason {
  if (response.startsWith('timed out')) {
    const { word, text, help } = reasons.timeout;
    return { word, text: text(durationMs, stepOf(response)), help };
  }
  const [, kind = 'none'] = WITHOUT_ANSWER.find(([pattern]) => pattern.test(response)) ?? [];
  return reasons[kind] as Reason;
}

function stepOf(response: string): 'lookup' | 'connect' | 'tls' | 'answer' {
  if (response.includes('looked up')) return 'lookup';
  if (response.includes('connect')) return 'connect';
  return response.includes('TLS') ? 'tls' : 'answer';
}

function kindOf(status: number): 'redirect' | 'client' | 'server' | 'other' {
  if (status >= 300 && status < 400) return 'redirect';
  if (status >= 400 && status < 500) return 'client';
  return status >= 500 ? 'server' : 'other';
}
