import { LRUCache } from 'lru-cache';
import { takeFrom, type BucketRate, type TokensTaken } from './token-bucket.js';

/** With more keys than this, the least recently used one is dropped, and its bucket is full again. */
const MAX_KEYS = 50_000;

/** Token buckets of this process alone: other processes do not see them, and they are lost with the process. */
export class LocalBuckets {
  private readonly fullAtUs = new LRUCache<string, number>({ max: MAX_KEYS });

  /** Takes up to `want` tokens of `key`, after `back` unused ones were put back. */
  take(key: string, rate: BucketRate, want: number, back: number): TokensTaken {
    const { fullAtUs, ...taken } = takeFrom(this.fullAtUs.get(key) ?? null, performance.now() * 1000, rate, want, back);
    this.fullAtUs.set(key, fullAtUs);
    return taken;
  }
}
