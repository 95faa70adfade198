import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import type { Tracer } from '../observability/tracing.js';
import type { ActivePollers } from './active-pollers.js';
import { DeadLetterSender } from './dead-letter-sender.js';
import type { QueueClient } from './queue-client.js';
import type { QueueOutage } from './queue-outage.js';
import { ReceivePace } from './receive-pace.js';
import { parseTask, TRACES, withTraces, type DeliveryTask } from './task.js';
import type { TaskSource } from './task-source.js';

/** How long a receive waits for a message after a failure, in seconds: a short wait shows soon that SQS answers again. */
const WAIT_AFTER_FAILURE_SECONDS = 1;
/** SQS receives and deletes no more messages in one call. */
const MAX_MESSAGES = 10;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 2_000;
const STOP_CHECK_MS = 10;

/** Shared by all pollers of a process. */
export interface SharedByPollers {
  readonly outage: QueueOutage;
  readonly active: ActivePollers;
}

/** Cancels a receive: the poller stops, the source failed to answer whether there is room, or the time to wait has changed. The library begins its next round. */
class NoReceive extends Error {
  override readonly name = 'NoReceive';
}

/**
 * One loop of receive, handle and delete. It runs from its construction to stop(). The library sqs-consumer receives and deletes; this
 * class decides when to receive, handles the messages and ends the loop. TaskConsumer describes what happens on failures.
 */
export class TaskPoller {
  private readonly stopping = new AbortController();
  private readonly deadLetters: DeadLetterSender;
  private readonly consumer: Consumer;
  private readonly pace: ReceivePace;
  private aborting = false;
  private receiving = false;
  private failures = 0;
  /** How many messages the next receive asks for. */
  private batchSize = 1;
  /** How long the next receive waits for a message, in seconds. */
  private waitSeconds: number;
  /** How many messages the receive that is under way, or was the last one, asks for. */
  private requested = 1;

  /** @param number from 0; pollers with high numbers receive only while the queue has a backlog */
  constructor(
    private readonly number: number,
    queue: QueueClient,
    private readonly shared: SharedByPollers,
    private readonly source: TaskSource,
    private readonly log: Log,
    private readonly tracer: Tracer,
  ) {
    this.deadLetters = new DeadLetterSender(queue, log);
    this.pace = new ReceivePace(() => source.pace);
    this.waitSeconds = this.pace.waitSeconds;
    this.consumer = Consumer.create({
      queueUrl: queue.url,
      sqs: queue.sqs,
      messageAttributeNames: ['All'],
      batchSize: this.batchSize,
      waitTimeSeconds: this.waitSeconds,
      // This class has one back-off for every kind of failure.
      authenticationErrorTimeout: 0,
      preReceiveMessageCallback: () => this.beforeReceive(),
      postReceiveMessageCallback: () => this.receiveSucceeded(),
      handleMessageBatch: (messages) => this.handle(messages),
    });
    this.consumer.on('empty', () => this.shared.active.receiveEnded(this.requested, 0));
    this.consumer.on('error', (error, messages) => this.failed(error, messages));
    this.consumer.start();
  }

  /**
   * Resolves when every received message is handled and deleted. `abort` ends a receive that is under way, and nothing else: the
   * library's own abort would also cancel the delete of messages that are being handled.
   */
  async stop({ abort }: { abort: boolean }): Promise<void> {
    this.stopping.abort();
    this.aborting ||= abort;
    // The library has no event for the end of its last receive, handler and delete.
    while (this.consumer.status.isPolling) {
      if (this.aborting && this.receiving) this.consumer.stop({ abort: true });
      await sleep(STOP_CHECK_MS);
    }
    this.consumer.stop();
  }

  private async beforeReceive(): Promise<void> {
    const { signal } = this.stopping;
    if (this.failures > 0) await sleep(this.backoffMs(), undefined, { signal, ref: false }).catch(() => undefined);
    await this.pace.rest(signal);
    await this.shared.active.waitForTurn(this.number, signal);
    const messages = await this.room();
    if (signal.aborted || this.adjustWait()) throw new NoReceive();
    this.requested = this.batchSize;
    // The library has read its options for this receive already. The new number counts from the next receive on.
    if (messages !== this.batchSize) this.consumer.updateOption('batchSize', (this.batchSize = messages));
    this.receiving = true;
    this.pace.begin();
  }

  /**
   * Sets how long a receive waits for a message, and answers whether that has changed. The library reads it before each round, so it does not
   * count for a round that has begun.
   */
  private adjustWait(): boolean {
    const seconds = this.failures > 0 ? WAIT_AFTER_FAILURE_SECONDS : this.pace.waitSeconds;
    if (seconds === this.waitSeconds) return false;
    this.consumer.updateOption('waitTimeSeconds', (this.waitSeconds = seconds));
    return true;
  }

  private async room(): Promise<number> {
    try {
      return await this.source.room(MAX_MESSAGES, this.stopping.signal);
    } catch (error) {
      this.failures += 1;
      this.log.error('queue.no_capacity', errorFields(error));
      throw new NoReceive();
    }
  }

  private receiveSucceeded(): Promise<void> {
    this.receiving = false;
    this.shared.outage.succeeded();
    this.failures = 0;
    this.adjustWait();
    return Promise.resolve();
  }

  /** A receive failed. With `messages`: the delete of some or all of them failed. */
  private failed(error: Error, messages: unknown): void {
    if (messages !== undefined) this.deleteFailed(error, messages as Message[]);
    else if (this.receiving) this.receiveFailed(error);
  }

  private receiveFailed(error: Error): void {
    this.receiving = false;
    if (this.stopping.signal.aborted) return;
    this.failures += 1;
    this.adjustWait();
    this.shared.active.receiveEnded(this.requested, 0);
    this.shared.outage.failed(error.cause ?? error);
  }

  private deleteFailed(error: Error, messages: readonly Message[]): void {
    const cause = error.cause ?? error;
    const facts = {
      of: messages.length,
      ...errorFields(cause),
      effect: 'the tasks come again; their deliveries are claimed already',
    };
    this.log[isPermanentError(cause) ? 'error' : 'warn']('queue.delete_failed', facts);
  }

  private backoffMs(): number {
    return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.failures - 1, 10));
  }

  /** Answers the messages that are handled. The library deletes these and no others. Never throws. */
  private async handle(messages: Message[]): Promise<Message[]> {
    this.shared.active.receiveEnded(this.requested, messages.length);
    const taskMessages: Message[] = [];
    const tasks: DeliveryTask[] = [];
    const others: Promise<Message[]>[] = [];
    for (const message of messages) {
      const parsed = parseTask(message.Body ?? '');
      if (parsed.kind === 'task') {
        taskMessages.push(message);
        tasks.push(withTraces(parsed.task, message.MessageAttributes?.[TRACES]?.StringValue));
      } else if (parsed.kind === 'broken') {
        others.push(this.deadLetters.send(message, parsed.reason).then((isSent) => (isSent ? [message] : [])));
      } else {
        const { version } = parsed;
        this.log.warn('queue.task_newer', { sqsMessageId: message.MessageId, version, effect: 'left to a newer release' });
        others.push(Promise.resolve([message]));
      }
    }
    const handled = await Promise.all([this.handleTasks(tasks, taskMessages), ...others]);
    return handled.flat();
  }

  /** @param messages those that carry the tasks */
  private async handleTasks(tasks: DeliveryTask[], messages: Message[]): Promise<Message[]> {
    if (tasks.length === 0) return [];
    try {
      const attributes = { 'messaging.system': 'aws_sqs', 'messaging.batch.message_count': tasks.length };
      await this.tracer.span('receive tasks', attributes, () => this.source.handle(tasks), { kind: 'consumer' });
      return messages;
    } catch (error) {
      const level = isPermanentError(error) ? 'error' : 'warn';
      this.log[level]('queue.tasks_not_handled', {
        tasks: tasks.length,
        ...errorFields(error),
        effect: 'SQS delivers them again',
      });
      return [];
    }
  }
}
