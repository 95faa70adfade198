import { Injectable } from '@nestjs/common';
import { Log } from '../observability/log.js';
import { Tracer } from '../observability/tracing.js';
import { Backlog, MAX_POLLERS } from './backlog.js';
import { QueueClient } from './queue-client.js';
import { QueueOutage } from './queue-outage.js';
import { TaskPoller } from './task-poller.js';
import type { TaskSource } from './task-source.js';

/** The consumer was started twice. */
export class AlreadyStarted extends Error {
  override readonly name = 'AlreadyStarted';
}

/**
 * Receives tasks, hands them to a TaskSource and deletes them when it is done with them.
 *
 * If the process dies, or a task can't be handled or deleted: the task comes again after its visibility time, here or in another process;
 * whoever is second loses the claim. After 50 receives it is a dead letter. If the queue is away: polling backs off from 0.2 to 5 s, and
 * nothing is lost, since due rows are found in the database. What can't be read goes to the dead-letter queue at once. What a newer
 * release wrote is deleted, since its rows come due for a process that can read them.
 */
@Injectable()
export class TaskConsumer {
  private pollers: TaskPoller[] = [];

  constructor(
    private readonly queue: QueueClient,
    private readonly log: Log,
    private readonly tracer: Tracer,
  ) {}

  /** Whether the queue is the emulator in this process. */
  get isEmbedded(): boolean {
    return this.queue.isEmbedded;
  }

  /** Begins to receive. Throws AlreadyStarted, and QueueNotOpen; may be called again after stop(). */
  start(source: TaskSource): void {
    if (this.pollers.length > 0) throw new AlreadyStarted('the task consumer is started already');
    const shared = { outage: new QueueOutage(this.log), backlog: new Backlog() };
    const poller = (number: number) => new TaskPoller(number, this.queue, shared, source, this.log, this.tracer);
    this.pollers = Array.from({ length: MAX_POLLERS }, (_, number) => poller(number));
  }

  /**
   * Stops receiving and resolves when what was received is handled and deleted. A long poll under way runs out, which takes up to 20 s, and
   * what it brings is handled. With `abort` it is ended instead: what SQS was about to hand out is then
   * hidden for its visibility time. May be called again, with `abort`, to hurry.
   */
  async stop(how: { abort: boolean }): Promise<void> {
    const { pollers } = this;
    await Promise.all(pollers.map((poller) => poller.stop(how)));
    if (this.pollers === pollers) this.pollers = [];
  }
}
