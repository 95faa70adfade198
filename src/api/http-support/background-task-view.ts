import { TaskStatus, type BackgroundTask } from '../../database/entities/background-task.entity.js';

const STATUS: Record<TaskStatus, 'running' | 'finished' | 'failed'> = {
  [TaskStatus.running]: 'running',
  [TaskStatus.finished]: 'finished',
  [TaskStatus.failed]: 'failed',
};

/** What whoever asked for a background task is told: where to look for it. */
export interface TaskStartedOut {
  id: string;
  status: 'running' | 'finished' | 'failed';
  task: string;
  updatedAt: Date;
}

/** A background task as the API shows it. */
export type BackgroundTaskOut = TaskStartedOut & { data: object };

export function taskStartedOut({ id, status, task, updatedAt }: BackgroundTask): TaskStartedOut {
  return { id, status: STATUS[status], task, updatedAt };
}

export function backgroundTaskOut(task: BackgroundTask): BackgroundTaskOut {
  return { ...taskStartedOut(task), data: task.data };
}
