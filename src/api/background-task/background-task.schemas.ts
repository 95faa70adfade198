import { z } from 'zod';
import { TaskStatus } from '../../database/entities/background-task.entity.js';
import { iterator, limit, order } from '../http-support/list-query.js';

/** Names that tasks can have; more than there are kinds here, as clients know more. */
const TASKS = [
  'endpoint.replay',
  'endpoint.recover',
  'application.stats',
  'message.broadcast',
  'sdk.generate',
  'event-type.aggregate',
  'application.purge_content',
  'endpoint.bulk-replay',
] as const;

/** Query of the list of background tasks, newest first. */
export const backgroundTaskList = z.object({
  limit,
  iterator: iterator('qtask_'),
  order: order('descending'),
  status: oneOf(['running', 'finished', 'failed'] as const).transform((name) => (name === null ? null : TaskStatus[name])),
  task: oneOf(TASKS),
});

export type BackgroundTaskList = z.output<typeof backgroundTaskList>;

/** A word that isn't one of them can't be read: 400. */
function oneOf<const T extends readonly string[]>(names: T) {
  return z
    .string()
    .transform((text, context): T[number] => {
      if (names.includes(text)) return text;
      context.addIssue({ code: 'custom', message: `Must be one of ${names.join(', ')}`, params: { unparsable: true } });
      return z.NEVER;
    })
    .nullable()
    .default(null);
}
