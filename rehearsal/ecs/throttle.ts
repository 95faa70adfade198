import type { Clock } from '../model.js';

/**
 * Times between the attempts to start tasks that never get to run; ms on AWS.
 * Assumption: the first is 10 s, and each is twice the one before. AWS only says that it grows, and up to what.
 */
export interface ThrottleSettings {
  firstMs: number;
  factor: number;
  mostMs: number;
}

/** The most is documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html */
export const USUAL_THROTTLE: ThrottleSettings = { firstMs: 10_000, factor: 2, mostMs: 27 * 60_000 };

/** The wait after so many failed attempts in a row, in ms on AWS. */
export function throttleMs(failures: number, { firstMs, factor, mostMs }: ThrottleSettings): number {
  return failures === 0 ? 0 : Math.min(mostMs, firstMs * factor ** (failures - 1));
}

/**
 * Holds back the starts of a task set whose tasks go from PENDING to STOPPED, again and again. Tasks that stop after they ran are started
 * again without any wait, even if they ran for a moment only.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
export class Throttle {
  private failures = 0;
  private heldUntil = 0;
  private readonly settings: ThrottleSettings;
  private readonly clock: Clock;

  constructor(settings: ThrottleSettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
  }

  get isHolding(): boolean {
    return this.clock.now() < this.heldUntil;
  }

  /** A task could not be started. Tasks that fail together are one attempt. Answers the wait in ms on AWS if it is a new one. */
  failed(): number | null {
    if (this.isHolding) return null;
    this.failures++;
    const waitMs = throttleMs(this.failures, this.settings);
    this.heldUntil = this.clock.now() + this.clock.minutes(waitMs);
    return waitMs;
  }

  /** A task got to run. */
  succeeded(): void {
    this.failures = this.heldUntil = 0;
  }
}
