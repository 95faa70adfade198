import type { SendResult } from '../domain/outcome.js';
import { DeadlineExpired } from './deadline.js';
import { AddressBlocked, PortBlocked, TlsFailed } from './checked-connect.js';
import { ClosedBeforeResponse } from './connection.js';
import { NameNotResolved } from './name-resolver.js';
import { ProxyRefused, ProxyUnavailable } from './proxy-tunnel.js';
import { InvalidResponse } from './response-head.js';

/** Explanations of the system's error codes, for the owner of the endpoint. */
const EXPLANATIONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed at once',
  EHOSTUNREACH: 'there is no route to the address',
  ENETUNREACH: 'there is no route to the address',
  ETIMEDOUT: 'the address did not answer',
};

/** With these the system refused this process a connection, so they say nothing about the endpoint: files, memory, local ports (errno(3), connect(2)). */
const LOCAL_CODES = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

/** The result of an attempt without a response: the kind of failure, and a text about its reason for the owner of the endpoint. */
export function failureOf(error: unknown, durationMs: number): SendResult {
  return { statusCode: 0, ...describe(error), durationMs, retryAfter: null };
}

function describe(error: unknown): Pick<SendResult, 'failure' | 'response'> {
  if (error instanceof AddressBlocked) return { failure: 'blocked', response: 'address range blocked by configuration' };
  if (error instanceof PortBlocked) return { failure: 'blocked', response: `port ${error.port} is blocked by configuration` };
  const codes = codesOf(error);
  if (codes.length > 0 && codes.every((code) => LOCAL_CODES.has(code)))
    return { failure: 'local', response: `not sent: the service could not open a connection (${codes.join(', ')})` };
  if (error instanceof NameNotResolved) return { failure: 'dns', response: withReason('name resolution error', error.dnsCode) };
  if (error instanceof DeadlineExpired) return { failure: 'timeout', response: `timed out ${error.message}`.trimEnd() };
  if (error instanceof ProxyUnavailable) return { failure: 'proxy', response: `proxy error: ${error.message}` };
  if (error instanceof ProxyRefused) return refusal(error);
  // The system's own limit on the connect was shorter than ours.
  const failure = codes.length > 0 && codes.every((code) => code === 'ETIMEDOUT') ? 'timeout' : 'connection';
  return { failure, response: withReason('request error', reasonOf(error, codes)) };
}

/** If the proxy could not reach the address, that is a failure of the endpoint, as without a proxy. */
function refusal({ statusCode, isUnreachable }: ProxyRefused): Pick<SendResult, 'failure' | 'response'> {
  return isUnreachable
    ? { failure: 'connection', response: `proxy refused: ${statusCode}: it could not reach the address` }
    : { failure: 'proxy', response: `proxy refused: ${statusCode}` };
}

function reasonOf(error: unknown, codes: readonly string[]): string | null {
  if (error instanceof InvalidResponse) return `the answer could not be read: ${error.message}`;
  if (error instanceof TlsFailed) return `TLS failed: ${[...codes, error.message].join(': ')}`;
  if (error instanceof ClosedBeforeResponse) return [...codes, 'the connection was closed before any answer'].join(': ');
  return codes.length === 0
    ? null
    : codes.map((code) => (EXPLANATIONS[code] ? `${code}: ${EXPLANATIONS[code]}` : code)).join('; ');
}

/** The system's error codes, of all addresses that were tried, or of the look at the name, each code once. */
function codesOf(error: unknown): string[] {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const codes = errors
    .map((each) => (each instanceof NameNotResolved ? each.dnsCode : (each as { code?: unknown } | null)?.code))
    .filter((code) => typeof code === 'string');
  return [...new Set(codes)];
}

function withReason(text: string, reason: string | null): string {
  return reason === null ? text : `${text}: ${reason}`;
}
