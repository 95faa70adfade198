import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Journal, Listener, Weights } from '../model.js';
import type { Visit } from './forward.js';
import { MAX_REQUEST_HEADERS, rawAnswer, statusOfError } from './own-answers.js';
import type { Limits } from './settings.js';
import type { TrafficLog } from './traffic-log.js';
import { check } from './weights.js';

const HOST = '127.0.0.1';
/** How often connections are looked at that have not sent their headers yet: a share of the idle time, in real ms. */
const LOOKS = { share: 4, min: 20, max: 5_000 };

/** A listener as it is set up. */
export interface ListenerPlan {
  /** For the journal. */
  name: string;
  arn: string;
  /** 0: any. */
  port: number;
  weights: Weights;
}

/** What a listener is made of. */
export interface ListenerParts {
  plan: ListenerPlan;
  /** ARNs of the target groups that it may forward to. */
  groups: ReadonlySet<string>;
  limits: Limits;
  journal: Journal;
  log: TrafficLog;
  serve(visit: Visit, weights: Weights): void;
}

/** A port for clients (plain HTTP), with the weights of its target groups. */
export class HttpListener implements Listener {
  readonly arn: string;
  private readonly parts: ListenerParts;
  private readonly server: Server;
  /** When each connection was made. */
  private readonly since = new WeakMap<Duplex, number>();
  /** What is under way on a connection. */
  private readonly busy = new WeakMap<Duplex, ServerResponse>();
  private current: Weights;

  constructor(parts: ListenerParts) {
    check(parts.plan.weights, parts.groups);
    this.arn = parts.plan.arn;
    this.parts = parts;
    this.current = parts.plan.weights;
    this.server = this.createServer();
  }

  get weights(): Weights {
    return this.current;
  }

  /** The one it listens on; before start(), the one it was given. */
  get port(): number {
    const address = this.server.address() as AddressInfo | null;
    return address?.port ?? this.parts.plan.port;
  }

  get url(): string {
    return `http://${HOST}:${this.port}`;
  }

  /** Requests from now on go by these weights; one that is under way stays where it is. Throws if AWS would refuse them. */
  shift(weights: Weights): void {
    check(weights, this.parts.groups);
    this.current = new Map(weights);
    this.parts.journal.note('alb', this.parts.plan.name, 'weights', { weights: Object.fromEntries(weights) });
  }

  async start(): Promise<void> {
    this.server.listen(this.parts.plan.port, HOST);
    await once(this.server, 'listening');
  }

  /** Cuts what is under way. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private createServer(): Server {
    const { idleTimeoutMs, maxConnections } = this.parts.limits;
    const server = createServer({
      keepAliveTimeout: idleTimeoutMs,
      keepAliveTimeoutBuffer: 0,
      headersTimeout: idleTimeoutMs,
      requestTimeout: 0,
      connectionsCheckingInterval: Math.round(Math.min(Math.max(idleTimeoutMs / LOOKS.share, LOOKS.min), LOOKS.max)),
      maxHeaderSize: MAX_REQUEST_HEADERS,
    });
    if (maxConnections !== null) server.maxConnections = maxConnections;
    server.on('connection', (socket: Socket) => this.since.set(socket, performance.now()));
    server.on('drop', () => this.parts.log.rejected());
    server.on('request', (request, response) => this.take(request, response));
    // "Immediately respond with HTTP/1.1 100 Continue without testing the content length header."
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#http-headers
    server.on('checkContinue', (request, response) => {
      response.writeContinue();
      this.take(request, response);
    });
    server.on('checkExpectation', (request, response) => this.take(request, response));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.onUnreadable(error, socket));
    return server;
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.busy.set(socket, response);
    response.once('close', () => this.busy.delete(socket));
    this.parts.serve({ request, response, port: this.port, closes: this.closes(request, response) }, this.current);
  }

  /**
   * The load balancer honours the client's wish. A connection that is older than the client keep-alive duration has one more request:
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#http-client-keep-alive-duration
   */
  private closes(request: IncomingMessage, response: ServerResponse): boolean {
    const age = performance.now() - (this.since.get(request.socket) ?? 0);
    return !response.shouldKeepAlive || request.httpVersion === '1.0' || age >= this.parts.limits.clientKeepAliveMs;
  }

  /** With a request under way it is the exchange that sees the connection close, and counts it. One that is answered gets its answer. */
  private onUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
    const status = statusOfError(error.code);
    const underWay = this.busy.get(socket);
    if (underWay?.writableEnded) return (socket as Socket).destroySoon();
    if (status === null || underWay || !socket.writable) return void socket.destroy();
    this.parts.log.refused(null, status);
    socket.end(rawAnswer(status));
  }
}
