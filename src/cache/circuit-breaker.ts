import { isPermanentError } from '../observability/permanent-error.js';
import { errorFields, type Log } from '../observability/log.js';
import { TimedOut, withTimeout } from '../async/time-limit.js';

/** How long an operation of a request may wait while the server sends nothing, in ms of this process's running time. */
const LIMIT_MS = 50;
/** The pause before a trial: at first, and at most when failures follow each other. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 1_000;
/** After this time without a failure the pauses begin with the first one again. */
const FORGET_AFTER_MS = 30_000;
/** After so many trials in a row without any answer, about 5 s, the connection is taken for dead. */
const MAX_SILENT_TRIALS = 16;

/** What the breaker guards. */
export interface Guarded {
  /** Does the smallest thing that the server is asked for otherwise. Rejects at once if there is no connection. */
  trial(): Promise<unknown>;
  /** How much came from the server so far, in answer to any caller. */
  received(): number;
  /** Replaces a connection on which nothing comes any more. */
  reconnect(): void;
  /** Called when the server answers again. */
  recovered(): void;
}

/**
 * Keeps a cache that is away or slow from slowing every request down. After one failure the breaker is open: no request tries the cache. A
 * trial in the background, every 250 ms at first and every second at last, finds out when the cache answers again, and closes the breaker.
 * One log line is written when it opens and one when it closes. The time during which this process stood still does not count
 * (`startCountdown`). If the process dies, a new one finds the cache's state out for itself.
 */
export class CircuitBreaker {
  private openedAt: number | null = null;
  private closedAt = Number.NEGATIVE_INFINITY;
  private pauseMs = FIRST_PAUSE_MS;
  private silentTrials = 0;
  private refused = 0;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly limit = { received: () => this.cache.received() };

  constructor(
    private readonly cache: Guarded,
    private readonly log: Log,
  ) {}

  /** The result of `work`, or null if it was not tried, failed, or took too long. */
  async run<T extends {}>(work: () => Promise<T>): Promise<T | null> {
    if (this.openedAt !== null) {
      this.refused += 1;
      return null;
    }
    try {
      return await this.limited(work);
    } catch (error) {
      this.open(error);
      return null;
    }
  }

  /** Closes the breaker early, when something else shows that the cache answers again. */
  close(): void {
    if (this.openedAt === null) return;
    clearTimeout(this.timer);
    this.closedAt = performance.now();
    this.log.info('cache.back', { awayMs: Math.round(this.closedAt - this.openedAt), refused: this.refused });
    this.openedAt = null;
    this.refused = 0;
    this.cache.recovered();
  }

  /** No trial begins after this. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private limited<T>(work: () => Promise<T>): Promise<T> {
    return withTimeout(LIMIT_MS, work, this.limit);
  }

  private open(error: unknown): void {
    if (this.openedAt !== null) return;
    this.openedAt = performance.now();
    this.silentTrials = 0;
    const isFirst = this.openedAt - this.closedAt > FORGET_AFTER_MS;
    this.pauseMs = isFirst ? FIRST_PAUSE_MS : Math.min(this.pauseMs * 2, MAX_PAUSE_MS);
    const facts = {
      ...errorFields(error),
      effect: 'repeated requests other than messages run again, each process counts rate limits on its own',
    };
    if (isPermanentError(error)) this.log.error('cache.refused', facts);
    else this.log.warn('cache.away', facts);
    this.tryLater();
  }

  private tryLater(): void {
    if (!this.stopped) this.timer = setTimeout(() => void this.try(this.openedAt), this.pauseMs).unref();
  }

  /** `outage`: when the breaker opened. A trial that ends after that outage says nothing about the next one. */
  private async try(outage: number | null): Promise<void> {
    try {
      await this.limited(() => this.cache.trial());
      if (this.openedAt === outage) this.close();
    } catch (error) {
      if (this.openedAt !== outage) return;
      this.silentTrials = error instanceof TimedOut ? this.silentTrials + 1 : 0;
      if (this.silentTrials % MAX_SILENT_TRIALS === MAX_SILENT_TRIALS - 1) this.cache.reconnect();
      this.tryLater();
    }
  }
}
