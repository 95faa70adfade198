import type { DeliveryTask } from '../../src/queue/task.js';
import type { TaskSource } from '../../src/queue/task-source.js';
import { namesOf } from './embedded.js';

/** A source that has room for `places` tasks at a time. */
export class Source implements TaskSource {
  pace = 1;
  /** Names of the handled tasks. */
  handled: string[] = [];
  /** How many tasks each call of `handle` got. */
  batches: number[] = [];
  /** How many calls of `handle` reject. */
  fails = 0;
  /** The most tasks that were handled at a time. */
  most = 0;
  private held = 0;
  private waiters: (() => void)[] = [];

  constructor(
    private places: number,
    private readonly work: (tasks: DeliveryTask[]) => Promise<void> = () => Promise.resolve(),
  ) {}

  async room(most: number, stop: AbortSignal): Promise<number> {
    stop.addEventListener('abort', () => this.wake());
    while (this.held >= this.places && !stop.aborted) await new Promise<void>((resolve) => this.waiters.push(resolve));
    return Math.max(1, Math.min(most, this.places - this.held));
  }

  async handle(tasks: DeliveryTask[]): Promise<void> {
    this.held += tasks.length;
    this.most = Math.max(this.most, this.held);
    try {
      this.batches.push(tasks.length);
      await this.work(tasks);
      if (this.fails > 0) {
        this.fails -= 1;
        throw new Error('the database is away');
      }
      this.handled.push(...namesOf(tasks));
    } finally {
      this.held -= tasks.length;
      this.wake();
    }
  }

  /** Adds places. */
  grow(count: number): void {
    this.places += count;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}
