import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Catch, HttpException, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { Database } from '../../database/database.js';
import { LimitReached } from '../../database/count-limit.js';
import { answerTo, DatabaseAway } from '../../database/errors.js';
import { WriteState } from '../../database/write-state.js';
import { DataKeyAway } from '../../domain/data-key.js';
import { SealBroken } from '../../domain/envelope.js';
import { errorFields, Log } from '../../observability/log.js';
import { Overloaded } from '../../ingest/ingest-errors.js';
import { QuotaExceeded } from '../../limits/message-quota.js';
import { ApiError, InvalidInput } from './api-error.js';
import { isLate } from './request-limit.js';
import { NOT_STORED, SAFETY_HEADERS } from './safety-headers.js';
import { overQuota } from './too-many-requests.js';

const METHODS: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const RETRY_AFTER_SECONDS = 1;
/** Answers 503 are logged at most once in this time. */
const LOG_PAUSE_MS = 60_000;
const MENDING =
  "Rotate the endpoint's secret, replace its headers, or write the password in its URL again, whichever can not be opened";

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string | number>;
}

/**
 * Turns every thrown error into an answer of the API. An unexpected error becomes a 500 without details, and one line in the log with
 * the id of the request.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private loggedAt = Number.NEGATIVE_INFINITY;
  /** Requests that were answered 503 since the last line, this one too. */
  private unlogged = 0;

  constructor(
    private readonly database: Database,
    private readonly writes: WriteState,
    private readonly log: Log,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, body, headers = {} } = this.answerTo(error, request);
    if (!isLate(request) && (reply.sent || reply.raw.headersSent)) return;
    // The route may have set another content type.
    const type = { 'content-type': 'application/json; charset=utf-8' };
    void reply
      .status(status)
      .headers({ ...type, ...headers })
      .send(body);
  }

  private answerTo(error: unknown, request: FastifyRequest): Answer {
    if (error instanceof ApiError) return refusal(error.status, error.code, error.detail);
    if (error instanceof Overloaded) return refusal(503, 'service_unavailable', error.message);
    if (error instanceof QuotaExceeded) return overQuota(error);
    if (error instanceof LimitReached) return refusal(403, 'limit_reached', limitDetail(error));
    if (error instanceof InvalidInput) return { status: 422, body: { detail: error.problems } };
    if (error instanceof SealBroken) return refusal(409, 'endpoint_unreadable', `${error.message}. ${MENDING}`);
    if (error instanceof NotFoundException) return noRoute(request);
    if (error instanceof HttpException) return fromNest(error);
    const facts = { requestId: request.id, method: request.method, route: request.routeOptions.url, ...errorFields(error) };
    if (error instanceof DataKeyAway) {
      this.unavailable(facts);
      return refusal(503, 'service_unavailable', error.message);
    }
    const { status, detail } = answerTo(this.database.isReady ? error : new DatabaseAway());
    if (status === 409) return refusal(status, 'conflict', 'Another request has written the same at the same time');
    if (status === 503) {
      // A read may lack space for a temporary table, while everything can be written.
      const isKnown = request.method !== 'GET' && this.writes.failed(error);
      if (!isKnown) this.unavailable(facts);
      return refusal(status, 'service_unavailable', detail);
    }
    this.log.error('http.failed', { ...facts, stack: error instanceof Error ? error.stack : undefined });
    return refusal(500, 'server_error', 'Internal error. The log of the server has the reason under this request id');
  }

  /** In an outage every request fails for the same reason. Each has its line `http.request` with its status anyhow. */
  private unavailable(facts: Record<string, unknown>): void {
    this.unlogged++;
    const now = performance.now();
    if (now - this.loggedAt < LOG_PAUSE_MS) return;
    this.log.warn('http.unavailable', { ...facts, requests: this.unlogged });
    this.loggedAt = now;
    this.unlogged = 0;
  }
}

/** Answers requests that Fastify refuses before it has a route: a path with invalid percent-encoding, or with a part that is too long. */
export function refuseUnroutable(error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): void {
  const detail = error.statusCode === 414 ? 'A part of the path is longer than 2048 characters' : 'The URL can not be read';
  const { status, body } = refusal(error.statusCode ?? 400, 'generic_error', detail);
  void reply
    .status(status)
    .headers({ ...SAFETY_HEADERS, ...NOT_STORED })
    .send(body);
}

/** Answers what Node can not parse as a request. The connection is closed, because the rest of its data can not be parsed either. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, detail] = UNREADABLE[error.code ?? ''] ?? [400, 'The request can not be read'];
  const body = JSON.stringify(refusal(status, 'generic_error', detail).body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries({ ...SAFETY_HEADERS, ...NOT_STORED }).map(([name, value]) => `${name}: ${value}`),
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}

const UNREADABLE: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'URL and headers are larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
};

function refusal(status: number, code: string, detail: string): Answer {
  return { status, body: { code, detail }, ...(status === 503 ? { headers: { 'retry-after': RETRY_AFTER_SECONDS } } : {}) };
}

function limitDetail({ what, max, limit }: LimitReached): string {
  return `The limit of ${what} is ${max} (${limit}), and it is reached. Delete some, or ask an operator to raise the limit`;
}

/** Answers 405 if the path exists with another method, for which Fastify also says "not found", and 404 otherwise. */
function noRoute(request: FastifyRequest): Answer {
  const url = request.url.split('?', 1)[0]!;
  const allowed = METHODS.filter((method) => request.server.findRoute({ method, url }) !== null);
  if (allowed.length === 0) return refusal(404, 'not_found', 'There is no such route');
  const answer = refusal(405, 'method_not_allowed', `The route allows ${allowed.join(', ')}`);
  return { ...answer, headers: { allow: allowed.join(', ') } };
}

/** Errors of Nest and Fastify themselves. A 5xx comes from the health check and has its own body. */
function fromNest(error: HttpException): Answer {
  const status = error.getStatus();
  if (status >= 500) return { status, body: error.getResponse() };
  if (status === 413) return refusal(status, 'payload_too_large', 'The body is larger than this server accepts');
  return refusal(status, 'generic_error', error.message);
}
