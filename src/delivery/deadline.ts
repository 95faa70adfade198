/** The attempt took too long. The message names the step; it is empty if the request was sent already. */
export class DeadlineExpired extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * One time limit for all steps of an attempt. Each step says with `onExpired` how it is cancelled.
 *
 * When the timer fires, the sockets are read once more before the step is cancelled. So a response that arrived in time counts, even if
 * this process was too busy to read it.
 */
export class Deadline {
  expired = false;
  private cancelStep: ((error: DeadlineExpired) => void) | null = null;
  private readonly timer: NodeJS.Timeout;
  private readonly endsAt: number;

  constructor(limitMs: number) {
    this.endsAt = performance.now() + limitMs;
    // Immediates run after sockets are read.
    this.timer = setTimeout(() => setImmediate(() => this.expire()), limitMs);
  }

  get remainingMs(): number {
    return Math.max(0, this.endsAt - performance.now());
  }

  /** Begins a step: `cancel` is called when the time is over, at once if it is over already. It replaces the callback of the step before. */
  onExpired(cancel: (error: DeadlineExpired) => void): void {
    this.cancelStep = cancel;
    if (this.expired) cancel(new DeadlineExpired());
  }

  /** Ends the attempt: nothing is cancelled any more. */
  clear(): void {
    this.cancelStep = null;
    clearTimeout(this.timer);
  }

  private expire(): void {
    this.expired = true;
    this.cancelStep?.(new DeadlineExpired());
  }
}
