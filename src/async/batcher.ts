interface Waiting<Item, Result> {
  item: Item;
  weight: number;
  /** At which `dropLate` it came. */
  look: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export interface BatcherOptions<Item, Result> {
  /** Handles a batch. Answers one result for each item, in the same order. */
  run(items: Item[]): Promise<Result[]>;
  maxItems: number;
  /** A heavier item runs alone. Without this option weights are not limited. */
  maxWeight?: number;
  /** Called once for each item. Without this option an item weighs nothing. */
  weightOf?(item: Item): number;
  /**
   * Whose the item is. Batches begin with an item of the one whose last turn is the longest ago, so that many items of one do not keep the others
   * waiting. Without this option, and within one owner, items keep the order in which they came. Only with `maxItems` 1.
   */
  ownerOf?(item: Item): string;
  /** How many batches may run at the same time. A function is given the number of items that wait for a batch. */
  concurrency: number | ((waiting: number) => number);
  /**
   * Whether all items of a batch fail with this error. After any other error each of them runs again, alone, so that one bad item
   * does not fail the others. Without this option every error fails the whole batch.
   */
  isTransient?(error: unknown): boolean;
}

/**
 * Gathers items into batches. A lone item does not wait for others: its batch runs at the end of this turn of the event loop. Items that
 * arrive while the maximum number of batches runs wait for the next batch.
 *
 * Items are in memory only. If the process dies, waiting items are lost, and their callers never got a result.
 */
export class Batcher<Item, Result> {
  private queue: Waiting<Item, Result>[] = [];
  private running = 0;
  private scheduled = false;
  private looks = 0;
  private idle: (() => void)[] = [];
  /** Who had a turn since the queue was empty, in that order. */
  private readonly served = new Set<string>();

  constructor(private readonly options: BatcherOptions<Item, Result>) {}

  /** How many items are in no batch yet. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Resolves with the item's result when its batch has run. */
  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.queue.push({ item, weight: this.options.weightOf?.(item) ?? 0, look: this.looks, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when nothing is waiting or running. */
  async flush(): Promise<void> {
    if (this.running === 0 && this.queue.length === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Gives all items that are in no batch yet this result, without running them. Answers how many they were. */
  dropWaiting(result: Result): number {
    const dropped = this.queue.splice(0);
    for (const { resolve } of dropped) resolve(result);
    this.tellIdle();
    return dropped.length;
  }

  /**
   * To be called at regular times. Rejects the items that have waited for `looks` such calls and are in no batch yet; they will not run. Counting
   * calls leaves out the time in which the process itself stood still.
   */
  dropLate(looks: number, error: () => Error): void {
    this.looks++;
    const kept = this.queue.findIndex(({ look }) => this.looks - look <= looks);
    const dropped = this.queue.splice(0, kept === -1 ? this.queue.length : kept);
    for (const { reject } of dropped) reject(error());
    if (dropped.length > 0 && this.queue.length === 0) this.tellIdle();
  }

  /** Batches begin in the check phase of the event loop, so that whatever else the same turn brings joins the batch. */
  private schedule(): void {
    if (this.scheduled || !this.mayRun()) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.mayRun()) void this.runNext();
    });
  }

  private mayRun(): boolean {
    const { concurrency } = this.options;
    const waiting = this.queue.length;
    return waiting > 0 && this.running < (typeof concurrency === 'number' ? concurrency : concurrency(waiting));
  }

  private async runNext(): Promise<void> {
    this.running++;
    const batch = this.takeBatch();
    try {
      await this.settle(batch);
    } finally {
      this.running--;
      if (this.queue.length > 0) this.schedule();
      else this.tellIdle();
    }
  }

  private takeBatch(): Waiting<Item, Result>[] {
    const { maxItems, maxWeight = Infinity } = this.options;
    if (this.options.ownerOf) return this.queue.splice(this.nextTurn(this.options.ownerOf), 1);
    let weight = 0;
    let count = 0;
    for (const { weight: own } of this.queue) {
      if (count >= maxItems || (count > 0 && weight + own > maxWeight)) break;
      weight += own;
      count++;
    }
    return this.queue.splice(0, count);
  }

  /** The place in the queue of the first item of the owner who has waited longest for a turn. */
  private nextTurn(ownerOf: (item: Item) => string): number {
    const firsts = new Map<string, number>();
    this.queue.forEach(({ item }, at) => {
      const owner = ownerOf(item);
      if (!firsts.has(owner)) firsts.set(owner, at);
    });
    // Those without a turn so far go first, in the order in which they came.
    const owner = [...firsts.keys()].find((name) => !this.served.has(name)) ?? [...this.served].find((name) => firsts.has(name))!;
    if (firsts.size === 1) this.served.clear();
    this.served.delete(owner);
    this.served.add(owner);
    return firsts.get(owner)!;
  }

  private async settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.run(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, at) => waiting.resolve(results[at]!));
    } catch (error) {
      if (batch.length === 1 || this.options.isTransient?.(error) !== false) batch.forEach((waiting) => waiting.reject(error));
      else for (const waiting of batch) await this.settle([waiting]);
    }
  }

  private tellIdle(): void {
    if (this.running === 0) this.idle.splice(0).forEach((resolve) => resolve());
  }
}
