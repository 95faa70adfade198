/** The time was over. The message says what was being done. */
export class AttemptTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * One time limit over everything that an attempt does, one thing after the other.
 *
 * What has arrived by then still counts: when this process was late, answers wait in its sockets. So they are read once before anything is
 * given up.
 */
export class AttemptDeadline {
  over = false;
  private ending: ((error: AttemptTimeout) => void) | null = null;
  private readonly timer: NodeJS.Timeout;
  private readonly endsAt: number;

  constructor(limitMs: number) {
    this.endsAt = performance.now() + limitMs;
    this.timer = setTimeout(() => setImmediate(() => this.end()), limitMs);
  }

  get leftMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }

  /** Says how what is under way is ended; the one before is done. */
  whenOver(ending: (error: AttemptTimeout) => void): void {
    this.ending = ending;
    if (this.over) ending(new AttemptTimeout());
  }

  clear(): void {
    this.ending = null;
    clearTimeout(this.timer);
  }

  private end(): void {
    this.over = true;
    this.ending?.(new AttemptTimeout());
  }
}
