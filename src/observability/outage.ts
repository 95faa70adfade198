import { isPermanentError } from './permanent-error.js';

/** How often something is said again that waiting alone will not mend. */
const AGAIN_MS = 60_000;

/**
 * What is to be said of work that is tried again and again: of an outage one line, when it begins; of a mistake or a refusal, which
 * somebody has to put right, an error at once and every minute, so that nobody takes it for an outage that passes.
 */
export class Outage {
  private since: number | null = null;
  private last: 'warn' | 'error' = 'warn';
  private saidAt = 0;

  /** It failed: the level of the line to write, null for none. */
  failed(error: unknown, now = performance.now()): 'warn' | 'error' | null {
    const level = isPermanentError(error) ? 'error' : 'warn';
    const isNews = this.since === null || (level === 'error' && (this.last === 'warn' || now - this.saidAt >= AGAIN_MS));
    this.since ??= now;
    if (!isNews) return null;
    this.last = level;
    this.saidAt = now;
    return level;
  }

  /** It went well: for how long it had not, in ms, null where there was no trouble. */
  over(now = performance.now()): number | null {
    if (this.since === null) return null;
    const lasted = Math.round(now - this.since);
    this.since = null;
    return lasted;
  }
}
