import { z } from 'zod';
import { TaskStatus, type BackgroundTask } from '../../database/entities/background-task.entity.js';
import { listOf } from '../http-support/answers.js';
import { taskStartedOut, taskStatus, taskType, toTaskStartedOut } from '../http-support/background-task-out.js';
import { queryText } from '../http-support/bounded.js';
import { iterator, limit, order } from '../http-support/list-query.js';

/** Query parameters of the list of background tasks. */
export const backgroundTaskList = z.object({
  limit,
  iterator: iterator('qtask_'),
  order: order('descending'),
  status: oneOf(taskStatus.options).transform((name) => (name === null ? null : TaskStatus[name])),
  task: oneOf(taskType.options),
});

/** A background task. `data` is its progress, or its result. */
export const backgroundTaskOut = taskStartedOut
  .extend({ data: z.record(z.string(), z.unknown()) })
  .meta({ id: 'BackgroundTaskOut' });
export const backgroundTaskPage = listOf(backgroundTaskOut);

export type BackgroundTaskList = z.output<typeof backgroundTaskList>;
export type BackgroundTaskOut = z.output<typeof backgroundTaskOut>;

/** The task as the API shows it. */
export function toBackgroundTaskOut(task: BackgroundTask): BackgroundTaskOut {
  return { ...toTaskStartedOut(task), data: task.data as Record<string, unknown> };
}

/** One of the names; any other text is a 400. */
function oneOf<const T extends readonly string[]>(names: T) {
  return queryText
    .transform((text, context): T[number] => {
      if (names.includes(text)) return text;
      context.addIssue({ code: 'custom', message: `Must be one of ${names.join(', ')}`, params: { unparsable: true } });
      return z.NEVER;
    })
    .nullable()
    .default(null);
}
