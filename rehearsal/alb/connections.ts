import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Member } from './target-group.js';

/** What is closed so shortly before the load balancer's own time was closed by the load balancer. */
const OWN_CLOSE_MS = 100;

/** Called when a target closes a kept connection, which was idle for so many ms. */
export type HangUp = (member: Member, idleMs: number) => void;

/**
 * The connections to one target. None is opened ahead, and each is kept for the next request.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#http-connections
 * It is closed when it was idle for the load balancer's time, whatever the target says in `Keep-Alive`: this is why a target has to keep its
 * connections for longer.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
 * Assumption: the connection that was used last is used next.
 */
class KeptConnections extends Agent {
  private readonly idleMs: number;
  private readonly hangUp: (idleMs: number) => void;
  private readonly idle = new WeakMap<Duplex, () => void>();
  private isDestroyed = false;

  constructor(idleMs: number, hangUp: (idleMs: number) => void) {
    super({ keepAlive: true, maxFreeSockets: Infinity, scheduling: 'lifo', timeout: idleMs });
    this.idleMs = idleMs;
    this.hangUp = hangUp;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if ('setTimeout' in socket && typeof socket.setTimeout === 'function') socket.setTimeout(this.idleMs);
    const since = performance.now();
    // Not "end": Node emits none for a connection that idles.
    const closed = () => {
      const idleMs = performance.now() - since;
      if (!this.isDestroyed && idleMs < this.idleMs - OWN_CLOSE_MS) this.hangUp(idleMs);
    };
    this.idle.set(socket, closed);
    socket.once('close', closed);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    const closed = this.idle.get(socket);
    if (closed) socket.off('close', closed);
    super.reuseSocket(socket, request);
  }

  override destroy(): void {
    this.isDestroyed = true;
    super.destroy();
  }
}

/** The connections to all targets. Those to a target are closed when it is unused. */
export class Connections {
  private readonly idleMs: number;
  private readonly hangUp: HangUp;
  private readonly pools = new Map<Member, Agent>();

  constructor(idleMs: number, hangUp: HangUp) {
    this.idleMs = idleMs;
    this.hangUp = hangUp;
  }

  to(member: Member): Agent {
    const known = this.pools.get(member);
    if (known) return known;
    const pool = new KeptConnections(this.idleMs, (idleMs) => this.hangUp(member, idleMs));
    this.pools.set(member, pool);
    const drop = () => {
      this.pools.delete(member);
      pool.destroy();
    };
    member.gone.addEventListener('abort', drop, { once: true });
    return pool;
  }

  close(): void {
    for (const pool of this.pools.values()) pool.destroy();
    this.pools.clear();
  }
}
