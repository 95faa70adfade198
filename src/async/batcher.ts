interface Waiting<Item, Result> {
  item: Item;
  weight: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export interface BatcherOptions<Item, Result> {
  /** Handles a batch; one result an item, in order. */
  run(items: Item[]): Promise<Result[]>;
  /** Most items of a batch. */
  most: number;
  /** Most weight of a batch; a single heavier item still runs, alone. */
  mostWeight: number;
  weightOf(item: Item): number;
  /** How many batches may run at the same time. */
  concurrency: number;
  /** Whether an error is the world's (the whole batch fails) and not some item's (each item is then tried alone). */
  isTransient(error: unknown): boolean;
}

/**
 * Gathers what arrives while a batch is running into the next one. A lone item waits for nobody: it runs at the end of this
 * turn of the event loop. Nothing is kept here: an item whose process dies was not answered yet.
 */
export class Batcher<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private running = 0;
  private scheduled = false;
  private idle: (() => void)[] = [];

  constructor(private readonly options: BatcherOptions<Item, Result>) {}

  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, weight: this.options.weightOf(item), resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when nothing is waiting or running. */
  async flush(): Promise<void> {
    if (this.running === 0 && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** In the check phase: whatever else the same turn brings joins the batch. */
  private schedule(): void {
    if (this.scheduled || this.running >= this.options.concurrency) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.running < this.options.concurrency && this.waiting.length > 0) void this.runNext();
    });
  }

  private async runNext(): Promise<void> {
    this.running++;
    const batch = this.takeBatch();
    try {
      await this.settle(batch);
    } finally {
      this.running--;
      if (this.waiting.length > 0) this.schedule();
      else if (this.running === 0) this.idle.splice(0).forEach((resolve) => resolve());
    }
  }

  private takeBatch(): Waiting<Item, Result>[] {
    let weight = 0;
    let count = 0;
    for (const { weight: own } of this.waiting) {
      if (count >= this.options.most || (count > 0 && weight + own > this.options.mostWeight)) break;
      weight += own;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.run(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, at) => waiting.resolve(results[at]!));
    } catch (error) {
      if (batch.length === 1 || this.options.isTransient(error)) batch.forEach((waiting) => waiting.reject(error));
      else for (const waiting of batch) await this.settle([waiting]);
    }
  }
}
