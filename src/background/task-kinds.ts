import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';

/** The kinds of background tasks, with their names in the API. */
export const TASK = {
  recover: 'endpoint.recover',
  replayMissing: 'endpoint.replay',
  bulkReplay: 'endpoint.bulk-replay',
  purgeContent: 'application.purge_content',
  appUsage: 'application.stats',
  eventTypes: 'event-type.aggregate',
} as const;

/** A period in Unix milliseconds. `until` is not part of it. */
export interface Span {
  since: number;
  until: number;
}

/** The input of recover and replay-missing. */
export interface EndpointSpan extends Span {
  endpointId: string;
}

/** The input of a bulk replay: which messages it sends again. Null means no restriction. */
export interface BulkReplayInput extends EndpointSpan {
  eventTypes: string[] | null;
  channel: string | null;
  tag: string | null;
  /** 0 success, 1 pending, 2 fail, 3 sending */
  status: number | null;
  /** 200 means 200 to 299, and so on; 0 means that there was no answer. */
  statusCodeClass: number | null;
}

/** The payloads of messages up to this time (Unix milliseconds) are removed. */
export interface PurgeInput {
  until: number;
}

/** `appIds`: the applications to count for, sorted by id; null for all of the organisation. */
export interface AppUsageInput extends Span {
  appIds: string[] | null;
}

/** The task can't go on. The message is shown to its owner. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';
}

/**
 * One kind of background task, done in steps. A step reads a limited number of rows from where the last step ended, and answers what to
 * write. The runner commits that together with the position reached. So a step that was not committed is done again, without harm.
 */
export abstract class TaskKind {
  abstract readonly task: string;

  /** Whether it makes deliveries. If so, it waits while many are due already. */
  abstract readonly makesDeliveries: boolean;

  /** Only reads. Throws TaskFailed if the task can't go on, or a database error. */
  abstract step(task: BackgroundTask): Promise<TaskProgress>;
}

/** How many rows a step reads. */
export const ROWS_PER_STEP = 500;
