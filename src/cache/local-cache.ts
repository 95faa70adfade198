import { LRUCache } from 'lru-cache';
import { LocalBuckets } from './local-buckets.js';
import { LocalCounters } from './local-counters.js';
import { LocalSlots } from './local-slots.js';
import { SharedCache, type LockResult } from './shared-cache.js';
import type { Counter, Seeds, UnitsTaken } from './shared-counters.js';
import type { BucketRate, TokensTaken } from './token-bucket.js';

const MAX_ENTRIES = 100_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** About what an entry costs besides its texts. With it many small entries keep to the limit in bytes too. */
const ENTRY_BYTES = 200;

type Entry = { owner: string } | { answer: string };

/**
 * The shared cache of an installation that is a single process. Everything is in the process's memory.
 *
 * If the process dies, all of it is lost, and a repeated request runs again. When the cache is full, the least recently used entry is
 * dropped, be it a lock or an answer. An answer that is larger than the whole cache is not kept.
 */
export class LocalCache extends SharedCache {
  readonly unprotected = 0;
  private readonly entries = new LRUCache<string, Entry>({
    max: MAX_ENTRIES,
    maxSize: MAX_BYTES,
    sizeCalculation: (entry, key) => ENTRY_BYTES + key.length + ('answer' in entry ? entry.answer.length : entry.owner.length),
  });
  private readonly rates = new LocalSlots();
  private readonly buckets = new LocalBuckets();
  private readonly counters = new LocalCounters();

  override lock(key: string, owner: string, lockMs: number): Promise<LockResult> {
    const entry = this.entries.get(key);
    if (entry && 'answer' in entry) return Promise.resolve({ state: 'done', answer: entry.answer });
    if (entry && entry.owner !== owner) return Promise.resolve({ state: 'running', owner: entry.owner });
    this.entries.set(key, { owner }, { ttl: lockMs });
    return Promise.resolve({ state: 'mine' });
  }

  override saveAnswer(key: string, owner: string, answer: string, keepMs: number): Promise<void> {
    if (this.owns(key, owner)) this.entries.set(key, { answer }, { ttl: keepMs });
    return Promise.resolve();
  }

  override unlock(key: string, owner: string): Promise<void> {
    if (this.owns(key, owner)) this.entries.delete(key);
    return Promise.resolve();
  }

  override slots(key: string, perSecond: number, count: number): Promise<number[]> {
    return Promise.resolve(this.rates.take(key, perSecond, count));
  }

  override takeTokens(key: string, rate: BucketRate, want: number, back: number): Promise<TokensTaken> {
    return Promise.resolve(this.buckets.take(key, rate, want, back));
  }

  override takeUnits(
    counters: readonly Counter[],
    want: number,
    back: number,
    seeds: Seeds | null,
  ): Promise<UnitsTaken | 'unknown'> {
    return Promise.resolve(this.counters.take(counters, want, back, seeds));
  }

  override publish(): void {
    // There is no other process.
  }

  override onInvalidation(): void {
    // There is no other process.
  }

  override ping(): Promise<void> {
    return Promise.resolve();
  }

  override close(): Promise<void> {
    this.entries.clear();
    return Promise.resolve();
  }

  private owns(key: string, owner: string): boolean {
    const entry = this.entries.get(key);
    return entry !== undefined && 'owner' in entry && entry.owner === owner;
  }
}
