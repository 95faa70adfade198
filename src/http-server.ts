import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import 'reflect-metadata';
import { refuseUnreadable, refuseUnroutable } from './api/http-support/error.filter.js';
import { writtenJson } from './api/http-support/json-text.js';
import { AppModule } from './app.module.js';
import type { AppConfig } from './config/config.js';
import { NestLog, type Log } from './observability/log.js';
import { logRequests, requestIdOf } from './observability/request-log.js';
import { traceRequests } from './observability/tracing-http.js';
import { Tracer } from './observability/tracing.js';
import { Drain } from './release/drain.js';

/** The contract's limit on bodies: 2 MiB. */
const BODY_LIMIT_BYTES = 2_097_152;
/** A thousand messages in one call need more. */
const BATCH_LIMIT_BYTES = 8 * BODY_LIMIT_BYTES;
const BATCH_ROUTE = '/api/v1/app/:app_id/msg/batch';
/** Above the 60 s after which the load balancer gives up an idle connection: it must be the one that closes. */
const KEEP_ALIVE_MS = 75_000;
/** Longest that a request may take to arrive, headers and body. */
const REQUEST_LIMIT_MS = 30_000;
/** How often Node looks for requests that take longer: by itself twice a minute, which would double the limit. */
const LOOK_EVERY_MS = 5_000;
/** A connection on which nothing moves for so long is closed: a client that doesn't read its answer. Above KEEP_ALIVE_MS, which is for those that wait. */
const STILL_LIMIT_MS = 90_000;
/** Headers of a request, the request line included. */
const HEADER_LIMIT_BYTES = 16_384;
/** For the start of each part of Fastify; a slow laptop needs its time. */
const START_LIMIT_MS = 60_000;

/** The real module graph over Fastify, not listening yet; used by the process and by the tests alike. */
export async function createApp(config: AppConfig, log: Log): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    http: {
      headersTimeout: REQUEST_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      maxHeaderSize: HEADER_LIMIT_BYTES,
    },
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_LIMIT_MS,
    connectionTimeout: STILL_LIMIT_MS,
    // 0: as many requests on a connection as its client likes.
    maxRequestsPerSocket: 0,
    // 0: what takes time in a handler has a limit of its own.
    handlerTimeout: 0,
    pluginTimeout: START_LIMIT_MS,
    genReqId: requestIdOf,
    frameworkErrors: refuseUnroutable,
    clientErrorHandler: refuseUnreadable,
    // A request that arrives while the server closes is still answered: its connection was open.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 2_048 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.register(config, log), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(log),
  });
  const fastify = adapter.getInstance();
  // Bodies stay the bytes that were sent, whatever their content type: the payload is kept as it came.
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses a content type that it can't read before any parser is asked.
    if (request.headers['content-type'] !== undefined) request.headers['content-type'] = 'application/json';
    done();
  });
  fastify.addHook('onRoute', (route) => {
    if (route.url === BATCH_ROUTE) route.bodyLimit = BATCH_LIMIT_BYTES;
  });
  fastify.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  // What clients wrote as JSON is shown in their own words.
  fastify.setReplySerializer((body) => writtenJson(body));
  const drain = app.get(Drain);
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (drain.isDraining) void reply.header('connection', 'close');
    done();
  });
  logRequests(fastify, log);
  const tracer = app.get(Tracer);
  if (tracer.on) traceRequests(fastify, tracer);
  app.enableCors({ origin: true, methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], maxAge: 600 });
  return app;
}
