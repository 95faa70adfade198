import { setTimeout as sleep } from 'node:timers/promises';

/** How long SQS waits for a message before it answers, in seconds. SQS allows no more. */
const LONG_POLL_SECONDS = 20;
/** The same while the process has a part of the traffic only: a long wait would need a long rest. */
const SHARED_POLL_SECONDS = 1;
const MAX_REST_MS = 10_000;
/** A rest ends so soon after the share has grown. */
const STEP_MS = 250;

/**
 * Rests between two receives, so that a poller receives for its process's share of the time. SQS spreads messages over the receives that wait:
 * without rests a release that has a tenth of the traffic, and as many tasks as the one before, would get half of what is in the queue.
 */
export class ReceivePace {
  private beganAt: number | null = null;

  /** @param part 0 to 1: the part of the time in which the process may receive; asked again and again */
  constructor(private readonly part: () => number) {}

  /** How long the next receive should wait for a message. */
  get waitSeconds(): number {
    return this.part() < 1 ? SHARED_POLL_SECONDS : LONG_POLL_SECONDS;
  }

  /** A receive begins. */
  begin(): void {
    this.beganAt = performance.now();
  }

  /** Resolves when the next receive may begin: after a rest that is in proportion to the last receive, with the handling of what it brought. */
  async rest(stop: AbortSignal): Promise<void> {
    if (this.beganAt === null) return;
    const endedAt = performance.now();
    const busyMs = endedAt - this.beganAt;
    this.beganAt = null;
    for (;;) {
      const part = this.part();
      // At 0 the source has no room; that is not a rest.
      const restMs = part === 0 ? 0 : Math.min(MAX_REST_MS, (busyMs * (1 - part)) / part);
      const leftMs = endedAt + restMs - performance.now();
      if (leftMs <= 0 || stop.aborted) return;
      await sleep(Math.min(leftMs, STEP_MS), undefined, { signal: stop, ref: false }).catch(() => undefined);
    }
  }
}
