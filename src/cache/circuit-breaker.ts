import { isPermanentError } from '../observability/permanent-error.js';
import { errorFields, type Log } from '../observability/log.js';
import { TimedOut, withTimeout } from '../async/time-limit.js';

/** Longest silence of the server while an operation on a request's path waits for it, in ms of our own running time. */
const LIMIT_MS = 50;
/** How long nothing is tried after a failure, in ms: the first time, and at most when failures follow each other. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;
/** So long after the last trouble the next one is a first one. */
const FORGOTTEN_MS = 30_000;
/** Trials in a row without any answer, about 5 s, after which the connection is taken for dead. */
const SILENT_TRIALS = 16;

/** What the breaker guards. */
export interface Guarded {
  /** Does the smallest thing that is asked of the server otherwise. Rejects at once where there is no connection. */
  trial(): Promise<unknown>;
  /** How much the server has said so far, to anybody. */
  heard(): number;
  /** The connection leads nowhere: another one is to be made. */
  reconnect(): void;
  /** It answers again. */
  back(): void;
}

/**
 * Keeps a cache that is away or slow from slowing every request down: after one failure no request tries it, and a trial beside them, every
 * 250 ms (every 5 s, if it fails time and again), tells when it answers again. One log line when it opens and one when it closes.
 * The time that this process was late itself is not the cache's (`startCountdown`). Gone with the process: a new one finds out again.
 */
export class CircuitBreaker {
  private openedAt: number | null = null;
  private closedAt = Number.NEGATIVE_INFINITY;
  private pauseMs = FIRST_PAUSE_MS;
  private silent = 0;
  private refused = 0;
  private ended = false;
  private timer: NodeJS.Timeout | undefined;

  private readonly limit = { heard: () => this.cache.heard() };

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
      return await this.asked(work);
    } catch (error) {
      this.open(error);
      return null;
    }
  }

  /** Somebody else knows that the cache answers again. */
  close(): void {
    if (this.openedAt === null) return;
    clearTimeout(this.timer);
    this.closedAt = performance.now();
    this.log.info('cache.back', { awayMs: Math.round(this.closedAt - this.openedAt), refused: this.refused });
    this.openedAt = null;
    this.refused = 0;
    this.cache.back();
  }

  /** No trial begins any more. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private asked<T>(work: () => Promise<T>): Promise<T> {
    return withTimeout(LIMIT_MS, work, this.limit);
  }

  private open(error: unknown): void {
    if (this.openedAt !== null) return;
    this.openedAt = performance.now();
    this.silent = 0;
    const isFirst = this.openedAt - this.closedAt > FORGOTTEN_MS;
    this.pauseMs = isFirst ? FIRST_PAUSE_MS : Math.min(this.pauseMs * 2, MAX_PAUSE_MS);
    const facts = {
      ...errorFields(error),
      effect: 'repeated requests other than messages are not recognized, rate limits count per process',
    };
    if (isPermanentError(error)) this.log.error('cache.refused', facts);
    else this.log.warn('cache.away', facts);
    this.tryLater();
  }

  private tryLater(): void {
    if (!this.ended) this.timer = setTimeout(() => void this.try(this.openedAt), this.pauseMs).unref();
  }

  /** `outage`: the one that it is about. A trial that outlives it says nothing of the next one. */
  private async try(outage: number | null): Promise<void> {
    try {
      await this.asked(() => this.cache.trial());
      if (this.openedAt === outage) this.close();
    } catch (error) {
      if (this.openedAt !== outage) return;
      this.silent = error instanceof TimedOut ? this.silent + 1 : 0;
      if (this.silent % SILENT_TRIALS === SILENT_TRIALS - 1) this.cache.reconnect();
      this.tryLater();
    }
  }
}
