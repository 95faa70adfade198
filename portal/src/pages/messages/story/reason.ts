import type { Attempt } from '../../../api/message-story.js';
import * as texts from '../../../texts/en.js';

const { reasons } = texts.messages;

/** Why an attempt failed, in words. */
export interface Reason {
  /** The status, or a word where there was no answer. */
  word: string;
  text: string;
  help: string;
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

/** The reason of a failed attempt; null for one that delivered. */
export function reasonOf({ success, statusCode, response, durationMs }: Attempt): Reason | null {
  if (success) return null;
  if (statusCode === 0) return withoutAnswer(response, durationMs);
  const kind = BY_STATUS[statusCode] ?? kindOf(statusCode);
  const { text, help } = reasons[kind] as { text: string; help: string };
  return { word: String(statusCode), text, help };
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
