import { Injectable } from '@nestjs/common';
import { Condition } from '../async/condition.js';
import type { TaskSource } from '../queue/task-source.js';
import { DELIVERIES_PER_TASK, type DeliveryTask } from '../queue/task.js';
import { ReleaseGate } from '../release/release-gate.js';
import { Dispatcher } from './dispatcher.js';
import { Permits } from './permits.js';

/** The worker stops. The tasks that it has not claimed stay in the queue and come again. */
export class WorkerStopping extends Error {
  override readonly name = 'WorkerStopping';
}

/**
 * Between the queue and the dispatcher: says when tasks may be received, and hands them on. Nothing is received while the release gate gives
 * this process no share of the work, while scans fail because the database is away, or while too few permits are free.
 */
@Injectable()
export class TaskHandler implements TaskSource {
  private readonly state = new Condition();
  private isDatabaseAway = false;

  constructor(
    private readonly permits: Permits,
    private readonly dispatcher: Dispatcher,
    private readonly gate: ReleaseGate,
  ) {
    gate.onChange(() => this.state.changed());
  }

  get pace(): number {
    return this.gate.pace;
  }

  set databaseAway(isAway: boolean) {
    this.isDatabaseAway = isAway;
    this.state.changed();
  }

  /**
   * Waits until a receive makes sense, and answers how many SQS messages the queue's permits are enough for: 1 to `most`. It waits until that many
   * deliveries fit, or until an eighth of the queue's permits is free, whichever is less. An eighth, because the hand-off (three quarters) can never
   * take that from the queue (nine tenths), and because in a process with few permits a single hanging delivery must not stop the receives. With 100
   * permits it asks for 9 messages as soon as 11 permits are free; deliveries beyond the free permits wait in the dispatcher.
   *
   * No permit is taken here: a long poll must not keep permits from the hand-off.
   */
  async room(most: number, stop: AbortSignal): Promise<number> {
    const messages = () => Math.min(most, Math.max(1, Math.floor(this.permits.max('queue') / DELIVERIES_PER_TASK)));
    // Asked again after each change: when traffic is shifted away, fewer permits are left than were needed before.
    const needed = () => Math.min(messages() * DELIVERIES_PER_TASK, Math.max(1, Math.floor(this.permits.max('queue') / 8)));
    for (;;) {
      await this.state.until(() => this.mayReceive, stop);
      await this.permits.waitFor('queue', needed, stop);
      if (stop.aborted || this.mayReceive) return messages();
    }
  }

  async handle(tasks: DeliveryTask[]): Promise<void> {
    const refs = tasks.flatMap(({ appId, deliveries }) => deliveries.map((delivery) => ({ appId, ...delivery })));
    if (!(await this.dispatcher.dispatch(refs, 'queue'))) throw new WorkerStopping('the worker stops');
  }

  private get mayReceive(): boolean {
    return !this.isDatabaseAway && this.gate.share > 0;
  }
}
