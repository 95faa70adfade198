import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withoutCredentials } from '../domain/hidden-credentials.js';
import type { Log } from './log.js';

/** A request id of the caller is used only if it can't break a log line or a header. */
const USABLE = /^[\x21-\x7e]{1,128}$/;

/** The request's id: the caller's, the load balancer's, or a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const { headers } = request;
  const trace = /Root=([^;]+)/.exec(String(headers['x-amzn-trace-id'] ?? ''))?.[1];
  const given = [headers['x-request-id'], headers['svix-req-id'], trace].find((id) => typeof id === 'string' && USABLE.test(id));
  return (given as string | undefined) ?? randomUUID();
}

interface LoggedRequest {
  auth?: { orgId: string; appId: string | null };
  lineFields: Record<string, unknown> | null;
}

/** Adds fields to the request's line in the log: ids and counts, nothing confidential. */
export function addToRequestLine(request: FastifyRequest, fields: Record<string, unknown>): void {
  (request as FastifyRequest & LoggedRequest).lineFields = fields;
}

/**
 * Logs one line per request, after its answer, without query, headers and body, but with the fields that its handler adds, such as the id of
 * the accepted message. Health checks are logged at level debug only.
 */
export function logRequests(fastify: FastifyInstance, log: Log): void {
  fastify.decorateRequest('lineFields', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  fastify.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { auth, lineFields } = request as FastifyRequest & LoggedRequest;
    const fields = {
      requestId: request.id,
      method: request.method,
      path: withoutCredentials(request.url.split('?', 1)[0]!),
      route: request.routeOptions.url,
      status: reply.raw.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(auth ? { orgId: auth.orgId } : {}),
      ...lineFields,
    };
    if (request.url.startsWith('/health')) log.debug('http.request', fields);
    else if (reply.raw.statusCode >= 500) log.error('http.request', fields);
    else log.info('http.request', fields);
    done();
  });
}
