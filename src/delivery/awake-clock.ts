import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

const TICK_MS = 50;
/** More than this between two ticks, and the process itself was late. */
const MAX_TICK_MS = 2 * TICK_MS;

/**
 * A clock that stands still while this process does: what seems to have hung while nobody here looked has not hung for that long.
 * It moves in ticks of 50 ms, by 100 ms at most each, however late they come. For judging others by our own eyes; nothing else.
 */
@Injectable()
export class AwakeClock implements OnApplicationShutdown {
  /** ms since the start, as far as this process was awake. */
  now = 0;
  private lastTickAt = performance.now();
  private readonly listeners: (() => void)[] = [];
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();

  onTick(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** How much of a span that began at `since` (of this clock) and looked `ms` long to a running clock was ours to see. */
  seen(since: number, ms: number): number {
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

  /** @param ms since the tick before, by a running clock */
  advance(ms: number): void {
    this.now += Math.min(ms, MAX_TICK_MS);
    for (const listener of this.listeners) listener();
  }
}
