import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import type { SendResult } from '../domain/outcome.js';
import { responseText } from '../domain/response-text.js';
import { Log } from '../observability/log.js';
import { Tracer, type Span } from '../observability/tracing.js';
import { CheckedConnect } from './checked-connect.js';
import { ConnectionPool } from './connection-pool.js';
import { Connection, EndedUnanswered, type Answer, type Written } from './exchange.js';
import type { Outgoing } from './outgoing.js';
import { requestHead } from './request-head.js';
import { failureOf } from './send-failure.js';
import { AttemptDeadline } from './attempt-deadline.js';

/** Value of the answer's header `webhook-delivery` that ends the message's retries at this endpoint. */
const ABORT_MESSAGE = 'abort-message';
/** What breaks a connection before the first byte of a request, and is worth another one at once. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/**
 * Sends one request and reads its answer: HTTP/1.1 POST, no redirects, no proxy from the environment, checked addresses on each
 * connect, one time limit over everything, the answer capped. Connections are kept for each origin (docs/adr/0049-deliveries-have-an-http-client-of-their-own.md).
 *
 * An attempt is one request. Once more, on a new connection, goes only what was written to a kept connection that ended before any byte of an
 * answer (the other side may have closed it at that moment), or what never got a connection because the handshake broke off.
 */
@Injectable()
export class HttpSender implements OnApplicationShutdown {
  private readonly pool: ConnectionPool;
  private readonly open = new Set<Connection>();
  private readonly limitMs: number;
  private stopped = false;

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly connect: CheckedConnect,
    private readonly tracer: Tracer,
    private readonly log: Log,
  ) {
    this.limitMs = config.delivery.timeoutMs;
    this.pool = new ConnectionPool(config.delivery.concurrency);
  }

  /** Never rejects for what happens on the way: whatever goes wrong is a result. Throws where the request can't be written. */
  send(request: Outgoing): Promise<SendResult> {
    if (!this.tracer.on) return this.request(request);
    // The host and no more of the URL: user, path and query may be the customer's secrets.
    const attributes = { 'http.request.method': 'POST', 'server.address': request.url.hostname };
    const work = async (span: Span) => {
      const result = await this.request(request);
      span.set({ 'http.response.status_code': result.statusCode });
      if (result.failure !== null || result.statusCode >= 300) span.fail(result.failure ?? String(result.statusCode));
      return result;
    };
    return this.tracer.span('POST', attributes, work, { kind: 'client' });
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    this.pool.close();
    for (const connection of this.open) connection.drop();
  }

  private async request({ url, headers, body }: Outgoing): Promise<SendResult> {
    const head = requestHead({ url, headers, body });
    const startedAt = performance.now();
    const limit = new AttemptDeadline(this.limitMs);
    try {
      return resultOf(await this.answer(url, { head, body, startedAt }, limit));
    } catch (error) {
      return failureOf(error, Math.round(performance.now() - startedAt));
    } finally {
      limit.clear();
    }
  }

  private async answer(url: URL, request: Written, limit: AttemptDeadline): Promise<Answer> {
    const kept = this.pool.take(url.origin);
    if (kept) {
      try {
        return await this.exchange(kept, request, limit);
      } catch (error) {
        if (!(error instanceof EndedUnanswered) || this.stopped) throw error;
        this.log.info('delivery.sent_again', { host: url.hostname, reason: 'the kept connection had ended', code: error.code });
      }
    }
    return this.exchange(await this.connected(url, limit), request, limit);
  }

  private async connected(url: URL, limit: AttemptDeadline): Promise<Connection> {
    const socket = await this.connect.open(url, limit).catch((error: unknown) => {
      if (limit.over || !BROKEN.has(String((error as NodeJS.ErrnoException).code))) throw error;
      this.log.info('delivery.connected_again', { host: url.hostname, code: (error as NodeJS.ErrnoException).code });
      return this.connect.open(url, limit);
    });
    const connection = new Connection(socket, url.origin, (gone) => {
      this.open.delete(gone);
      this.pool.remove(gone);
    });
    if (connection.free) this.open.add(connection);
    return connection;
  }

  private async exchange(connection: Connection, request: Written, limit: AttemptDeadline): Promise<Answer> {
    const answer = await connection.exchange(request, limit);
    if (!answer.reusable) {
      connection.drop();
      return answer;
    }
    // What has arrived behind the answer, in a TLS record of its own, say, is read in this turn and ends the connection.
    await nextTurn();
    this.pool.put(connection, keptMsOf(answer.headers.get('keep-alive')));
    return answer;
  }
}

function resultOf({ statusCode, headers, body, durationMs }: Answer): SendResult {
  return {
    statusCode,
    response: responseText(body),
    durationMs,
    failure: null,
    retryAfter: only(headers.get('retry-after')),
    abort: only(headers.get('webhook-delivery')) === ABORT_MESSAGE,
  };
}

/** The value of a header that came once. */
function only(values: readonly string[] | undefined): string | null {
  return values?.length === 1 ? values[0]! : null;
}

/** For how long the other side says that it keeps the connection (`Keep-Alive: timeout=5`), in ms. */
function keptMsOf(values: readonly string[] | undefined): number | null {
  const seconds = /(?:^|[,\s])timeout\s*=\s*"?(\d+)/i.exec(values?.join() ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}
