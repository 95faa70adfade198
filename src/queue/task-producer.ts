import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { Injectable } from '@nestjs/common';
import { Log } from '../observability/log.js';
import { startCountdown } from '../async/time-limit.js';
import { Tracer } from '../observability/tracing.js';
import { LostTasks } from './lost-tasks.js';
import { CALL_LIMIT_MS, QueueClient } from './queue-client.js';
import { formatTask, formatTraces, TRACES, type DeliveryTask } from './task.js';
import { within } from './time-limit.js';

/** SQS takes 10 entries a call. A task is below 2 kB, so that ten never come near the limit of 1 MiB. */
const TASKS_PER_CALL = 10;
const CALLS_IN_FLIGHT = 8;
const MAX_WAITING = 10_000;
const FLUSH_LIMIT_MS = 5_000;

interface Waiting {
  task: DeliveryTask;
  settled: () => void;
}

/** SQS answered, but did not take every entry. */
export class EntriesRefused extends Error {
  override readonly name = 'EntriesRefused';
}

/** More tasks were waiting than the producer keeps. */
export class TooManyWaiting extends Error {
  override readonly name = 'TooManyWaiting';
}

/**
 * Sends tasks in batches: what callers hand over in the same turn of the event loop shares calls, and a lone caller waits for
 * nobody. Less than a call holds waits for the end of one that is under way.
 *
 * A task is a wake-up call for rows that are committed already, so nothing here throws: what could not be sent, because the
 * queue or this process died or too much was waiting, comes due in the database. A task may be sent twice.
 */
@Injectable()
export class TaskProducer {
  private readonly lost: LostTasks;
  private waiting: Waiting[] = [];
  private turn: NodeJS.Immediate | null = null;
  private inFlight = 0;
  private idle: (() => void)[] = [];

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

  /** Resolves when each task was sent or given up. Never throws. */
  async send(tasks: DeliveryTask[]): Promise<void> {
    const room = Math.max(0, MAX_WAITING - this.waiting.length);
    if (tasks.length > room)
      this.lost.add(tasks.length - room, 0, new TooManyWaiting(`more than ${MAX_WAITING} tasks are waiting`));
    const settled = tasks
      .slice(0, room)
      .map((task) => new Promise<void>((resolve) => this.waiting.push({ task, settled: resolve })));
    if (settled.length > 0) this.turn ??= setImmediate(() => this.pump());
    await Promise.all(settled);
  }

  /** Resolves when nothing is waiting or in flight; after `limitMs` what still waits is given up. For the shutdown. */
  async flush(limitMs = FLUSH_LIMIT_MS): Promise<void> {
    const stopCounting = startCountdown(limitMs, () => this.giveUp());
    this.pump();
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    stopCounting();
    this.lost.report();
  }

  private pump(): void {
    if (this.turn) clearImmediate(this.turn);
    this.turn = null;
    while (this.waiting.length > 0 && this.inFlight < (this.waiting.length < TASKS_PER_CALL ? 1 : CALLS_IN_FLIGHT)) {
      this.inFlight += 1;
      void this.call(this.waiting.splice(0, TASKS_PER_CALL));
    }
    if (this.inFlight > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private async call(batch: Waiting[]): Promise<void> {
    let left = batch.map(({ task }, index) => entryOf(task, index));
    try {
      const first = await this.refused(left);
      left = left.filter(({ Id }) => first.has(Id));
      const second = left.length > 0 ? await this.refused(left) : first;
      left = left.filter(({ Id }) => second.has(Id));
      if (left.length > 0) throw new EntriesRefused(`twice, with ${[...new Set(second.values())].join(', ')}`);
    } catch (error) {
      this.lost.add(left.length, 1, error);
    }
    this.inFlight -= 1;
    for (const { settled } of batch) settled();
    this.pump();
  }

  /** Sends the entries; returns the ids of those that SQS refused, which it does in an answer of 200, with its reasons. */
  private async refused(entries: SendMessageBatchRequestEntry[]): Promise<Map<string | undefined, string | undefined>> {
    const command = new SendMessageBatchCommand({ QueueUrl: this.queue.url, Entries: entries });
    const attributes = { 'messaging.system': 'aws_sqs', 'messaging.batch.message_count': entries.length };
    const call = () => within(CALL_LIMIT_MS, (options) => this.queue.sqs.send(command, options));
    const { Failed } = await this.tracer.span('send tasks', attributes, call, { kind: 'producer' });
    return new Map(Failed?.map(({ Id, Code }) => [Id, Code]));
  }

  private giveUp(): void {
    const given = this.waiting.splice(0);
    if (given.length > 0) this.lost.add(given.length, 0, new TooManyWaiting('tasks were waiting when the process ended'));
    for (const { settled } of given) settled();
  }
}

/** On a standard queue the group makes SQS serve the applications fairly; it orders nothing. */
function entryOf(task: DeliveryTask, index: number): SendMessageBatchRequestEntry {
  const entry = { Id: String(index), MessageBody: formatTask(task), MessageGroupId: task.appId };
  const traces = formatTraces(task);
  return traces === null ? entry : { ...entry, MessageAttributes: { [TRACES]: { DataType: 'String', StringValue: traces } } };
}
