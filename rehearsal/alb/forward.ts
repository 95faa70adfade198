import { request as sendRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Connections } from './connections.js';
import { forClient, forTarget } from './headers.js';
import { answer as answerItself, MAX_RESPONSE_HEADERS } from './own-answers.js';
import type { Limits } from './settings.js';
import type { Member, TargetGroup } from './target-group.js';
import type { TrafficLog } from './traffic-log.js';

/** What all exchanges of a load balancer share. */
export interface Route {
  limits: Limits;
  connections: Connections;
  log: TrafficLog;
}

/** A request as a listener took it. */
export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  /** The listener's port. */
  port: number;
  /** Whether the client's connection ends with this answer. */
  closes: boolean;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const MS = 1000;

class ConnectTimeout extends Error {}

/**
 * One request on its way to a target of a group and back. Bodies are streamed both ways. Statuses of its own are those of
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#load-balancer-http-error-codes
 *
 * Assumption: once the target's answer has begun its status stands. What goes wrong later cuts the client's connection.
 */
export class Exchange {
  private readonly visit: Visit;
  private readonly group: TargetGroup;
  private readonly route: Route;
  private readonly hasBody: boolean;
  private readonly tried = new Set<string>();
  private upstream: ClientRequest | null = null;
  /** When the request began to go out; null as long as it could go to another target. */
  private sentAt: number | null = null;
  /** Nothing that comes from the target matters any more. */
  private over = false;

  constructor(visit: Visit, group: TargetGroup, route: Route) {
    this.visit = visit;
    this.group = group;
    this.route = route;
    const { headers } = visit.request;
    this.hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  }

  start(): void {
    const { response } = this.visit;
    response.once('close', () => this.onClientClosed());
    response.on('error', () => {});
    const member = this.group.choose(this.tried);
    if (!member) return this.refuse(503);
    this.route.log.chosen(this.group);
    this.sendTo(member);
  }

  private sendTo(member: Member): void {
    const { request, port } = this.visit;
    const { connections, limits } = this.route;
    this.tried.add(member.key);
    const upstream = sendRequest({
      agent: connections.to(member),
      host: member.target.id,
      port: member.target.port,
      method: request.method,
      path: request.url,
      headers: forTarget(request, { port, dropsInvalidHeaders: limits.dropsInvalidHeaders }),
      timeout: limits.idleTimeoutMs,
      maxHeaderSize: MAX_RESPONSE_HEADERS,
    });
    this.upstream = upstream;
    this.group.began(member);
    upstream.once('socket', (socket) => this.whenConnected(socket, upstream));
    upstream.once('response', (answer) => this.onAnswer(answer));
    upstream.once('timeout', () => this.onIdle());
    upstream.on('error', (error) => this.onError(error, member, upstream));
    upstream.once('close', () => this.onTargetDone(member, upstream));
  }

  /** The body waits for the connection: a request that nothing was read of can still go elsewhere. */
  private whenConnected(socket: Socket, upstream: ClientRequest): void {
    if (!socket.connecting) return this.send(upstream);
    const timer = setTimeout(() => upstream.destroy(new ConnectTimeout()), this.route.limits.connectTimeoutMs);
    socket.once('connect', () => this.send(upstream));
    for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
  }

  /** Time counts from here: that of sending the body is in TargetResponseTime, unless there is a firewall (AWS WAF). */
  private send(upstream: ClientRequest): void {
    this.sentAt = performance.now();
    if (this.hasBody) this.visit.request.pipe(upstream);
    else upstream.end();
  }

  private onAnswer(answer: IncomingMessage): void {
    if (this.over) return void answer.resume();
    this.over = true;
    const { response } = this.visit;
    const status = answer.statusCode ?? 0;
    this.route.log.answered(this.group, status, (performance.now() - (this.sentAt ?? 0)) / MS);
    answer.on('error', () => response.destroy());
    response.writeHead(status, answer.statusMessage ?? '', forClient(answer, this.visit.closes));
    answer.pipe(response);
  }

  private onError(error: Error, member: Member, upstream: ClientRequest): void {
    if (this.over || upstream !== this.upstream) return;
    if (this.sentAt === null) return this.onUnconnected(error);
    if (upstream.reusedSocket && !member.gone.aborted && this.mayResend()) {
      this.sentAt = null;
      return this.sendTo(member);
    }
    // Closed or reset with a request outstanding, malformed, or the deregistration delay is over.
    this.refuse(502);
  }

  private onUnconnected(error: Error): void {
    this.route.log.unconnected(this.group);
    const next = this.tried.size < this.route.limits.assumed.connectAttempts ? this.group.choose(this.tried) : null;
    if (next) this.sendTo(next);
    else this.refuse(error instanceof ConnectTimeout ? 504 : 502);
  }

  private mayResend(): boolean {
    const { method = '' } = this.visit.request;
    return this.route.limits.assumed.resendsIdempotent && !this.hasBody && IDEMPOTENT.has(method);
  }

  /** Nothing came or went for the idle time: the target's fault if it has the whole request. */
  private onIdle(): void {
    const { request, response } = this.visit;
    if (response.headersSent) response.destroy();
    else if (!this.over) this.refuse(request.complete ? 504 : 408);
    this.upstream?.destroy();
  }

  /** A client that left is told nothing, but counted: 460, or 400 if its request was not complete. */
  private onClientClosed(): void {
    const { request, response } = this.visit;
    if (response.writableFinished) return;
    const unanswered = !this.over;
    this.over = true;
    if (unanswered) this.route.log.refused(this.group, request.complete ? 460 : 400);
    if (!unanswered || !request.complete || this.route.limits.assumed.closesWithClient) this.upstream?.destroy();
  }

  /** What is left of a body that the target doesn't want is read, so that the client's connection can be used again. */
  private onTargetDone(member: Member, upstream: ClientRequest): void {
    this.group.ended(member);
    const { request } = this.visit;
    if (upstream === this.upstream && this.sentAt !== null && !request.complete) request.unpipe(upstream).resume();
  }

  private refuse(status: number): void {
    this.over = true;
    this.route.log.refused(this.group, status);
    answerItself(this.visit.response, status, this.visit.closes);
  }
}
