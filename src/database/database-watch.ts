import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolConnection } from 'mysql2';
import type { Log } from '../observability/log.js';
import { DatabaseAway, DatabaseSilent } from './errors.js';

/** A server that sends nothing for so long, although it was asked, is silent. */
const SILENT_AFTER_MS = 2_000;
/** Time limit of a probe of a silent server. */
const PROBE_LIMIT_MS = 3_000;
/** Between two probes of a silent server. */
const PAUSE_MS = 500;
/** A connection that was given back so long ago is idle. */
const IDLE_AFTER_MS = 1_000;
const SILENT = 'The database server sends nothing.';

/**
 * `answered`: also with an error of the server, such as a refused login. `slow`: something came, but not all of it in time. `failed`: there
 * was an error, at once. `silent`: nothing came.
 */
export type ProbeResult = 'answered' | 'slow' | 'failed' | 'silent';

const SPEAKS: ReadonlySet<ProbeResult> = new Set(['answered', 'slow']);

/** Asks the server for something small on a connection of its own. */
export type Probe = (limitMs: number, watch: DatabaseWatch) => Promise<ProbeResult>;

/**
 * Knows all connections to the database, and whether the server is silent: it accepts connections and packets, or drops them, and sends
 * nothing back. A server that refuses connections needs no watch, because each request finds that out at once.
 *
 * Whoever misses an answer calls `suspect`. Then a probe with a connection of its own decides. If nothing comes for 2 s, on any connection,
 * the server is silent: all connections are closed, whoever waits for one gets an error, and so does everybody who asks for one, at once.
 * As soon as something comes, connections are made again: a probe needs several answers, and a slow server would count as silent for as long
 * as it is slow. A slow statement, or one that waits for a lock, is no silence, because the probe is answered. If the process dies: a new one finds out for itself.
 */
export class DatabaseWatch {
  private readonly sockets = new Set<Socket>();
  /** Since when each is idle. */
  private readonly idle = new Map<PoolConnection, number>();
  private readonly waiting = new Set<(error: Error) => void>();
  private bytesOfClosed = 0;
  private examining = false;
  private silent = false;
  private readonly stopping = new AbortController();

  constructor(
    private readonly probe: Probe,
    private readonly log: Log,
  ) {}

  /** Whether the server is known to be silent: nothing should be asked of it. */
  get isSilent(): boolean {
    return this.silent;
  }

  /** How many bytes the server has sent so far, on all connections. */
  get received(): number {
    let bytes = this.bytesOfClosed;
    for (const socket of this.sockets) bytes += socket.bytesRead;
    return bytes;
  }

  /** Throws DatabaseAway if the server is silent. */
  assertNotSilent(): void {
    if (this.silent) throw new DatabaseAway(SILENT);
  }

  addSocket(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.bytesOfClosed += socket.bytesRead;
    });
  }

  /** A pooled connection is not in use any more, or in use again, or closed. */
  setIdle(connection: PoolConnection, isIdle: boolean, now = performance.now()): void {
    if (isIdle) this.idle.set(connection, now);
    else this.idle.delete(connection);
  }

  /** `fail` is called if the server turns out to be silent before `answered`. */
  wait(fail: (error: Error) => void): void {
    this.waiting.add(fail);
  }

  /** Answers whether it still waited. */
  answered(fail: (error: Error) => void): boolean {
    return this.waiting.delete(fail);
  }

  /** An answer of the server is missing. Returns at once. */
  suspect(): void {
    if (this.examining || this.stopping.signal.aborted) return;
    this.examining = true;
    void this.examine().finally(() => (this.examining = false));
  }

  /** Closes all connections. What was sent on them may be carried out nevertheless. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy(Object.assign(new DatabaseSilent(SILENT), { code: 'ETIMEDOUT' }));
  }

  /** No probe begins after this. */
  stop(): void {
    this.stopping.abort();
  }

  private async examine(): Promise<void> {
    const result = await this.probe(SILENT_AFTER_MS, this);
    if (result === 'silent') await this.untilItAnswers();
    if (result === 'answered') this.closeIdle();
  }

  /**
   * Only some connections are dead. An idle one would be noticed by the next statement on it, after that statement's time limit. One that
   * was used a moment ago has answered: a pool that is only busy keeps its connections.
   */
  private closeIdle(): void {
    const before = performance.now() - IDLE_AFTER_MS;
    for (const [connection, since] of this.idle) if (since < before) connection.destroy();
  }

  private async untilItAnswers(): Promise<void> {
    const since = performance.now();
    this.silent = true;
    this.log.warn('database.silent');
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const fail of waiting) fail(new DatabaseAway(SILENT));
    this.cut();
    while (!this.stopping.signal.aborted && !SPEAKS.has(await this.probe(PROBE_LIMIT_MS, this)))
      await sleep(PAUSE_MS, null, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
    this.silent = false;
    if (!this.stopping.signal.aborted) this.log.info('database.answers', { silentMs: Math.round(performance.now() - since) });
  }
}
