import { z } from 'zod';
import { STALE_AFTER_MS, type RunningTask } from '../../database/repositories/running-task.repository.js';
import { listOf, time } from '../http-support/answers.js';
import { limit } from '../http-support/list-query.js';

/** Query parameters of the list of running tasks. The iterator is the id of a task, with a leading `-` for the page before. */
export const runningTaskList = z.object({
  limit,
  iterator: z
    .string()
    .max(257)
    .regex(/^[\x21-\x7e]+$/, 'Must be the id of a task')
    .nullable()
    .default(null),
});

const role = z.enum(['api', 'worker']);
const dependency = z.enum(['up', 'away']);

/** A running task of the service, as it was `ageSeconds` ago. */
export const runningTaskOut = z
  .object({
    id: z.string(),
    version: z.string(),
    roles: z.array(role),
    startedAt: time,
    seenAt: time,
    ageSeconds: z.number(),
    stale: z.boolean(),
    targetGroup: z.string().nullable(),
    trafficShare: z.number(),
    draining: z.boolean(),
    dependencies: z.record(z.string(), dependency),
    loopDelayMs: z.number(),
    memoryBytes: z.number(),
    deliveriesInWork: z.number().nullable(),
  })
  .meta({ id: 'RunningTaskOut' });
export const runningTaskPage = listOf(runningTaskOut);

export type RunningTaskList = z.output<typeof runningTaskList>;
export type RunningTaskOut = z.output<typeof runningTaskOut>;

/** The task as the API shows it. */
export function toRunningTaskOut({ ageMs, uptimeMs, roles, ...task }: RunningTask): RunningTaskOut {
  return {
    ...task,
    roles: roles.filter((one) => one === 'api' || one === 'worker'),
    startedAt: new Date(task.seenAt.getTime() - uptimeMs),
    ageSeconds: Math.round(ageMs / 100) / 10,
    stale: ageMs > STALE_AFTER_MS,
  };
}
