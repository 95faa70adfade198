import { z } from 'zod';
import { listOf, time } from './common.js';

const taskStatus = z.enum(['running', 'finished', 'failed']);
const taskType = z.enum([
  'endpoint.recover',
  'endpoint.replay',
  'endpoint.bulk-replay',
  'message.broadcast',
  'sdk.generate',
  'event-type.aggregate',
  'application.stats',
  'application.purge_content',
]);
const started = z.object({ id: z.string(), status: taskStatus, task: taskType, updatedAt: time });
const task = started.extend({ data: z.record(z.string(), z.unknown()) });

const deadLetter = z.object({
  id: z.string(),
  kind: z.enum(['delivery', 'task']),
  reason: z.string(),
  since: time,
  appId: z.string().optional(),
  msgId: z.string().optional(),
  endpointId: z.string().optional(),
});

const health = z.object({ status: z.enum(['ok', 'error']) });

/** What the API answers of its own work, by the name in the document. */
export const operationModels: Record<string, z.ZodType> = {
  BackgroundTaskStatus: taskStatus,
  BackgroundTaskType: taskType,
  BackgroundTaskOut: task,
  ListResponse_BackgroundTaskOut_: listOf(task),
  RecoverOut: started,
  ReplayOut: started,
  ExpungeAllContentsOut: started,
  AggregateEventTypesOut: started,
  AppUsageStatsOut: started.extend({ unresolvedAppIds: z.array(z.string()) }),
  MessageBatchOut: z.object({
    data: z.array(
      z.object({ index: z.number().int(), status: z.literal([202, 409, 422]), body: z.record(z.string(), z.unknown()) }),
    ),
  }),
  BulkExpungeOut: z.object({ results: z.record(z.string(), z.enum(['expunged', 'not-found'])) }),
  MessagePrecheckOut: z.object({ active: z.boolean() }),
  DeadLetterOut: deadLetter,
  ListResponse_DeadLetterOut_: listOf(deadLetter),
  HealthOut: z.object({ database: health, queue: health, cache: health }),
};
