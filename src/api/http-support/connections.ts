import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { limitOfOpenFiles } from '../../config/open-files.js';
import type { Log } from '../../observability/log.js';
import { dropBody, MAX_DROPPED_BYTES } from './drop-body.js';

/** A process takes at most so many connections. */
const MAX_CONNECTIONS = 16_000;
/** Of the files that the system lets this process open, connections get this part: deliveries, the database and the cache need some too. */
const PART_OF_FILES = 0.6;
/** A connection that was idle for a shorter time may be about to bring a request. */
const GIVE_WAY_AFTER_MS = 1_000;
/** While connections are dropped, that is logged so often. */
const LOG_EVERY_MS = 60_000;

export interface ConnectionLimits {
  /** How many connections may be open. */
  max?: number;
  /** A connection that has brought no request for so long is closed. */
  idleMs: number;
  lookEveryMs: number;
}

interface Use {
  /** Requests that are not answered yet. */
  open: number;
  /** When the last answer ended, or the connection was made. */
  since: number;
}

/**
 * Knows the connections of the HTTP server, and bounds what those cost that are of no use.
 *
 * Connections that have brought no request for `idleMs` are closed, whatever else they bring: Node's own limit begins again with every byte, and empty
 * lines between requests are bytes of no request. When `max` are open, a new one takes the place of one that has waited for a second or more: of the
 * oldest that has never brought a request (those who send their headers slowly, too), else of the one that is idle for the longest time. If none is
 * idle, the new one is closed. What is still sent of a request that was answered early is thrown away, up to a limit; then its connection is closed.
 *
 * Node does not count a connection as idle that has brought no request, so one that a client opened in advance would hold up the stop of the process until its time limit.
 * `closeIdleConnections` closes those too, after a second.
 */
export class Connections {
  /** Connections that were closed because there were too many: idle ones that gave way, and new ones. */
  readonly dropped = { idle: 0, full: 0 };
  private readonly max: number;
  private readonly uses = new Map<Socket, Use>();
  /** Those that have brought no whole request yet, and those that wait for the next one; the oldest first. */
  private readonly unused = new Set<Socket>();
  private readonly idle = new Set<Socket>();
  private loggedAt = Number.NEGATIVE_INFINITY;
  private unlogged = { idle: 0, full: 0 };

  constructor(
    server: Server,
    private readonly limits: ConnectionLimits,
    private readonly log: Log,
  ) {
    this.max = limits.max ?? Math.min(MAX_CONNECTIONS, Math.floor(limitOfOpenFiles() * PART_OF_FILES));
    const handlers = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.take(socket)) for (const handle of handlers) handle.call(server, socket);
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.begin(request, response));
    const closeIdle = server.closeIdleConnections.bind(server);
    server.closeIdleConnections = () => {
      closeIdle();
      this.closeOlder(this.unused, GIVE_WAY_AFTER_MS);
    };
    const timer = setInterval(() => this.closeIdle(), limits.lookEveryMs).unref();
    server.once('close', () => clearInterval(timer));
  }

  /** How many are open. */
  get open(): number {
    return this.uses.size;
  }

  /** Answers whether there is room for this connection. */
  private take(socket: Socket): boolean {
    if (this.uses.size >= this.max && !this.makeRoom()) {
      this.noteDrop('full');
      socket.destroy();
      return false;
    }
    this.uses.set(socket, { open: 0, since: performance.now() });
    this.unused.add(socket);
    socket.once('close', () => this.forget(socket));
    return true;
  }

  private begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const use = this.uses.get(socket);
    if (!use) return;
    use.open++;
    this.unused.delete(socket);
    this.idle.delete(socket);
    // Before Node's own listener, which lets the rest of the body pass unseen. Most requests need none: they say that their body is smaller.
    if (mayExceed(request, MAX_DROPPED_BYTES))
      response.prependOnceListener('finish', () => {
        if (!request.complete) dropBody(request, MAX_DROPPED_BYTES);
      });
    response.once('close', () => {
      use.open--;
      use.since = performance.now();
      if (use.open === 0 && this.uses.has(socket)) this.idle.add(socket);
    });
  }

  private makeRoom(): boolean {
    const longAgo = performance.now() - GIVE_WAY_AFTER_MS;
    for (const waiting of [this.unused, this.idle]) {
      const [oldest] = waiting;
      if (!oldest || this.uses.get(oldest)!.since > longAgo) continue;
      this.close(oldest);
      this.noteDrop('idle');
      return true;
    }
    return false;
  }

  private closeIdle(): void {
    for (const waiting of [this.unused, this.idle]) this.closeOlder(waiting, this.limits.idleMs);
  }

  private closeOlder(waiting: Set<Socket>, ms: number): void {
    const limit = performance.now() - ms;
    for (const socket of waiting) {
      if (this.uses.get(socket)!.since >= limit) break;
      this.close(socket);
    }
  }

  private close(socket: Socket): void {
    this.forget(socket);
    socket.destroy();
  }

  private forget(socket: Socket): void {
    this.uses.delete(socket);
    this.unused.delete(socket);
    this.idle.delete(socket);
  }

  private noteDrop(reason: keyof Connections['dropped']): void {
    this.dropped[reason]++;
    this.unlogged[reason]++;
    const now = performance.now();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.log.warn('http.connections_full', {
      open: this.open,
      limit: this.max,
      idleClosed: this.unlogged.idle,
      refused: this.unlogged.full,
    });
    this.loggedAt = now;
    this.unlogged = { idle: 0, full: 0 };
  }
}

function mayExceed({ headers }: IncomingMessage, bytes: number): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > bytes;
}
