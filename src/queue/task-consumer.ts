import { Injectable } from '@nestjs/common';
import { Log } from '../observability/log.js';
import { Tracer } from '../observability/tracing.js';
import { ActivePollers, MAX_POLLERS } from './active-pollers.js';
import { QueueClient } from './queue-client.js';
import { QueueOutage } from './queue-outage.js';
import { TaskPoller } from './task-poller.js';
import type { TaskSource } from './task-source.js';

/** The consumer is running already. */
export class AlreadyStarted extends Error {
  override readonly name = 'AlreadyStarted';
}

/**
 * Receives tasks from the queue, passes them to a TaskSource and deletes those that it has handled.
 *
 * - If the process dies, or a task cannot be handled or deleted: SQS delivers the task again after its visibility timeout. A claim that
 *   was made meanwhile prevents a second request. After 50 receives SQS moves the task to the dead-letter queue.
 * - If SQS cannot be reached: each poller tries again after 0.2 to 2 s. The scanner finds due deliveries in the database.
 * - A message that is not a task goes to the dead-letter queue at once.
 * - A task of a newer release is deleted. Its deliveries come due in the database, where that release finds them.
 */
@Injectable()
export class TaskConsumer {
  private pollers: TaskPoller[] = [];

  constructor(
    private readonly queue: QueueClient,
    private readonly log: Log,
    private readonly tracer: Tracer,
  ) {}

  /** Whether the queue is an emulator in this process. */
  get isEmbedded(): boolean {
    return this.queue.isEmbedded;
  }

  /** Begins to receive. May be called again after stop(). Throws AlreadyStarted and QueueNotOpen. */
  start(source: TaskSource): void {
    if (this.pollers.length > 0) throw new AlreadyStarted('The task consumer is running already: call stop() first.');
    const shared = { outage: new QueueOutage(this.log), active: new ActivePollers() };
    const poller = (number: number) => new TaskPoller(number, this.queue, shared, source, this.log, this.tracer);
    this.pollers = Array.from({ length: MAX_POLLERS }, (_, number) => poller(number));
  }

  /**
   * Stops receiving. Resolves when every received task is handled and deleted.
   *
   * Without `abort`, receives that are under way end by themselves, after 20 s at most, and their tasks are handled. With `abort` they end
   * now. Tasks that SQS was sending at that moment come again after their visibility timeout. A second call with `abort` shortens a stop
   * that was begun without it.
   */
  async stop(options: { abort: boolean }): Promise<void> {
    const { pollers } = this;
    await Promise.all(pollers.map((poller) => poller.stop(options)));
    if (this.pollers === pollers) this.pollers = [];
  }
}
