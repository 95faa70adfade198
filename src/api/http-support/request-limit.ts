import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How often the open requests are looked at. */
const LOOK_EVERY_MS = 100;
/** More than this between two looks is a delay of this process, and does not count. */
const MAX_STEP_MS = 250;
const RETRY_AFTER_SECONDS = 1;

/** A batch of 16 MiB and an import of thousands of event types take seconds on a busy machine, although nothing is wrong. */
const LONG_WORK = /\/(msg\/batch|import\/openapi|environment\/import)\/?(\?|$)/;
const LONG_LIMIT_MS = 30_000;

interface LimitedRequest extends FastifyRequest {
  /** When the wait for the answer began. While the body arrives: the same, less the time at which that began. */
  waitsSince: number;
  /** It was answered 503, and its handler goes on. */
  isLate: boolean;
  onLateAnswer: ((status: number, body: unknown) => void) | null;
}

/**
 * Answers 503 to a request whose handler has not begun to answer after `limitMs`. The time in which the body arrives does not count: it
 * is the client's. Neither does time in which this process stood still. Batches and imports have `longLimitMs`.
 *
 * The handler goes on. Its answer is dropped; `isLate` and `onLateAnswer` are for those who need to know of it. One timer serves all
 * requests, because a timer for each request costs more.
 */
export function limitRequests(fastify: FastifyInstance, limitMs: number, longLimitMs = LONG_LIMIT_MS): void {
  const open = new Set<FastifyReply>();
  const limitOf = ({ url }: FastifyRequest) => (LONG_WORK.test(url) ? Math.max(limitMs, longLimitMs) : limitMs);
  const clock = runningTime((now) => {
    for (const reply of open) {
      const request = reply.request as LimitedRequest;
      const waitedMs = now - request.waitsSince;
      if (waitedMs < limitMs || waitedMs < limitOf(request)) continue;
      open.delete(reply);
      if (!reply.sent && !reply.raw.destroyed) answerForHandler(request, reply, limitOf(request));
    }
  });
  fastify.decorateRequest('waitsSince', 0);
  fastify.decorateRequest('isLate', false);
  fastify.decorateRequest('onLateAnswer', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    (request as LimitedRequest).waitsSince = clock.now;
    open.add(reply);
    done();
  });
  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    if (hasBody(request) && open.delete(reply)) (request as LimitedRequest).waitsSince -= clock.now;
    done();
  });
  fastify.addHook('preValidation', (request, reply, done) => {
    if (hasBody(request)) {
      (request as LimitedRequest).waitsSince += clock.now;
      open.add(reply);
    }
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    open.delete(reply);
    done();
  });
  fastify.server.once('close', () => clock.stop());
}

/** Whether the request was answered 503 because its time was over. Its handler may still be at work. */
export function isLate(request: FastifyRequest): boolean {
  return (request as Partial<LimitedRequest>).isLate === true;
}

/** Calls `listener` with the answer of a handler that ends after its request was answered 503. The client never sees that answer. */
export function onLateAnswer(request: FastifyRequest, listener: (status: number, body: unknown) => void): void {
  (request as LimitedRequest).onLateAnswer = listener;
}

/** A clock that stops while this process does. `look` runs after the sockets were read: answers that are there have been handled. */
function runningTime(look: (now: number) => void): { now: number; stop(): void } {
  let lookedAt = performance.now();
  const timer = setInterval(() => setImmediate(tick), LOOK_EVERY_MS).unref();
  const clock = { now: 0, stop: () => clearInterval(timer) };
  const tick = () => {
    const now = performance.now();
    clock.now += Math.min(now - lookedAt, MAX_STEP_MS);
    lookedAt = now;
    look(clock.now);
  };
  return clock;
}

function answerForHandler(request: LimitedRequest, reply: FastifyReply, limitMs: number): void {
  const { statusCode } = reply;
  request.isLate = true;
  void reply
    .code(503)
    .headers({ 'content-type': 'application/json; charset=utf-8', 'retry-after': RETRY_AFTER_SECONDS })
    .send({ code: 'service_unavailable', detail: detailOf(limitMs) });
  keepForHandler(request, reply, statusCode);
}

/**
 * Gives the handler a reply of its own, which writes nothing. Without it the handler would read 503 as its own status. What was really
 * sent stays in `reply.raw`.
 */
function keepForHandler(request: LimitedRequest, reply: FastifyReply, statusCode: number): void {
  let own = statusCode;
  const setStatus = (status: number) => {
    own = status;
    return reply;
  };
  const send = (body?: unknown) => {
    request.onLateAnswer?.(own, body);
    request.onLateAnswer = null;
    return reply;
  };
  Object.defineProperties(reply, {
    statusCode: { get: () => own, set: setStatus },
    code: { value: setStatus },
    status: { value: setStatus },
    send: { value: send },
  });
}

function detailOf(limitMs: number): string {
  return (
    `There was no answer within ${limitMs / 1000} s. The request may have been carried out nevertheless, or may still be. ` +
    'It is safe to repeat it with the same idempotency-key; without one, look first whether it was'
  );
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
