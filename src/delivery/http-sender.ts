import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent } from 'undici';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { AddressPolicy } from '../domain/address-policy.js';
import type { SendResult } from '../domain/outcome.js';
import { responseText } from '../domain/response-text.js';
import { Tracer, type Span } from '../observability/tracing.js';
import { checkedConnector } from './checked-connect.js';
import { Exchange, type Answer } from './exchange.js';
import type { Outgoing } from './outgoing.js';

const CONNECT_LIMIT_MS = 10_000;
/** Below what servers commonly keep idle connections for, so that we rarely write into one that is closing. */
const IDLE_SOCKET_MS = 4_000;
/** Value of the answer's header `webhook-delivery` that ends the message's retries at this endpoint. */
const ABORT_MESSAGE = 'abort-message';
/** A connection that fails this early says more about the connection than about the endpoint. */
const EARLY_MS = 1_000;

const TIMEOUT_CODES = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
  'ABORT_ERR',
]);

/**
 * Sends one request and reads its answer: HTTP/1.1 POST, no redirects, no proxy from the environment, checked addresses on each
 * connect, one time limit over everything, the answer capped. A pool of kept connections for each origin.
 *
 * A connection that breaks within the first second, before any answer, is tried once more inside the same attempt: a kept
 * connection may have been closed by the other side at that moment.
 */
@Injectable()
export class HttpSender implements OnApplicationShutdown {
  private readonly agent: Agent;
  private readonly limitMs: number;

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly tracer: Tracer,
  ) {
    this.limitMs = config.delivery.timeoutMs;
    this.agent = new Agent({
      connect: checkedConnector(new AddressPolicy(config.delivery.allowedSubnets), Math.min(CONNECT_LIMIT_MS, this.limitMs)),
      connections: config.delivery.concurrency,
      pipelining: 1,
      keepAliveTimeout: IDLE_SOCKET_MS,
      keepAliveMaxTimeout: IDLE_SOCKET_MS,
      // The one limit over everything is ours; undici's own, which are coarse, only stand behind it.
      headersTimeout: this.limitMs + 2_000,
      bodyTimeout: this.limitMs + 2_000,
    });
  }

  /** Never throws: whatever goes wrong is a result. */
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

  private async request(request: Outgoing): Promise<SendResult> {
    const startedAt = performance.now();
    let exchange = this.begin(request, startedAt);
    const timer = setTimeout(() => exchange.timeOut(), this.limitMs);
    try {
      return resultOf(
        await exchange.answer.catch((error: unknown) => {
          if (!isEarlyConnectionFailure(error, performance.now() - startedAt)) throw error;
          exchange = this.begin(request, startedAt);
          return exchange.answer;
        }),
      );
    } catch (error) {
      return failed(error, Math.round(performance.now() - startedAt));
    } finally {
      clearTimeout(timer);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  private begin({ url, headers, body }: Outgoing, startedAt: number): Exchange {
    const exchange = new Exchange(startedAt);
    this.agent.dispatch({ origin: url.origin, path: `${url.pathname}${url.search}`, method: 'POST', headers, body }, exchange);
    return exchange;
  }
}

function resultOf({ statusCode, headers, body, durationMs }: Answer): SendResult {
  const retryAfter = headers['retry-after'];
  return {
    statusCode,
    response: responseText(body),
    durationMs,
    failure: null,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
    abort: headers['webhook-delivery'] === ABORT_MESSAGE,
  };
}

function isEarlyConnectionFailure(error: unknown, afterMs: number): boolean {
  return afterMs < EARLY_MS && kindOf(error) === 'connection';
}

function failed(error: unknown, durationMs: number): SendResult {
  const failure = kindOf(error);
  const response = {
    timeout: 'timed out',
    blocked: 'address range blocked by configuration',
    dns: 'name resolution error',
    connection: 'request error',
  };
  const code = codeOf(error);
  return {
    statusCode: 0,
    response: failure === 'connection' && code ? `${response.connection}: ${code}` : response[failure],
    durationMs,
    failure,
    retryAfter: null,
  };
}

function kindOf(error: unknown): 'timeout' | 'blocked' | 'dns' | 'connection' {
  const code = codeOf(error) ?? '';
  if (code === 'ADDRESS_BLOCKED') return 'blocked';
  if (code === 'NAME_NOT_RESOLVED') return 'dns';
  if (TIMEOUT_CODES.has(code) || (error as Error)?.name === 'AbortError') return 'timeout';
  return 'connection';
}

function codeOf(error: unknown): string | undefined {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const code = (inner as { code?: unknown })?.code;
  return typeof code === 'string' ? code : undefined;
}
