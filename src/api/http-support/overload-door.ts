import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { ALONE_WEIGHT } from '../../ingest/admission-rule.js';
import { requestIdOf } from '../../observability/request-log.js';
import { bodyLimitOf } from './bounded.js';
import { dropBody } from './drop-body.js';
import { QuickRefusals, type Refusal, type RefusesPost } from './quick-refusals.js';
import { NOT_STORED, SAFETY_HEADERS } from './safety-headers.js';

/** The requests that make deliveries, as clients write their paths. Another spelling of a path is judged by its handler. */
const MAKES_DELIVERIES =
  /^\/api\/v1\/(app\/[^/?]+\/(msg(\/batch)?|msg\/[^/?]+\/endpoint\/[^/?]+\/resend|endpoint\/[^/?]+\/(send-example|test-event|recover|replay-missing|bulk-replay))|admin\/(dead-letter\/[^/?]+\/redrive|redrive-dlq))(\?|$)/;

/** Those whose messages are committed with those of others. */
const SENDS_MESSAGES = /^\/api\/v1\/app\/[^/?]+\/msg(\/batch)?(\?|$)/;

const BODY = JSON.stringify({ code: 'service_unavailable', detail: 'Too many messages are waiting to be stored; try again' });
const FIELDS = Object.entries({
  'content-type': 'application/json; charset=utf-8',
  'content-length': String(Buffer.byteLength(BODY)),
  ...SAFETY_HEADERS,
  ...NOT_STORED,
});
const HEADERS = FIELDS.flat();
const WRITTEN_HEADERS = FIELDS.map(([name, value]) => `${name}: ${value}\r\n`).join('');
/** One of them by chance: clients that heed it do not come back all at once. */
const RETRY_AFTER = ['1', '2', '3'];

/** Decides on requests that make deliveries. */
export interface Door {
  /** Says whether one is refused, and counts it if so. The weight is in messages. */
  refuses(authorization: string | undefined, weight: number): boolean;
  /** Counts one that was not refused and has arrived, until the result is called. */
  letIn(authorization: string | undefined, weight: number): () => void;
}

/**
 * Answers requests that make deliveries with 503 while the process has too much to do: before the framework sees them, before their body is
 * read, and without a line in the log. In an overload most requests are refused, so a refusal must cost next to nothing. The body that still
 * arrives is thrown away, and the connection stays usable. One that is larger than the route takes ends the connection.
 *
 * Listeners of `request` that are added later see refused requests too.
 */
export function refuseOverload(server: Server, door: Door): void {
  const handlers = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  const refusesPost: RefusesPost = (url, authorization) =>
    MAKES_DELIVERIES.test(url) && door.refuses(authorization, weightOfRequest(url));
  const refusal: Refusal = (requestId) => refusalOf(requestId, server.keepAliveTimeout);
  const quick = new QuickRefusals(refusesPost, refusal);
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    quick.note(request, response);
    if (request.method === 'POST' && MAKES_DELIVERIES.test(request.url!)) {
      const { authorization } = request.headers;
      const weight = weightOfRequest(request.url!);
      if (door.refuses(authorization, weight)) {
        refuse(request, response);
        return quick.follow(response);
      }
      // A body that arrives slowly is not the service's work yet.
      request.once('end', () => response.closed || response.once('close', door.letIn(authorization, weight)));
    }
    for (const handle of handlers) handle.call(server, request, response);
  });
}

function weightOfRequest(url: string): number {
  return SENDS_MESSAGES.test(url) ? 1 : ALONE_WEIGHT;
}

/** A connection that closes after its answer is reset if part of the body is still to come, and the client would not see the answer. */
function refuse(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return answer(request, response);
  dropBody(request, bodyLimitOf(request.url!.split('?', 1)[0]!));
  if (response.shouldKeepAlive) answer(request, response);
  else finished(request, () => answer(request, response));
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  const headers = [...HEADERS, 'retry-after', retryAfter(), 'x-request-id', requestIdOf(request)];
  // As the CORS plugin does: otherwise a page could not read the answer.
  if (origin !== undefined) headers.push('access-control-allow-origin', origin, 'access-control-expose-headers', 'Retry-After');
  response.writeHead(503, headers).end(BODY);
}

/** The same answer as text, with what Node adds by itself. */
function refusalOf(requestId: string, keepAliveMs: number): string {
  return (
    `HTTP/1.1 503 Service Unavailable\r\n${WRITTEN_HEADERS}retry-after: ${retryAfter()}\r\nx-request-id: ${requestId}\r\n` +
    `Date: ${dateNow()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n${BODY}`
  );
}

function retryAfter(): string {
  return RETRY_AFTER[Math.floor(Math.random() * RETRY_AFTER.length)]!;
}

let date = { second: 0, text: '' };

/** Made once a second. */
function dateNow(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== date.second) date = { second, text: new Date(second * 1000).toUTCString() };
  return date.text;
}
