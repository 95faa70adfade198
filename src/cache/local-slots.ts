import { LRUCache } from 'lru-cache';
import { slotRate, waitsOf } from './slot-rate.js';

/** More keys than this at a time: the least recently used one starts afresh. */
const MAX_KEYS = 10_000;

/** Rate limits of this process alone. Gone with the process; other processes don't see them. */
export class LocalSlots {
  /** When the next event of a key would be due without any burst, in µs of the process's monotonic clock. */
  private readonly nextUs = new LRUCache<string, number>({ max: MAX_KEYS });

  /** Reserves `count` events; answers the ms to wait from now for each. */
  take(key: string, perSecond: number, count: number): number[] {
    const rate = slotRate(perSecond);
    const nowUs = performance.now() * 1000;
    const startUs = Math.max(nowUs, this.nextUs.get(key) ?? nowUs);
    this.nextUs.set(key, startUs + count * rate.intervalUs);
    return waitsOf(rate, startUs - nowUs, count);
  }
}
