import { errorFields, type Log } from '../observability/log.js';
import { patience } from './patience.js';

/** Longest wait for one operation on a request's path, in ms. */
const LIMIT_MS = 50;
/** How long nothing is tried after a failure, in ms. */
const OPEN_MS = 5_000;

/**
 * Keeps a cache that is away or slow from slowing every request down: after one failure nothing is tried for 5 s, then a single
 * operation is let through to see. One log line when it opens and one when it closes. Gone with the process: a new one
 * finds out again.
 */
export class Breaker {
  private openedAt: number | null = null;
  private tryAgainAt = 0;
  private refused = 0;

  constructor(private readonly log: Log) {}

  /** The result of `work`, or null if it was not tried, failed, or took too long. */
  async run<T extends {}>(work: () => Promise<T>): Promise<T | null> {
    const trial = this.openedAt !== null;
    if (trial && !this.mayTry()) {
      this.refused += 1;
      return null;
    }
    try {
      const result = await patience(work(), LIMIT_MS);
      // Only what was begun while open tells that the trouble is over, not a neighbour that was just quick enough.
      if (trial) this.close();
      return result;
    } catch (error) {
      this.open(error);
      return null;
    }
  }

  /** Somebody else knows that the cache answers again. */
  close(): void {
    if (this.openedAt === null) return;
    this.log.info('cache.back', { awayMs: Math.round(performance.now() - this.openedAt), refused: this.refused });
    this.openedAt = null;
    this.refused = 0;
  }

  private open(error: unknown): void {
    this.tryAgainAt = performance.now() + OPEN_MS;
    if (this.openedAt !== null) return;
    this.openedAt = performance.now();
    this.log.warn('cache.away', {
      ...errorFields(error),
      effect: 'repeated requests are not recognized, rate limits count per process',
    });
  }

  private mayTry(): boolean {
    const now = performance.now();
    if (now < this.tryAgainAt) return false;
    // Whoever comes during the trial is refused.
    this.tryAgainAt = now + OPEN_MS;
    return true;
  }
}
