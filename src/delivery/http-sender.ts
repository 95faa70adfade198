import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import type { SendResult } from '../domain/outcome.js';
import { responseText } from '../domain/response-text.js';
import { Log } from '../observability/log.js';
import { Tracer, type Span } from '../observability/tracing.js';
import { Deadline } from './deadline.js';
import { CheckedConnect } from './checked-connect.js';
import { reportCertificateDates } from './client-certificate-dates.js';
import { ClosedBeforeResponse, Connection, type HttpResponse, type SerializedRequest } from './connection.js';
import { ConnectionPool } from './connection-pool.js';
import { requestHead } from './request-head.js';
import { failureOf } from './send-failure.js';
import type { WebhookRequest } from './webhook-request.js';

/** With this value of the response header `webhook-delivery` an endpoint ends the retries of the message. */
const ABORT_MESSAGE = 'abort-message';
/** If a connection breaks like this before the first byte of the request, another one is made at once. */
const BROKEN_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/**
 * The HTTP client for webhooks. It sends one HTTP/1.1 POST within one time limit, to checked addresses only, and reads the beginning of the
 * response. It follows no redirects. It keeps idle connections for each origin, also those through a proxy.
 * (docs/adr/0049-deliveries-have-an-http-client-of-their-own.md)
 *
 * An attempt is one request, with two exceptions:
 * - A kept connection ended before any byte of a response. The server may have closed it at that moment. The request is sent again on a new
 *   connection.
 * - A connection broke during the TLS handshake, before the request was sent. Another one is made.
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
    reportCertificateDates(config.delivery.clientCertificate, log, Date.now());
  }

  /** Resolves with a result, also if the request fails. Rejects with RangeError if a header cannot be sent. */
  send(request: WebhookRequest): Promise<SendResult> {
    if (!this.tracer.on) return this.attempt(request);
    // Only the host of the URL: user, path and query may contain the customer's secrets.
    const attributes = { 'http.request.method': 'POST', 'server.address': request.url.hostname };
    const work = async (span: Span) => {
      const result = await this.attempt(request);
      span.set({ 'http.response.status_code': result.statusCode });
      if (result.failure !== null || result.statusCode >= 300) span.fail(result.failure ?? String(result.statusCode));
      return result;
    };
    return this.tracer.span('POST', attributes, work, { kind: 'client' });
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    this.pool.close();
    for (const connection of this.open) connection.close();
  }

  private async attempt({ url, headers, body }: WebhookRequest): Promise<SendResult> {
    const head = requestHead({ url, headers, body });
    const startedAt = performance.now();
    const deadline = new Deadline(this.limitMs);
    try {
      return resultOf(await this.sendOnConnection(url, { head, body, startedAt }, deadline));
    } catch (error) {
      return failureOf(error, Math.round(performance.now() - startedAt));
    } finally {
      deadline.clear();
    }
  }

  /** Uses a kept connection, otherwise a new one. */
  private async sendOnConnection(url: URL, request: SerializedRequest, deadline: Deadline): Promise<HttpResponse> {
    const kept = this.pool.take(url.origin);
    if (kept) {
      try {
        return await this.exchange(kept, request, deadline);
      } catch (error) {
        if (!(error instanceof ClosedBeforeResponse) || this.stopped) throw error;
        this.log.info('delivery.sent_again', { host: url.hostname, reason: 'the kept connection had ended', code: error.code });
      }
    }
    return this.exchange(await this.newConnection(url, deadline), request, deadline);
  }

  private async newConnection(url: URL, deadline: Deadline): Promise<Connection> {
    const socket = await this.connect.open(url, deadline).catch((error: unknown) => {
      if (deadline.expired || !BROKEN_CODES.has(String((error as NodeJS.ErrnoException).code))) throw error;
      this.log.info('delivery.connected_again', { host: url.hostname, code: (error as NodeJS.ErrnoException).code });
      return this.connect.open(url, deadline);
    });
    const connection = new Connection(socket, url.origin, (closed) => {
      this.open.delete(closed);
      this.pool.remove(closed);
    });
    if (connection.isReusable) this.open.add(connection);
    return connection;
  }

  private async exchange(connection: Connection, request: SerializedRequest, deadline: Deadline): Promise<HttpResponse> {
    const response = await connection.exchange(request, deadline);
    if (!response.reusable) {
      connection.close();
      return response;
    }
    // Bytes behind the response, for example in another TLS record, are read during this turn of the event loop. They close the connection.
    await nextTurn();
    this.pool.put(connection, keepAliveMs(response.headers.get('keep-alive')));
    return response;
  }
}

function resultOf({ statusCode, headers, body, durationMs }: HttpResponse): SendResult {
  return {
    statusCode,
    response: responseText(body),
    durationMs,
    failure: null,
    retryAfter: singleValue(headers.get('retry-after')),
    abort: singleValue(headers.get('webhook-delivery')) === ABORT_MESSAGE,
  };
}

/** The value of a header that has one field line; otherwise null. */
function singleValue(values: readonly string[] | undefined): string | null {
  return values?.length === 1 ? values[0]! : null;
}

/** How long the server keeps the connection (`Keep-Alive: timeout=5`), in ms; null if it does not say. */
function keepAliveMs(values: readonly string[] | undefined): number | null {
  const seconds = /(?:^|[,\s])timeout\s*=\s*"?(\d+)/i.exec(values?.join() ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}
