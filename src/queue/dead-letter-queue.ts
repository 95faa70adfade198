import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { Injectable } from '@nestjs/common';
import { Mutex } from '../async/mutex.js';
import { withTimeout } from '../async/time-limit.js';
import { Log } from '../observability/log.js';
import { CALL_LIMIT_MS, QueueClient } from './queue-client.js';
import { parseTask } from './task.js';

const MAX_INSPECTED = 100;
const MESSAGES_PER_CALL = 10;
/** How long received messages are hidden from other receives. If this process dies, they are visible again after this time. */
const VISIBILITY_SECONDS = 20;
/** No further batch is moved after this time. */
const REDRIVE_LIMIT_MS = 10_000;

/** A task in the dead-letter queue. */
export interface DeadTask {
  /** Id of the SQS message. */
  id: string;
  reason: string;
  /** SQS's SentTimestamp. */
  since: Date;
  /** null if the message is not a task. */
  appId: string | null;
}

/** A task that was received and is hidden from other receives. */
interface ReceivedTask extends DeadTask {
  message: Message;
}

/**
 * Lists the tasks in the dead-letter queue, and moves them back to the queue.
 *
 * SQS shows messages only to a receive, which hides them from others. So each operation makes the messages that it leaves visible again,
 * and this process runs one operation at a time.
 *
 * If the process dies between the send to the queue and the delete: the task is in both queues.
 * If it dies before that: the task is visible again after 20 s.
 */
@Injectable()
export class DeadLetterQueue {
  private readonly mutex = new Mutex();
  /** Operations that have not begun. A second caller of the same operation gets the same promise. */
  private readonly waiting = new Map<string, Promise<unknown>>();

  constructor(
    private readonly queue: QueueClient,
    private readonly log: Log,
  ) {}

  /** Some of the tasks, about 100 at most. Throws SQS's errors and TimedOut. */
  list(): Promise<DeadTask[]> {
    return this.shared('list', [], async (url) => {
      const received = await this.receive(url, MAX_INSPECTED);
      await this.makeVisible(url, received);
      return received.map(({ message: _message, ...task }) => task);
    });
  }

  /** Shows `choose` what `list` would return, and moves the tasks with the ids that it answers back to the queue. Resolves with their number. */
  redrive(choose: (tasks: DeadTask[]) => Promise<ReadonlySet<string>>): Promise<number> {
    return this.exclusive(0, async (url) => {
      const received = await this.receive(url, MAX_INSPECTED);
      const chosen = await choose(received);
      const moved = await this.move(
        url,
        received.filter(({ id }) => chosen.has(id)),
      );
      await this.makeVisible(
        url,
        received.filter(({ id }) => !chosen.has(id)),
      );
      return moved;
    });
  }

  /**
   * Moves all tasks back to the queue that were in the dead-letter queue when it began. Messages that are not tasks come back from the
   * queue meanwhile: they are not moved again. Resolves with the number of moved tasks.
   *
   * @param whose the name of those who own what `choose` chooses: calls with the same name may share one run
   * @param choose the ids of the tasks that are moved; the others stay
   */
  redriveAll(whose: string, choose: (tasks: DeadTask[]) => Promise<ReadonlySet<string>>): Promise<number> {
    return this.shared(`redrive all ${whose}`, 0, async (url) => {
      const startedAt = Date.now();
      const left: ReceivedTask[] = [];
      let moved = 0;
      while (Date.now() - startedAt < REDRIVE_LIMIT_MS) {
        const received = await this.receive(url, MESSAGES_PER_CALL);
        if (received.length === 0) break;
        const older = received.filter(({ since }) => since.getTime() <= startedAt);
        const chosen = await choose(older);
        const mine = older.filter(({ id }) => chosen.has(id));
        left.push(...received.filter((task) => !mine.includes(task)));
        moved += await this.move(url, mine);
      }
      await this.makeVisible(url, left);
      return moved;
    });
  }

  /** Like `exclusive`. If the same operation waits to begin already, its result is the result. */
  private shared<T>(name: string, none: T, work: (url: string) => Promise<T>): Promise<T> {
    const waiting = this.waiting.get(name);
    if (waiting) return waiting as Promise<T>;
    const result = this.exclusive(none, (url) => {
      this.waiting.delete(name);
      return work(url);
    });
    this.waiting.set(name, result);
    // Without a dead-letter queue, or after an error, the work never begins.
    const forget = () => this.waiting.get(name) === result && this.waiting.delete(name);
    result.then(forget, forget);
    return result;
  }

  /** Runs `work` when no other operation runs. Resolves with `none` if there is no dead-letter queue. */
  private exclusive<T>(none: T, work: (url: string) => Promise<T>): Promise<T> {
    return this.mutex.run(async () => {
      const url = await this.queue.deadLetterUrl();
      return url === null ? none : work(url);
    });
  }

  /** Receives until it has at least `count` messages, or no more come. */
  private async receive(url: string, count: number): Promise<ReceivedTask[]> {
    const received = new Map<string, ReceivedTask>();
    while (received.size < count) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: MESSAGES_PER_CALL,
        VisibilityTimeout: VISIBILITY_SECONDS,
        // Without a wait SQS asks only some of its servers, and may find nothing.
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId'],
      });
      const { Messages = [] } = await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
      if (Messages.length === 0) break;
      for (const message of Messages) received.set(message.MessageId!, receivedTask(message));
    }
    return [...received.values()];
  }

  /** Sends tasks to the queue, then deletes them from the dead-letter queue. Resolves with their number. */
  private async move(url: string, tasks: readonly ReceivedTask[]): Promise<number> {
    let moved = 0;
    for (const batch of batchesOf(tasks)) {
      const command = new SendMessageBatchCommand({ QueueUrl: this.queue.url, Entries: batch.map(entryOf) });
      const { Failed = [] } = await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
      const failed = new Set(Failed.map(({ Id }) => Id));
      const sent = batch.filter((_, at) => !failed.has(String(at)));
      if (failed.size > 0) this.log.warn('queue.redrive_refused', { tasks: failed.size, effect: 'they stay dead letters' });
      const Entries = sent.map(({ message }, at) => ({ Id: String(at), ReceiptHandle: message.ReceiptHandle }));
      if (sent.length === 0) continue;
      await withTimeout(CALL_LIMIT_MS, (abortSignal) =>
        this.queue.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }), { abortSignal }),
      );
      moved += sent.length;
    }
    return moved;
  }

  private async makeVisible(url: string, tasks: readonly ReceivedTask[]): Promise<void> {
    for (const batch of batchesOf(tasks)) {
      const Entries = batch.map(({ message }, at) => ({
        Id: String(at),
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
      await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
    }
  }
}

function receivedTask(message: Message): ReceivedTask {
  const parsed = parseTask(message.Body ?? '');
  const known = message.MessageAttributes?.['reason']?.StringValue;
  const reason = known ?? (parsed.kind === 'broken' ? parsed.reason : 'could not be handled');
  const since = new Date(Number(message.Attributes?.SentTimestamp ?? 0));
  return { id: message.MessageId!, reason, since, appId: parsed.kind === 'task' ? parsed.task.appId : null, message };
}

/** The message as it was before DeadLetterSender added the reason. */
function entryOf({ message }: ReceivedTask, at: number) {
  const attributes = Object.entries(message.MessageAttributes ?? {}).filter(([name]) => name !== 'reason');
  const MessageAttributes = Object.fromEntries(
    attributes.map(([name, { DataType, StringValue, BinaryValue }]) => [name, { DataType, StringValue, BinaryValue }]),
  );
  const group = message.Attributes?.MessageGroupId;
  return { Id: String(at), MessageBody: message.Body, MessageAttributes, ...(group && { MessageGroupId: group }) };
}

function batchesOf(tasks: readonly ReceivedTask[]): ReceivedTask[][] {
  const batches: ReceivedTask[][] = [];
  for (let at = 0; at < tasks.length; at += MESSAGES_PER_CALL) batches.push(tasks.slice(at, at + MESSAGES_PER_CALL));
  return batches;
}
