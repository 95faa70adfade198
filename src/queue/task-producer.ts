import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { Injectable } from '@nestjs/common';
import { Batcher } from '../async/batcher.js';
import { startCountdown, withTimeout } from '../async/time-limit.js';
import { Log } from '../observability/log.js';
import { Tracer } from '../observability/tracing.js';
import { LostTasks } from './lost-tasks.js';
import { CALL_LIMIT_MS, QueueClient } from './queue-client.js';
import { formatTask, formatTraces, TRACES, type DeliveryTask } from './task.js';

/** SQS takes 10 entries per call. A task is smaller than 2 kB, so that ten stay far below the limit of 1 MiB. */
const TASKS_PER_CALL = 10;
const CALLS_IN_FLIGHT = 8;
const MAX_WAITING = 10_000;
const FLUSH_LIMIT_MS = 5_000;

/** SQS answered, but refused some entries, also when they were sent again. */
export class EntriesRefused extends Error {
  override readonly name = 'EntriesRefused';
}

/** More tasks were waiting than the producer keeps. */
export class TooManyWaiting extends Error {
  override readonly name = 'TooManyWaiting';
}

/**
 * Sends tasks in batches: tasks of the same turn of the event loop share calls. A lone task does not wait for others, unless a call is in
 * flight: fewer tasks than fit into a call wait for the end of that one.
 *
 * `send` never throws. A task only wakes a worker for rows that are committed already: if it could not be sent, or this process dies
 * first, the scanner finds the rows when they come due. A task may be sent twice.
 */
@Injectable()
export class TaskProducer {
  private readonly lost: LostTasks;
  private readonly batcher = new Batcher<DeliveryTask, void>({
    run: (tasks) => this.call(tasks),
    maxItems: TASKS_PER_CALL,
    concurrency: (waiting) => (waiting < TASKS_PER_CALL ? 1 : CALLS_IN_FLIGHT),
  });

  constructor(
    private readonly queue: QueueClient,
    log: Log,
    private readonly tracer: Tracer,
  ) {
    this.lost = new LostTasks(log);
  }

  /** How many tasks did not reach the queue so far. */
  get lostTasks(): number {
    return this.lost.total;
  }

  /** Resolves when each task was sent or given up. */
  async send(tasks: DeliveryTask[]): Promise<void> {
    const room = Math.max(0, MAX_WAITING - this.batcher.waiting);
    if (tasks.length > room)
      this.lost.add(tasks.length - room, 0, new TooManyWaiting(`more than ${MAX_WAITING} tasks are waiting`));
    await Promise.all(tasks.slice(0, room).map((task) => this.batcher.add(task)));
  }

  /** Resolves when nothing is waiting or in flight; after `limitMs` what still waits is given up. For the shutdown. */
  async flush(limitMs = FLUSH_LIMIT_MS): Promise<void> {
    const stopCounting = startCountdown(limitMs, () => this.giveUp());
    await this.batcher.flush();
    stopCounting();
    this.lost.report();
  }

  /** One call, and a second one for the entries that SQS refused. Never throws. */
  private async call(tasks: DeliveryTask[]): Promise<void[]> {
    let left = tasks.map(entryOf);
    try {
      const first = await this.refused(left);
      left = left.filter(({ Id }) => first.has(Id));
      const second = left.length > 0 ? await this.refused(left) : first;
      left = left.filter(({ Id }) => second.has(Id));
      if (left.length > 0) throw new EntriesRefused(`SQS refused them twice: ${[...new Set(second.values())].join(', ')}`);
    } catch (error) {
      this.lost.add(left.length, 1, error);
    }
    return tasks.map(() => undefined);
  }

  /** Sends the entries. Answers the ids and reasons of those that SQS refused: it refuses single entries in an answer with status 200. */
  private async refused(entries: SendMessageBatchRequestEntry[]): Promise<Map<string | undefined, string | undefined>> {
    const command = new SendMessageBatchCommand({ QueueUrl: this.queue.url, Entries: entries });
    const attributes = { 'messaging.system': 'aws_sqs', 'messaging.batch.message_count': entries.length };
    const call = () => withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
    const { Failed } = await this.tracer.span('send tasks', attributes, call, { kind: 'producer' });
    return new Map(Failed?.map(({ Id, Code }) => [Id, Code]));
  }

  private giveUp(): void {
    const dropped = this.batcher.dropWaiting(undefined);
    if (dropped > 0) this.lost.add(dropped, 0, new TooManyWaiting('tasks were waiting when the process ended'));
  }
}

/** On a standard queue the group makes SQS serve the applications fairly. It does not put the messages into an order. */
function entryOf(task: DeliveryTask, index: number): SendMessageBatchRequestEntry {
  const entry = { Id: String(index), MessageBody: formatTask(task), MessageGroupId: task.appId };
  const traces = formatTraces(task);
  return traces === null ? entry : { ...entry, MessageAttributes: { [TRACES]: { DataType: 'String', StringValue: traces } } };
}
