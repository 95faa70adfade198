import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Member } from './target-group.js';

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

  constructor(idleMs: number) {
    super({ keepAlive: true, maxFreeSockets: Infinity, scheduling: 'lifo', timeout: idleMs });
    this.idleMs = idleMs;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if ('setTimeout' in socket && typeof socket.setTimeout === 'function') socket.setTimeout(this.idleMs);
    return true;
  }
}

/** The connections to all targets. Those to a target are closed when it is unused. */
export class Connections {
  private readonly idleMs: number;
  private readonly pools = new Map<Member, Agent>();

  constructor(idleMs: number) {
    this.idleMs = idleMs;
  }

  to(member: Member): Agent {
    const known = this.pools.get(member);
    if (known) return known;
    const pool = new KeptConnections(this.idleMs);
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
