import type { Connection } from './exchange.js';

/** Below what servers commonly keep idle connections for, so that we rarely write into one that is closing. */
export const IDLE_CONNECTION_MS = 4_000;
/** Where a server says for how long it keeps connections, ours end this much before. */
const MARGIN_MS = 1_000;
const SWEEP_MS = 1_000;

/**
 * Connections that wait for the next request to their origin, the one that was used last first. There are at most `most` in all: beyond that
 * the one that has waited longest goes.
 *
 * Connections under way are not its business: there are as many as there are permits.
 */
export class ConnectionPool {
  private readonly idle = new Map<string, Connection[]>();
  private readonly until = new Map<Connection, number>();
  private closed = false;
  private readonly sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();

  constructor(private readonly most: number) {}

  /** One that may carry a request to this origin now, or null. */
  take(origin: string): Connection | null {
    const waiting = this.idle.get(origin);
    const now = performance.now();
    for (let last = waiting?.at(-1); last; last = waiting?.at(-1)) {
      const fresh = this.until.get(last)! > now;
      this.remove(last);
      if (fresh && last.free) return last;
      last.drop();
    }
    return null;
  }

  /** @param saidMs for how long the other side said that it keeps it, if it did */
  put(connection: Connection, saidMs: number | null): void {
    const keptMs = saidMs === null ? IDLE_CONNECTION_MS : Math.min(IDLE_CONNECTION_MS, saidMs - MARGIN_MS);
    if (this.closed || keptMs <= 0 || !connection.free) return connection.drop();
    if (this.until.size >= this.most) this.end(this.until.keys().next().value!);
    this.until.set(connection, performance.now() + keptMs);
    const waiting = this.idle.get(connection.origin);
    if (waiting) waiting.push(connection);
    else this.idle.set(connection.origin, [connection]);
  }

  /** It has closed. */
  readonly remove = (connection: Connection): void => {
    if (!this.until.delete(connection)) return;
    const waiting = this.idle.get(connection.origin)!;
    const at = waiting.lastIndexOf(connection);
    waiting.splice(at, 1);
    if (waiting.length === 0) this.idle.delete(connection.origin);
  };

  /** Ends them all; what is put from now on ends too. */
  close(): void {
    this.closed = true;
    clearInterval(this.sweeper);
    for (const connection of this.until.keys()) this.end(connection);
  }

  private sweep(): void {
    const now = performance.now();
    for (const [connection, until] of this.until) if (until <= now) this.end(connection);
  }

  private end(connection: Connection): void {
    this.remove(connection);
    connection.drop();
  }
}
