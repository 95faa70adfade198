import type { DeliveryTask } from './task.js';

/** Handles the tasks that the consumer receives. The worker implements it. */
export interface TaskSource {
  /** 0 to 1: in which part of the time this process may receive. */
  readonly pace: number;
  /**
   * Called before each receive. Resolves as soon as the next receive makes sense, with the number of SQS messages that it may bring, from
   * 1 to `most`. Resolves too when `stop` is aborted.
   */
  room(most: number, stop: AbortSignal): Promise<number>;
  /** Resolves when every delivery of these tasks is claimed or postponed, or needs nothing: then the tasks are deleted. If it rejects, none is. */
  handle(tasks: DeliveryTask[]): Promise<void>;
}
