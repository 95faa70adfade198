import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { Injectable } from '@nestjs/common';
import { withTimeout } from '../async/time-limit.js';
import { Log } from '../observability/log.js';
import { CALL_LIMIT_MS, QueueClient } from './queue-client.js';
import { parseTask } from './task.js';

const MAX_INSPECTED = 100;
const MESSAGES_PER_CALL = 10;
/** While they are looked at nobody else sees them; if this process dies over it, they are back then. */
const HIDDEN_SECONDS = 20;
const REDRIVE_LIMIT_MS = 10_000;

/** A task in the dead-letter queue. */
export interface DeadTask {
  /** Of the SQS message. */
  id: string;
  reason: string;
  since: Date;
  /** Null where the task can't be read. */
  appId: string | null;
}

interface Held extends DeadTask {
  message: Message;
}

/**
 * Reads the dead-letter queue, and moves tasks back to the queue: sent first, then deleted, so that a process that dies in between
 * leaves one there twice. SQS has no way to look without receiving: what was looked at is given back at once. One at a time in a
 * process, so that two callers don't hide tasks from each other; who asks for what another still waits to begin with shares it.
 */
@Injectable()
export class DeadLetterQueue {
  private last: Promise<unknown> = Promise.resolve();
  /** What has not begun, by its name. */
  private readonly waiting = new Map<string, Promise<unknown>>();

  constructor(
    private readonly queue: QueueClient,
    private readonly log: Log,
  ) {}

  /** Some of the tasks, at most 100. Throws what SQS throws, or TimedOut. */
  list(): Promise<DeadTask[]> {
    return this.shared('list', async (url) => {
      const held = await this.hold(url, MAX_INSPECTED);
      await this.giveBack(url, held);
      return held.map(({ message: _message, ...task }) => task);
    });
  }

  /** Moves those of them back to the queue that are chosen. Returns how many. */
  redrive(choose: (tasks: DeadTask[]) => Promise<ReadonlySet<string>>): Promise<number> {
    return this.inTurn(async (url) => {
      const held = await this.hold(url, MAX_INSPECTED);
      const chosen = await choose(held);
      const moved = await this.move(
        url,
        held.filter(({ id }) => chosen.has(id)),
      );
      await this.giveBack(
        url,
        held.filter(({ id }) => !chosen.has(id)),
      );
      return moved;
    });
  }

  /** Moves all that are there now back to the queue; those that can't be read come back, and are left alone then. Returns how many. */
  redriveAll(): Promise<number> {
    return this.shared('redrive all', async (url) => {
      const startedAt = Date.now();
      const left: Held[] = [];
      let moved = 0;
      while (Date.now() - startedAt < REDRIVE_LIMIT_MS) {
        const held = await this.hold(url, MESSAGES_PER_CALL);
        if (held.length === 0) break;
        const old = held.filter(({ since }) => since.getTime() <= startedAt);
        left.push(...held.filter((task) => !old.includes(task)));
        moved += await this.move(url, old);
      }
      await this.giveBack(url, left);
      return moved;
    });
  }

  private shared<T extends number | DeadTask[]>(name: string, work: (url: string) => Promise<T>): Promise<T> {
    const waiting = this.waiting.get(name);
    if (waiting) return waiting as Promise<T>;
    const begins = () => this.waiting.delete(name);
    const turn = this.inTurn((url) => {
      begins();
      return work(url);
    });
    this.waiting.set(name, turn);
    // It may fail before it begins.
    turn.catch(() => this.waiting.get(name) === turn && begins());
    return turn;
  }

  private inTurn<T extends number | DeadTask[]>(work: (url: string) => Promise<T>): Promise<T> {
    const turn = this.last.then(async () => {
      const url = await this.queue.deadLetterUrl();
      return work(url ?? '');
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async hold(url: string, most: number): Promise<Held[]> {
    const held = new Map<string, Held>();
    if (url === '') return [];
    while (held.size < most) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: MESSAGES_PER_CALL,
        VisibilityTimeout: HIDDEN_SECONDS,
        // Waiting a little asks all of SQS's servers, not only some.
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId'],
      });
      const { Messages = [] } = await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
      if (Messages.length === 0) break;
      for (const message of Messages) held.set(message.MessageId!, heldOf(message));
    }
    return [...held.values()];
  }

  private async move(url: string, tasks: readonly Held[]): Promise<number> {
    let moved = 0;
    for (const some of inTens(tasks)) {
      const command = new SendMessageBatchCommand({ QueueUrl: this.queue.url, Entries: some.map(entryOf) });
      const { Failed = [] } = await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
      const failed = new Set(Failed.map(({ Id }) => Id));
      const sent = some.filter((_, at) => !failed.has(String(at)));
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

  private async giveBack(url: string, tasks: readonly Held[]): Promise<void> {
    for (const some of inTens(tasks)) {
      const Entries = some.map(({ message }, at) => ({
        Id: String(at),
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
      await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
    }
  }
}

function heldOf(message: Message): Held {
  const parsed = parseTask(message.Body ?? '');
  const given = message.MessageAttributes?.['reason']?.StringValue;
  const reason = given ?? (parsed.kind === 'broken' ? parsed.reason : 'could not be handled');
  const since = new Date(Number(message.Attributes?.SentTimestamp ?? 0));
  return { id: message.MessageId!, reason, since, appId: parsed.kind === 'task' ? parsed.task.appId : null, message };
}

/** As it came, but for what the dead-letter queue added. */
function entryOf({ message }: Held, at: number) {
  const attributes = Object.entries(message.MessageAttributes ?? {}).filter(([name]) => name !== 'reason');
  const MessageAttributes = Object.fromEntries(
    attributes.map(([name, { DataType, StringValue, BinaryValue }]) => [name, { DataType, StringValue, BinaryValue }]),
  );
  const group = message.Attributes?.MessageGroupId;
  return { Id: String(at), MessageBody: message.Body, MessageAttributes, ...(group && { MessageGroupId: group }) };
}

function inTens(tasks: readonly Held[]): Held[][] {
  const tens: Held[][] = [];
  for (let at = 0; at < tasks.length; at += MESSAGES_PER_CALL) tens.push(tasks.slice(at, at + MESSAGES_PER_CALL));
  return tens;
}
