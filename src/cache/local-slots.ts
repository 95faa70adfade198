import { LRUCache } from 'lru-cache';
import { slotRate, waitsOf } from './slot-rate.js';

/** With more keys than this, the least recently used one is dropped, and its rate starts again. */
const MAX_KEYS = 10_000;

/** Rate limits of this process alone: other processes do not see them, and they are lost with the process. */
export class LocalSlots {
  /** By key: when the next event would be due if bursts were not allowed, in µs on the monotonic clock. */
  private readonly nextUs = new LRUCache<string, number>({ max: MAX_KEYS });

  /** Reserves `count` events. Answers for each how many ms to wait from now. */
  take(key: string, perSecond: number, count: number): number[] {
    const rate = slotRate(perSecond);
    const nowUs = performance.now() * 1000;
    const startUs = Math.max(nowUs, this.nextUs.get(key) ?? nowUs);
    this.nextUs.set(key, startUs + count * rate.intervalUs);
    return waitsOf(rate, startUs - nowUs, count);
  }
}
