import type { Registry, TaskDefinition, TaskView } from '../model.js';

export interface TaskOrder {
  definition: TaskDefinition;
  group: Registry;
  zone: string;
  /** One of its own. */
  address: string;
  /** The id of the task set. */
  startedBy: string;
}

/** A line that a task has printed. */
export interface TaskLine {
  taskArn: string;
  address: string;
  stream: 'stdout' | 'stderr';
  text: string;
}

/** More than the model's view of a task has. */
export interface TaskDescription extends TaskView {
  desiredStatus: 'RUNNING' | 'STOPPED';
  createdAt: Date;
  pullStartedAt: Date | null;
  pullStoppedAt: Date | null;
  startedAt: Date | null;
  stoppingAt: Date | null;
  stoppedAt: Date | null;
  /** Counts the changes of its state. */
  version: number;
  containerArn: string;
}

/** When what happened to it; null for what has not happened yet. */
export type Times = Pick<TaskDescription, 'pullStartedAt' | 'pullStoppedAt' | 'startedAt' | 'stoppingAt' | 'stoppedAt'>;
