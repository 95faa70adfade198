import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

const TICK_MS = 50;
/** If more than this lies between two ticks, the process stood still. */
const MAX_TICK_MS = 2 * TICK_MS;

/**
 * A clock that stops while this process stands still (a long turn of the event loop, no CPU, SIGSTOP). An endpoint must not count as slow
 * because this process did not look. It moves in ticks of 50 ms; a late tick counts 100 ms at most.
 */
@Injectable()
export class AwakeClock implements OnApplicationShutdown {
  /** ms since the start in which the process was awake. */
  now = 0;
  private lastTickAt = performance.now();
  private readonly listeners: (() => void)[] = [];
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();

  onTick(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** How much of a time span the process was awake: it began at `since` of this clock and took `ms` of a clock that does not stop. */
  awake(since: number, ms: number): number {
    return Math.min(ms, this.now - since + MAX_TICK_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const at = performance.now();
    this.advance(at - this.lastTickAt);
    this.lastTickAt = at;
  }

  /** @param ms since the tick before, by a clock that does not stop */
  advance(ms: number): void {
    this.now += Math.min(ms, MAX_TICK_MS);
    for (const listener of this.listeners) listener();
  }
}
