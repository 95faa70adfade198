import { Injectable } from '@nestjs/common';
import { Log } from '../observability/log.js';
import { Tracer } from '../observability/tracing.js';
import { PollingState } from './polling-state.js';
import { QueueClient } from './queue-client.js';
import { TaskDeletions } from './task-deletions.js';
import { TaskPoller, type PollerParts } from './task-poller.js';
import type { TaskSource } from './task-source.js';

/** While one handles what it received, the other receives. */
const POLLERS = 2;

/** The consumer was started twice. */
export class AlreadyStarted extends Error {
  override readonly name = 'AlreadyStarted';
}

/**
 * Receives tasks, hands them to a TaskSource and deletes them when it is done with them.
 *
 * When the process dies, or a task can't be handled or deleted, the task comes again after its visibility time, here or elsewhere;
 * whoever is second loses the claim. After 50 times it is a dead letter. When the queue is away, polling backs off from 0.2 to
 * 5 s; nothing is lost, since due rows are found in the database. What can't be read goes to the dead-letter queue at once; what
 * a newer release wrote is deleted, since its rows come due for one that can read them.
 */
@Injectable()
export class TaskConsumer {
  private readonly parts: PollerParts;
  private pollers: TaskPoller[] = [];

  constructor(
    queue: QueueClient,
    private readonly log: Log,
    private readonly tracer: Tracer,
  ) {
    this.parts = { queue, state: new PollingState(log), deletions: new TaskDeletions(queue, log) };
  }

  /** Begins to receive, unless paused. Throws AlreadyStarted, and QueueNotOpen; may be called again after stop(). */
  start(source: TaskSource): void {
    if (this.pollers.length > 0) throw new AlreadyStarted('the task consumer is started already');
    const poller = () => new TaskPoller(this.parts, source, this.log, this.tracer);
    this.pollers = Array.from({ length: POLLERS }, poller);
  }

  /**
   * Stops receiving and resolves when what was received is handled and deleted. A long poll under way is let run out, which takes
   * up to 20 s, and what it brings is handled; with `abort` it is ended, and what SQS was about to hand out is hidden for its
   * visibility time. May be called again, with `abort`, to hurry.
   */
  async stop(how: { abort: boolean }): Promise<void> {
    const { pollers } = this;
    await Promise.all(pollers.map((poller) => poller.stop(how)));
    await this.parts.deletions.flush();
    if (this.pollers === pollers) this.pollers = [];
  }

  /** No further receive begins until resume(). A long poll under way may still bring tasks, and they are handled. */
  pause(): void {
    this.parts.state.pause();
  }

  resume(): void {
    this.parts.state.resume();
  }
}
