import type { SendResult } from '../domain/outcome.js';
import { UnreadableAnswer } from './answer-head.js';
import { AddressBlocked, TlsFailed } from './checked-connect.js';
import { EndedUnanswered } from './exchange.js';
import { NameNotResolved } from './resolve-name.js';
import { AttemptTimeout } from './attempt-deadline.js';

const IN_WORDS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed at once',
  EHOSTUNREACH: 'there is no way to the address',
  ENETUNREACH: 'there is no way to the address',
  ETIMEDOUT: 'the address did not answer',
};

/** What is kept of an attempt without an answer: its kind, and as much of the reason as is known, in words for the endpoint's owner. */
export function failureOf(error: unknown, durationMs: number): SendResult {
  return { statusCode: 0, ...described(error), durationMs, retryAfter: null };
}

function described(error: unknown): Pick<SendResult, 'failure' | 'response'> {
  if (error instanceof AddressBlocked) return { failure: 'blocked', response: 'address range blocked by configuration' };
  if (error instanceof NameNotResolved) return { failure: 'dns', response: withReason('name resolution error', error.why) };
  if (error instanceof AttemptTimeout) return { failure: 'timeout', response: `timed out ${error.message}`.trimEnd() };
  // The system gave up on the address before we did.
  const codes = codesOf(error);
  const failure = codes.length > 0 && codes.every((code) => code === 'ETIMEDOUT') ? 'timeout' : 'connection';
  return { failure, response: withReason('request error', reasonOf(error, codes)) };
}

function reasonOf(error: unknown, codes: readonly string[]): string | null {
  if (error instanceof UnreadableAnswer) return `the answer could not be read: ${error.message}`;
  if (error instanceof TlsFailed) return `TLS failed: ${[...codes, error.message].join(': ')}`;
  if (error instanceof EndedUnanswered) return [...codes, 'the connection was closed before any answer'].join(': ');
  return codes.length === 0 ? null : codes.map((code) => (IN_WORDS[code] ? `${code}: ${IN_WORDS[code]}` : code)).join('; ');
}

/** Each code once; of several addresses all. */
function codesOf(error: unknown): string[] {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const codes = errors.map((each) => (each as { code?: unknown } | null)?.code).filter((code) => typeof code === 'string');
  return [...new Set(codes)];
}

function withReason(text: string, reason: string | null): string {
  return reason === null ? text : `${text}: ${reason}`;
}
