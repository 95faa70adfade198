import type { DeliveryTask } from './task.js';

/**
 * Who works on received tasks. It hands out room in units of SQS messages: `capacity` reserves, and each unit comes back either
 * through `unused` or as a task of `handle`, which then has it, however it ends.
 */
export interface TaskSource {
  /** Resolves, with 1 or more, when that many SQS messages may be received; they are reserved. Called once before each receive. */
  capacity(): Promise<number>;
  /** Of what `capacity` reserved, `count` messages did not come. */
  unused(count: number): void;
  /** Resolves when every delivery of these tasks is claimed, parked or known to be lost: then they are deleted. Throws: none is. */
  handle(tasks: DeliveryTask[]): Promise<void>;
}
