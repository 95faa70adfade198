import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MessageQuota } from '../../limits/message-quota.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { RequestThrottle, type Caller } from '../../limits/request-throttle.js';
import { UsageCounts } from '../../limits/usage-counts.js';
import { bodyLimitOf } from '../http-support/bounded.js';
import { dropBody } from '../http-support/drop-body.js';
import { quotaHeaders, rateLimitHeaders, throttled } from '../http-support/too-many-requests.js';
import type { AuthenticatedRequest, VerifiedToken } from './auth.decorator.js';
import { Callers } from './callers.js';
import { RouteCatalog } from './route-catalog.js';

/** The paths by which messages are made. Their answers say what is left of a quota. */
const CREATES_MESSAGES = /\/(msg(\/batch)?|send-example|test-event)\/?(\?|$)/;

/**
 * Refuses requests beyond a rate before their body is read, and counts what each token is used for. An invalid token and a public route
 * are left to the guard. This runs after the hook that adds CORS headers, so that a browser can read the answer.
 */
export function throttleRequests(fastify: FastifyInstance, app: INestApplication): void {
  const [limits, throttle, quota, callers, usage] = [
    app.get(OrganizationLimits),
    app.get(RequestThrottle),
    app.get(MessageQuota),
    app.get(Callers),
    app.get(UsageCounts),
  ];
  let isOpen: ((request: FastifyRequest) => boolean) | undefined;
  fastify.addHook('preParsing', async (request, reply) => {
    if (limits.isLoaded && throttle.isOff) return;
    isOpen ??= publicRoutes(app.get(RouteCatalog));
    if (!request.headers.authorization || isOpen(request)) return;
    try {
      await admit(request, reply, { throttle, callers });
    } catch {
      // The guard meets the same error, and answers it in the API's format.
    }
  });
  fastify.addHook('onSend', (request: AuthenticatedRequest, reply, _payload, done) => {
    const orgId = limits.hasQuotas && CREATES_MESSAGES.test(request.url) ? request.auth?.orgId : undefined;
    const state = orgId === undefined ? null : quota.stateOf(orgId);
    if (state) void reply.headers(quotaHeaders(state, reply.getHeaders()));
    done();
  });
  fastify.addHook('onResponse', (request: AuthenticatedRequest, reply, done) => {
    const caller = callerOf(request.token);
    if (caller) usage.addRequest(caller, reply.raw.statusCode);
    done();
  });
}

/** The organisation and the key of a token; null for an operator, who has no organisation. */
export function callerOf(token: VerifiedToken | undefined): Caller | null {
  return token?.tenant ? { orgId: token.tenant.orgId, keyId: token.id } : null;
}

/** Answers the request if it is beyond a rate. */
async function admit(
  request: AuthenticatedRequest,
  reply: FastifyReply,
  { throttle, callers }: { throttle: RequestThrottle; callers: Callers },
): Promise<void> {
  const token = await callers.identify(request);
  const caller = callerOf(token);
  const verdict = caller && (await throttle.check(caller));
  if (!verdict) return;
  if (!verdict.refusedBy) {
    void reply.headers(rateLimitHeaders(verdict.states));
    return;
  }
  request.token = token;
  request.auth = token.tenant!;
  const { status, body, headers } = throttled(verdict.states, verdict.refusedBy);
  dropBody(request.raw, bodyLimitOf(request.routeOptions.url ?? ''));
  void reply.status(status).headers(headers).type('application/json; charset=utf-8').send(body);
}

function publicRoutes(catalog: RouteCatalog): (request: FastifyRequest) => boolean {
  const routes = catalog.all().filter(({ permission }) => permission === 'public');
  const open = new Set(routes.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1')));
  return ({ routeOptions: { url } }) => url === undefined || open.has(url.length > 1 ? url.replace(/\/$/, '') : url);
}
