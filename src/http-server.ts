import type { IncomingMessage, Server } from 'node:http';
import { finished } from 'node:stream';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import 'reflect-metadata';
import { Callers } from './api/auth/callers.js';
import { throttleRequests } from './api/auth/throttle-requests.js';
import { BODY_LIMIT_BYTES, bodyLimitOf, HEADER_LIMIT_BYTES } from './api/http-support/bounded.js';
import { refuseUnreadable, refuseUnroutable } from './api/http-support/error.filter.js';
import { Connections } from './api/http-support/connections.js';
import { dropBody, MAX_DROPPED_BYTES } from './api/http-support/drop-body.js';
import { addSafetyHeaders } from './api/http-support/safety-headers.js';
import { writtenJson } from './api/http-support/json-text.js';
import { refuseOverload } from './api/http-support/overload-door.js';
import { limitMemory, MEMORY } from './api/http-support/memory-limits.js';
import { limitRequests } from './api/http-support/request-limit.js';
import { AppModule } from './app.module.js';
import type { AppConfig } from './config/config.js';
import { tightenFolder } from './config/private-folder.js';
import { Admission } from './ingest/admission.js';
import { NestLog, type Log } from './observability/log.js';
import { Metrics } from './observability/metrics.js';
import { logRequests, requestIdOf } from './observability/request-log.js';
import { traceRequests } from './observability/tracing-http.js';
import { Tracer } from './observability/tracing.js';
import { Drain } from './release/drain.js';

/** Above the 60 s after which the load balancer closes an idle connection: the load balancer must be the first to close. */
const KEEP_ALIVE_MS = 75_000;
/** Time limits of connections. */
export const ARRIVAL = {
  /** For a request to arrive, headers and body. */
  limitMs: 30_000,
  /** How often Node looks for requests over it. Node's default, twice a minute, would double the limit. */
  lookEveryMs: 5_000,
  /** For the next request to begin. */
  keepAliveMs: KEEP_ALIVE_MS,
};
/** A connection without any traffic for so long is closed: its client does not read the answer. Above KEEP_ALIVE_MS, the limit of idle connections. */
const STILL_LIMIT_MS = 90_000;
/** Time limit for each part of Fastify to start: some development machines are slow. */
const START_LIMIT_MS = 60_000;

/** Operators are counted like one organisation. */
const OPERATORS = 'operators';

/** Makes the whole application with Fastify, not listening yet. The process and the tests both use it. */
export async function createApp(
  config: AppConfig,
  log: Log,
  arrival = ARRIVAL,
  memory = MEMORY,
): Promise<NestFastifyApplication> {
  for (const { failed, ...about } of tightenFolder(config.dataDir)) {
    if (failed === null) log.info('data_folder.tightened', about);
    else log.warn('data_folder.open', { ...about, reason: failed });
  }
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    http: {
      headersTimeout: arrival.limitMs,
      requestTimeout: arrival.limitMs,
      connectionsCheckingInterval: arrival.lookEveryMs,
      maxHeaderSize: HEADER_LIMIT_BYTES,
    },
    keepAliveTimeout: arrival.keepAliveMs,
    requestTimeout: arrival.limitMs,
    connectionTimeout: STILL_LIMIT_MS,
    // 0: no limit of requests on a connection.
    maxRequestsPerSocket: 0,
    // 0: no limit of Fastify, which would be a timer for each request. `limitRequests` has one.
    handlerTimeout: 0,
    pluginTimeout: START_LIMIT_MS,
    genReqId: requestIdOf,
    frameworkErrors: refuseUnroutable,
    clientErrorHandler: refuseUnreadable,
    // A request that arrives on an open connection while the server closes is still answered.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 2_048 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(config, log), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(log),
  });
  const fastify = adapter.getInstance();
  // Bodies stay the bytes that were sent, whatever their content type, because payloads are stored unchanged.
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses a content type that it can't read before it asks any parser.
    if (request.headers['content-type'] !== undefined) request.headers['content-type'] = 'application/json';
    done();
  });
  fastify.addHook('onRoute', (route) => {
    route.bodyLimit = bodyLimitOf(route.url);
  });
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  // JSON that clients wrote is shown as they wrote it.
  fastify.setReplySerializer((body) => writtenJson(body));
  if (config.roles.api) {
    const [callers, admission] = [app.get(Callers, { strict: false }), app.get(Admission, { strict: false })];
    refuseOverload(fastify.server, {
      refuses: (authorization, weight) => admission.refuses(callers.orgOf(authorization), weight),
      letIn: (authorization, weight) => admission.letIn(callers.orgOf(authorization), weight),
    });
  }
  limitConnections(fastify.server, app.get(Metrics), log, arrival);
  const drain = app.get(Drain);
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    addSafetyHeaders(reply);
    if (drain.isDraining) void reply.header('connection', 'close');
    done();
  });
  fastify.addHook('onSend', ({ raw }, reply, _payload, done) => {
    if (reply.statusCode === 413) afterBody(raw, done);
    else done();
  });
  logRequests(fastify, log);
  const tracer = app.get(Tracer);
  if (tracer.on) traceRequests(fastify, tracer);
  app.enableCors({
    origin: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After'],
    maxAge: 600,
  });
  if (config.roles.api) {
    // What is refused because of its rate waits for no memory.
    throttleRequests(fastify, app);
    const callers = app.get(Callers, { strict: false });
    limitMemory(fastify, async (request) => (await callers.identify(request)).tenant?.orgId ?? OPERATORS, memory);
    limitRequests(fastify, config.http.requestTimeoutMs);
  }
  return app;
}

function limitConnections(
  server: Server,
  metrics: Metrics,
  log: Log,
  { keepAliveMs, limitMs, lookEveryMs }: typeof ARRIVAL,
): void {
  const connections = new Connections(server, { idleMs: keepAliveMs + limitMs, lookEveryMs }, log);
  metrics.gauge('connections', 'Open connections of the HTTP API', () => connections.open);
  metrics.counters(
    'connections_dropped_total',
    'Connections closed because there were too many',
    'reason',
    () => connections.dropped,
  );
}

/**
 * Reads the rest of a body that is too large, and throws it away. Fastify refuses such a body early and closes the connection. A close
 * while data still arrives resets the connection, and the client may lose the answer (RFC 9112, 9.6); a load balancer answers 502
 * instead. The time limit of the request still holds, and so does a limit of its size.
 */
function afterBody(request: IncomingMessage, done: () => void): void {
  dropBody(request, MAX_DROPPED_BYTES);
  finished(request, () => done());
}
