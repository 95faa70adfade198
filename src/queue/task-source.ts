import type { DeliveryTask } from './task.js';

/** Who works on received tasks. */
export interface TaskSource {
  /**
   * Called before each receive. Resolves when there is room for tasks, or as soon as `stop` is aborted, with how many SQS messages the next
   * receive may bring: 1 to `most`.
   */
  room(most: number, stop: AbortSignal): Promise<number>;
  /** Resolves when every delivery of these tasks is claimed, postponed or known to be lost: then the tasks are deleted. If it throws, none is. */
  handle(tasks: DeliveryTask[]): Promise<void>;
}
