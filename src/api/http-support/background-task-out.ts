import { z } from 'zod';
import { TaskStatus, type BackgroundTask } from '../../database/entities/background-task.entity.js';
import { time } from './answers.js';

export const taskStatus = z.enum(['running', 'finished', 'failed']).meta({ id: 'BackgroundTaskStatus' });

/** The types of tasks that clients know. This server does not have all of them. */
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

/** A task that a request has started. The document has a name for it for each operation. */
export const taskStartedOut = z.object({ id: z.string(), status: taskStatus, task: taskType, updatedAt: time });
export type TaskStartedOut = z.output<typeof taskStartedOut>;

const STATUS: Record<TaskStatus, z.output<typeof taskStatus>> = {
  [TaskStatus.running]: 'running',
  [TaskStatus.finished]: 'finished',
  [TaskStatus.failed]: 'failed',
};

/** The started task as the API shows it. */
export function toTaskStartedOut({ id, status, task, updatedAt }: BackgroundTask): TaskStartedOut {
  return { id, status: STATUS[status], task: task as z.output<typeof taskType>, updatedAt };
}
