/** Most that is remembered, in things and in characters. What is over that is forgotten. */
const MOST = 10_000;
const MAX_CHARS = 16 * 1024 * 1024;
/** So long a lock may stand: afterwards there is nothing to say of it. */
const WORTH_MS = 60_000;

interface Debt {
  tell: () => Promise<unknown>;
  chars: number;
  at: number;
}

/**
 * What a cache that is away could not be told, and is told when it is back: what became of a lock. Without that the lock would stand
 * until it runs out, and whoever repeats the request would wait for it in vain. Gone with the process.
 */
export class DeferredUpdates {
  private debts: Debt[] = [];
  private chars = 0;

  /** `tell` says it, and does no harm said late or twice; `chars`: about how much there is to say. */
  add(tell: () => Promise<unknown>, chars: number): void {
    if (this.debts.length >= MOST || this.chars + chars > MAX_CHARS) return;
    this.debts.push({ tell, chars, at: performance.now() });
    this.chars += chars;
  }

  /** Says everything, once. Never throws, waits for nothing. */
  pay(): void {
    const all = this.debts;
    this.debts = [];
    this.chars = 0;
    const since = performance.now() - WORTH_MS;
    for (const { tell, at } of all) if (at >= since) void tell().catch(() => undefined);
  }
}
