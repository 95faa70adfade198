import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import type { Tracer } from '../observability/tracing.js';
import type { Backlog } from './backlog.js';
import { DeadLetterSender } from './dead-letter-sender.js';
import type { QueueClient } from './queue-client.js';
import type { QueueOutage } from './queue-outage.js';
import { parseTask, TRACES, withTraces, type DeliveryTask } from './task.js';
import type { TaskSource } from './task-source.js';

/** The longest that SQS waits for a message, in seconds. */
const LONG_POLL_SECONDS = 20;
/** After a failure a short wait shows soon that the queue is back. */
const WAIT_AFTER_FAILURE_SECONDS = 1;
/** The most messages that SQS hands out, and deletes, in one call. */
const MAX_MESSAGES = 10;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;
const STOP_CHECK_MS = 10;

/** What the pollers of a process know together. */
export interface SharedByPollers {
  readonly outage: QueueOutage;
  readonly backlog: Backlog;
}

/** No receive: the poller stops, or the source could not say whether there is room. The library waits and asks again. */
class NoReceive extends Error {
  override readonly name = 'NoReceive';
}

/**
 * One loop of receive, handle and delete, from its construction to stop(). sqs-consumer receives and deletes; this class says when it may
 * receive, what becomes of the messages, and when it ends. What happens if the process dies is told in TaskConsumer.
 */
export class TaskPoller {
  private readonly stopping = new AbortController();
  private readonly deadLetters: DeadLetterSender;
  private readonly consumer: Consumer;
  private aborting = false;
  private receiving = false;
  private failures = 0;
  /** How many messages the next receive asks for, and how many the last one did. */
  private batchSize = 1;
  private asked = 1;

  /** @param number counted from 0: pollers with high numbers receive only while there is a backlog */
  constructor(
    private readonly number: number,
    queue: QueueClient,
    private readonly shared: SharedByPollers,
    private readonly source: TaskSource,
    private readonly log: Log,
    private readonly tracer: Tracer,
  ) {
    this.deadLetters = new DeadLetterSender(queue, log);
    this.consumer = Consumer.create({
      queueUrl: queue.url,
      sqs: queue.sqs,
      messageAttributeNames: ['All'],
      batchSize: this.batchSize,
      waitTimeSeconds: LONG_POLL_SECONDS,
      // The back-off below is the same for every kind of failure.
      authenticationErrorTimeout: 0,
      preReceiveMessageCallback: () => this.beforeReceive(),
      postReceiveMessageCallback: () => this.received(),
      handleMessageBatch: (messages) => this.handle(messages),
    });
    this.consumer.on('empty', () => this.shared.backlog.received(this.asked, 0));
    this.consumer.on('error', (error, messages) => this.failed(error, messages));
    this.consumer.start();
  }

  /**
   * Resolves when what was received is handled and deleted. `abort` ends a long poll under way; what is being handled is still handled and
   * deleted, which the library's own abort would prevent.
   */
  async stop({ abort }: { abort: boolean }): Promise<void> {
    this.stopping.abort();
    this.aborting ||= abort;
    // The library tells nobody when its last receive, handler and delete have ended.
    while (this.consumer.status.isPolling) {
      if (this.aborting && this.receiving) this.consumer.stop({ abort: true });
      await sleep(STOP_CHECK_MS);
    }
    this.consumer.stop();
  }

  private async beforeReceive(): Promise<void> {
    const { signal } = this.stopping;
    if (this.failures > 0) await sleep(this.backoffMs(), undefined, { signal, ref: false }).catch(() => undefined);
    await this.shared.backlog.turnOf(this.number, signal);
    const messages = await this.room();
    if (signal.aborted) throw new NoReceive();
    this.asked = this.batchSize;
    // The library has made the parameters of this receive already; the next one asks for so many.
    if (messages !== this.batchSize) this.consumer.updateOption('batchSize', (this.batchSize = messages));
    this.receiving = true;
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

  private received(): Promise<void> {
    this.receiving = false;
    this.shared.outage.answered();
    if (this.failures > 0) this.consumer.updateOption('waitTimeSeconds', LONG_POLL_SECONDS);
    this.failures = 0;
    return Promise.resolve();
  }

  /** A receive failed; or, if there are `messages`, the delete of some or all of them. */
  private failed(error: Error, messages: unknown): void {
    if (messages !== undefined) this.notDeleted(error, messages as Message[]);
    else if (this.receiving) this.notReceived(error);
  }

  private notReceived(error: Error): void {
    this.receiving = false;
    if (this.stopping.signal.aborted) return;
    this.failures += 1;
    this.consumer.updateOption('waitTimeSeconds', WAIT_AFTER_FAILURE_SECONDS);
    this.shared.backlog.received(this.asked, 0);
    this.shared.outage.failed(error.cause ?? error);
  }

  private notDeleted(error: Error, messages: readonly Message[]): void {
    const cause = error.cause ?? error;
    const facts = { of: messages.length, ...errorFields(cause), effect: 'handled tasks come again, and lose the claim' };
    this.log[isPermanentError(cause) ? 'error' : 'warn']('queue.delete_failed', facts);
  }

  private backoffMs(): number {
    return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.failures - 1, 10));
  }

  /** Answers the messages that are done with: the library deletes those, and only those. Never throws. */
  private async handle(messages: Message[]): Promise<Message[]> {
    this.shared.backlog.received(this.asked, messages.length);
    const carriers: Message[] = [];
    const tasks: DeliveryTask[] = [];
    const others: Promise<Message[]>[] = [];
    for (const message of messages) {
      const parsed = parseTask(message.Body ?? '');
      if (parsed.kind === 'task') {
        carriers.push(message);
        tasks.push(withTraces(parsed.task, message.MessageAttributes?.[TRACES]?.StringValue));
      } else if (parsed.kind === 'broken') {
        others.push(this.deadLetters.take(message, parsed.reason).then((taken) => (taken ? [message] : [])));
      } else {
        const { version } = parsed;
        this.log.warn('queue.task_newer', { sqsMessageId: message.MessageId, version, effect: 'left to a newer release' });
        others.push(Promise.resolve([message]));
      }
    }
    const done = await Promise.all([this.handOver(tasks, carriers), ...others]);
    return done.flat();
  }

  private async handOver(tasks: DeliveryTask[], carriers: Message[]): Promise<Message[]> {
    if (tasks.length === 0) return [];
    try {
      const attributes = { 'messaging.system': 'aws_sqs', 'messaging.batch.message_count': tasks.length };
      await this.tracer.span('receive tasks', attributes, () => this.source.handle(tasks), { kind: 'consumer' });
      return carriers;
    } catch (error) {
      const level = isPermanentError(error) ? 'error' : 'warn';
      this.log[level]('queue.tasks_not_handled', { tasks: tasks.length, ...errorFields(error), effect: 'they come again' });
      return [];
    }
  }
}
