import { z } from 'zod';
import { TaskStatus, type BackgroundTask } from '../../database/entities/background-task.entity.js';
import { time } from './answers.js';

export const taskStatus = z.enum(['running', 'finished', 'failed']).meta({ id: 'BackgroundTaskStatus' });

/** Kinds of tasks; more than this server has, because clients know more. */
export const taskType = z
  .enum([
    'endpoint.recover',
    'endpoint.replay',
    'endpoint.bulk-replay',
    'message.broadcast',
    'sdk.generate',
    'event-type.aggregate',
    'application.stats',
    'application.purge_content',
  ])
  .meta({ id: 'BackgroundTaskType' });

/** The answer to a request that started a task: where to look for it. Each operation has its own name for it. */
export const taskStartedOut = z.object({ id: z.string(), status: taskStatus, task: taskType, updatedAt: time });
export type TaskStartedOut = z.output<typeof taskStartedOut>;

const STATUS: Record<TaskStatus, z.output<typeof taskStatus>> = {
  [TaskStatus.running]: 'running',
  [TaskStatus.finished]: 'finished',
  [TaskStatus.failed]: 'failed',
};

/** The task as the API shows it to the caller who started it. */
export function toTaskStartedOut({ id, status, task, updatedAt }: BackgroundTask): TaskStartedOut {
  return { id, status: STATUS[status], task: task as z.output<typeof taskType>, updatedAt };
}
