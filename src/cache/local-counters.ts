import { LRUCache } from 'lru-cache';
import { unitsOf, type Counter, type Seeds, type UnitsTaken } from './shared-counters.js';

/** With more counters than this, the least recently used one is dropped, and is seeded again. */
const MAX_KEYS = 50_000;

/** Counters of an installation that is a single process. They are lost with the process, and are seeded again. */
export class LocalCounters {
  private readonly values = new LRUCache<string, number>({ max: MAX_KEYS });

  /** See `SharedCache.takeUnits`. */
  take(counters: readonly Counter[], want: number, back: number, seeds: Seeds | null): UnitsTaken | 'unknown' {
    const known = counters.map(({ key }, at) => this.values.get(key) ?? seeds?.[at]);
    if (known.includes(undefined)) return 'unknown';
    const values = (known as number[]).map((value) => value - back);
    const limits = counters.map(({ limit }) => limit);
    const taken = unitsOf(values, limits, want);
    counters.forEach(({ key, keepMs }, at) => this.values.set(key, values[at]! + taken.granted, { ttl: keepMs }));
    return taken;
  }
}
