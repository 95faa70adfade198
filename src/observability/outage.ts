import { isPermanentError } from './permanent-error.js';

/** How often a permanent error is logged again. */
const REPEAT_MS = 60_000;

/**
 * Decides which failures of repeated work are logged, and at which level. An outage is logged once, as a warning, when it begins. A
 * permanent error (`isPermanentError`), which somebody has to fix, is logged as an error at once and then every minute.
 */
export class Outage {
  private since: number | null = null;
  private last: 'warn' | 'error' = 'warn';
  private loggedAt = 0;

  /** The work failed. Answers the level of the line to write, null for no line. */
  failed(error: unknown, now = performance.now()): 'warn' | 'error' | null {
    const level = isPermanentError(error) ? 'error' : 'warn';
    const mustLog = this.since === null || (level === 'error' && (this.last === 'warn' || now - this.loggedAt >= REPEAT_MS));
    this.since ??= now;
    if (!mustLog) return null;
    this.last = level;
    this.loggedAt = now;
    return level;
  }

  /** The work succeeded. Answers how long it had failed, in ms; null if it had not. */
  over(now = performance.now()): number | null {
    if (this.since === null) return null;
    const lasted = Math.round(now - this.since);
    this.since = null;
    return lasted;
  }
}
