import type { TaskProgress } from '../database/repositories/background-task.repository.js';
import type { BackgroundTask } from '../database/entities/background-task.entity.js';

/** The kinds of background tasks, by the API's names. */
export const TASK = {
  recover: 'endpoint.recover',
  replayMissing: 'endpoint.replay',
  bulkReplay: 'endpoint.bulk-replay',
  purgeContent: 'application.purge_content',
  appUsage: 'application.stats',
  eventTypes: 'event-type.aggregate',
} as const;

/** From when to when, as Unix milliseconds; the end is not part of it. */
export interface Span {
  since: number;
  until: number;
}

/** What recover and replay-missing work on. */
export interface EndpointSpan extends Span {
  endpointId: string;
}

/** Which messages a bulk replay sends again. Null means no restriction. */
export interface BulkReplayInput extends EndpointSpan {
  eventTypes: string[] | null;
  channel: string | null;
  tag: string | null;
  /** 0 success, 1 pending, 2 fail, 3 sending */
  status: number | null;
  /** 200 stands for 200 to 299, and so on; 0 for no answer. */
  statusCodeClass: number | null;
}

/** Messages up to this moment (Unix milliseconds) lose their payload. */
export interface PurgeInput {
  until: number;
}

/** Whose deliveries are counted, sorted by id; null for all applications of the organisation. */
export interface AppUsageInput extends Span {
  appIds: string[] | null;
}

/** A task can't be done any more, for a reason that its owner will read. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';
}

/**
 * One kind of long work, cut into steps. A step reads a limited number of rows from where the last one ended, and says what is to
 * be written; the runner commits that together with how far it came. So a step that was not committed is simply done again.
 */
export abstract class TaskKind {
  abstract readonly task: string;

  /** Whether it makes deliveries: then it waits while many are due already. */
  abstract readonly feedsWorkers: boolean;

  /** Reads only. Throws TaskFailed when going on makes no sense, or a database error. */
  abstract step(task: BackgroundTask): Promise<TaskProgress>;
}

/** Rows that a step looks at. */
export const ROWS_PER_STEP = 500;
