import { ApiException, Svix } from 'svix';
import { noteServerTime } from '../clock.js';
import { currentSession, expire, markUsed } from './session.js';

/** Above the 5 s after which the service answers 503 by itself, with room for slow networks. */
const LIMIT_MS = 30_000;
const PRINTABLE = /^[\x21-\x7e]+$/;

/** The page has no valid token: nothing is sent. */
export class NoSession extends Error {}

/** The official client, with the token of this page. Retries are the query library's, so that all follow the same rule. */
export function svix(): Svix {
  return new Svix(tokenOf(), { serverUrl: location.origin, requestTimeout: LIMIT_MS, retryScheduleInMs: [], fetch: watched });
}

/** JSON as it is to be sent, numbers as they were written. */
export class JsonSource {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface RequestOptions {
  query?: Record<string, string | number | boolean | Date | readonly string[] | null | undefined>;
  /** A value, or the JSON itself as it is to be sent. */
  body?: unknown;
  /** One for each thing that the person wants: repeated, the server gives the first answer again. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** A call that the official client does not have, or whose answer has more than the client reads. Throws ApiException as the client does. */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const text = await requestText(method, path, options);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** The same, with the answer's text as it came: numbers and the order of names stay as they were written. */
export async function requestText(method: string, path: string, options: RequestOptions = {}): Promise<string> {
  return (await requestAnswer(method, path, options)).text;
}

/** The same, with the headers of the answer. */
export async function requestAnswer(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<{ text: string; headers: Headers }> {
  const { query = {}, body, idempotencyKey, signal } = options;
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) url.searchParams.set(name, written(value));
  const headers: Record<string, string> = { authorization: `Bearer ${tokenOf()}`, accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method === 'POST') headers['idempotency-key'] = idempotencyKey ?? crypto.randomUUID();
  const limit = AbortSignal.timeout(LIMIT_MS);
  const response = await watched(url, {
    method,
    headers,
    body: body === undefined ? null : body instanceof JsonSource ? body.text : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  const text = await response.text();
  if (!response.ok) throw new ApiException(response.status, text, response.headers);
  return { text, headers: response.headers };
}

function written(value: string | number | boolean | Date | readonly string[]): string {
  return value instanceof Date ? value.toISOString() : Array.isArray(value) ? value.join(',') : String(value);
}

function tokenOf(): string {
  const { token, expired } = currentSession();
  if (token === null || expired) throw new NoSession();
  // Such a header can not be sent: somebody has copied a token that was shortened.
  if (!PRINTABLE.test(token)) {
    expire();
    throw new NoSession();
  }
  return token;
}

/** Notes what the server thinks of the token, and what time it is there. */
const watched: typeof fetch = async (input, init) => {
  const { token } = currentSession();
  const sentAt = Date.now();
  const response = await fetch(input, init);
  noteServerTime(response.headers.get('date'), sentAt);
  // A late answer says nothing of the token that has come since.
  if (token !== currentSession().token) return response;
  if (response.status === 401) expire();
  else if (response.ok) markUsed();
  return response;
};
