import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OpenSpan, Tracer } from './tracing.js';

/** Makes a span for each request, from its arrival to its answer. It continues the caller's trace. Health checks get no span. */
export function traceRequests(fastify: FastifyInstance, tracer: Tracer): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!request.url.startsWith('/health')) {
      const { method, routeOptions, headers, id } = request;
      const route = routeOptions.url;
      const attributes = { 'http.request.method': method, 'posthorn.request_id': id, ...(route ? { 'http.route': route } : {}) };
      const parent = typeof headers['traceparent'] === 'string' ? headers['traceparent'] : undefined;
      spans.set(request, tracer.begin(route ? `${method} ${route}` : method, attributes, { kind: 'server', parent }));
    }
    done();
  });
  // Only after the body is there: the events that bring it belong to the connection, whose context is not that of the request.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request);
    if (span) span.run(done);
    else done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    const { statusCode } = reply.raw;
    span?.set({ 'http.response.status_code': statusCode });
    if (statusCode >= 500) span?.fail(String(statusCode));
    span?.end();
    done();
  });
}
