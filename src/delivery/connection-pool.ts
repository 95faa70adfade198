import type { Connection } from './connection.js';

/** Servers commonly keep idle connections for 5 s or more. With less we rarely use one that the server is closing. */
export const IDLE_CONNECTION_MS = 4_000;
/** If a server says how long it keeps connections, they are closed this much earlier. */
const MARGIN_MS = 1_000;
const SWEEP_MS = 1_000;

/**
 * Keeps idle connections for the next request to their origin; the one that was used last is used first. If there are more than
 * `maxConnections`, the one that has been idle longest is closed.
 *
 * It does not limit connections that carry a request: there are as many as permits.
 */
export class ConnectionPool {
  private readonly idle = new Map<string, Connection[]>();
  /** When each idle connection is closed, on the monotonic clock. The map's order is that in which they became idle. */
  private readonly expiresAt = new Map<Connection, number>();
  private closed = false;
  private readonly sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();

  constructor(private readonly maxConnections: number) {}

  /** A connection that can carry a request to this origin now, or null. */
  take(origin: string): Connection | null {
    const connections = this.idle.get(origin);
    const now = performance.now();
    for (let last = connections?.at(-1); last; last = connections?.at(-1)) {
      const isFresh = this.expiresAt.get(last)! > now;
      this.remove(last);
      if (isFresh && last.isReusable) return last;
      last.close();
    }
    return null;
  }

  /**
   * Keeps a connection, or closes it if it cannot be reused.
   *
   * @param serverMs how long the server keeps it, if the response said so
   */
  put(connection: Connection, serverMs: number | null): void {
    const keepMs = serverMs === null ? IDLE_CONNECTION_MS : Math.min(IDLE_CONNECTION_MS, serverMs - MARGIN_MS);
    if (this.closed || keepMs <= 0 || !connection.isReusable) return connection.close();
    if (this.expiresAt.size >= this.maxConnections) this.closeIdle(this.expiresAt.keys().next().value!);
    this.expiresAt.set(connection, performance.now() + keepMs);
    const connections = this.idle.get(connection.origin);
    if (connections) connections.push(connection);
    else this.idle.set(connection.origin, [connection]);
  }

  /** Forgets a connection, if it is idle here. */
  readonly remove = (connection: Connection): void => {
    if (!this.expiresAt.delete(connection)) return;
    const connections = this.idle.get(connection.origin)!;
    const at = connections.lastIndexOf(connection);
    connections.splice(at, 1);
    if (connections.length === 0) this.idle.delete(connection.origin);
  };

  /** Closes all idle connections. A connection that is put later is closed too. */
  close(): void {
    this.closed = true;
    clearInterval(this.sweeper);
    for (const connection of this.expiresAt.keys()) this.closeIdle(connection);
  }

  private sweep(): void {
    const now = performance.now();
    for (const [connection, expiresAt] of this.expiresAt) if (expiresAt <= now) this.closeIdle(connection);
  }

  private closeIdle(connection: Connection): void {
    this.remove(connection);
    connection.close();
  }
}
