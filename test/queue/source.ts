import type { DeliveryTask } from '../../src/queue/task.js';
import type { TaskSource } from '../../src/queue/task-source.js';
import { namesOf } from './embedded.js';

/** A source with so many places; `handled` says what was handed over, and `fails` how often it refuses. */
export class Source implements TaskSource {
  handled: string[] = [];
  batches: number[] = [];
  fails = 0;
  most = 0;
  private held = 0;
  private waiters: (() => void)[] = [];

  constructor(
    private places: number,
    private readonly work: (tasks: DeliveryTask[]) => Promise<void> = () => Promise.resolve(),
    private readonly mostAtATime = 10,
  ) {}

  get free(): number {
    return this.places - this.held;
  }

  async capacity(): Promise<number> {
    while (this.free < 1) await new Promise<void>((resolve) => this.waiters.push(resolve));
    const granted = Math.min(this.mostAtATime, this.free);
    this.held += granted;
    this.most = Math.max(this.most, this.held);
    return granted;
  }

  unused(count: number): void {
    this.held -= count;
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  async handle(tasks: DeliveryTask[]): Promise<void> {
    try {
      this.batches.push(tasks.length);
      await this.work(tasks);
      if (this.fails > 0) {
        this.fails -= 1;
        throw new Error('the database is away');
      }
      this.handled.push(...namesOf(tasks));
    } finally {
      this.unused(tasks.length);
    }
  }

  grow(count: number): void {
    this.places += count;
    this.unused(0);
  }
}
