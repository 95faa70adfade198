import type { BackgroundTaskOut } from 'svix';
import { svix } from '../client.js';
import { useList, type List } from '../list.js';
import { consoleKeys } from './names.js';

/** Kinds of work that this service does in the background. */
export const TASK_KINDS = [
  'endpoint.recover',
  'endpoint.replay',
  'endpoint.bulk-replay',
  'application.purge_content',
  'application.stats',
  'event-type.aggregate',
] as const;
export const TASK_STATES = ['running', 'finished', 'failed'] as const;

export type TaskKind = (typeof TASK_KINDS)[number];
export type TaskState = (typeof TASK_STATES)[number];

/** Background tasks of the organisation, newest first. Asked every 2 s while one runs. */
export function useTasks(filter: { status: string | null; task: string | null }, enabled: boolean): List<BackgroundTaskOut> {
  const given = {
    ...(filter.status !== null && { status: filter.status as BackgroundTaskOut['status'] }),
    ...(filter.task !== null && { task: filter.task as BackgroundTaskOut['task'] }),
  };
  return useList({
    key: [...consoleKeys.tasks, filter],
    page: (iterator) => svix().backgroundTask.list({ iterator, limit: 50, ...given }),
    isFinal: ({ status }) => status !== 'running',
    enabled,
    gather: false,
  });
}
