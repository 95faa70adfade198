import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type DeleteMessageBatchResult,
  type Message,
  type ReceiveMessageCommandInput,
  type ReceiveMessageResult,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import type { Tracer } from '../observability/tracing.js';
import { DeadLetterSender } from './dead-letter-sender.js';
import type { PollingState } from './polling-state.js';
import type { QueueClient } from './queue-client.js';
import type { TaskDeletions } from './task-deletions.js';
import { parseTask, TRACES, withTraces, type DeliveryTask } from './task.js';
import type { TaskSource } from './task-source.js';
import { within } from './time-limit.js';

/** Longest wait of SQS for a message, in seconds. */
const LONG_POLL_SECONDS = 20;
const RECEIVE_LIMIT_MS = 25_000;
/** Most messages that SQS hands out at a time. */
const MESSAGES_PER_RECEIVE = 10;
const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 5_000;
const STOP_CHECK_MS = 10;

/** What the pollers of a process share. */
export interface PollerParts {
  queue: QueueClient;
  state: PollingState;
  deletions: TaskDeletions;
}

/** One of the calls of a receive: most messages, whether it waits for some, and where they go. */
interface Call {
  most: number;
  waits: boolean;
  messages: Message[];
}

/** One loop of receive, handle, delete; for once, from construction to stop(). Its failure story is TaskConsumer's. */
export class TaskPoller {
  private readonly stopping = new AbortController();
  private readonly receiving = new AbortController();
  private readonly deadLetters: DeadLetterSender;
  private readonly consumer: Consumer;
  private failures = 0;
  /** How many calls the next receive makes: twice as many as the last one, if that brought as much as it could. */
  private calls = 1;

  constructor(
    private readonly parts: PollerParts,
    private readonly source: TaskSource,
    private readonly log: Log,
    private readonly tracer: Tracer,
  ) {
    const { queue } = parts;
    this.deadLetters = new DeadLetterSender(queue, log);
    this.consumer = Consumer.create({
      queueUrl: queue.url,
      sqs: this.throttledClient(queue.sqs),
      messageAttributeNames: ['All'],
      handleMessageBatch: (messages) => this.handle(messages),
    });
    // Each failure is logged where it happens, with what it means; without a listener the emitter would throw.
    this.consumer.on('error', (error) => this.log.debug('queue.consumer_error', errorFields(error)));
    this.consumer.start();
  }

  /** Stops receiving; `abort` ends a long poll that is under way. Resolves when what was received is handled. */
  async stop(how: { abort: boolean }): Promise<void> {
    this.stopping.abort();
    this.consumer.stop();
    if (how.abort) this.receiving.abort();
    // No event comes after the delete of the last batch.
    while (this.consumer.status.isPolling) await sleep(STOP_CHECK_MS);
  }

  /**
   * The consumer fixes the number of messages before it can be told about free capacity, so the receive is ours. And it would delete what it
   * received together before it receives again; that is left to those who gather more.
   */
  private throttledClient(client: SQSClient): SQSClient {
    const send = (command: Parameters<SQSClient['send']>[0]) => {
      if (command instanceof ReceiveMessageCommand) return this.receive(client, command);
      if (command instanceof DeleteMessageBatchCommand) return this.delete(command);
      throw new Error('The consumer has learned a call that nobody here knows.');
    };
    return new Proxy(client, { get: (target, name) => (name === 'send' ? send : (Reflect.get(target, name) as unknown)) });
  }

  /** Waits for its turn, then receives no more than was granted. Answers without messages when it failed or is to stop. */
  private async receive(client: SQSClient, { input }: ReceiveMessageCommand): Promise<ReceiveMessageResult> {
    const granted = await this.turn().catch((error: unknown) => this.noTurn(error));
    if (granted === 0) return {};
    const messages: Message[] = [];
    try {
      const mosts = this.callsFor(granted);
      const calls = mosts.map((most) => this.call(client, input, { most, waits: this.calls === 1, messages }));
      await Promise.all(calls).finally(() => Promise.allSettled(calls));
      this.failures = 0;
      const asked = mosts.reduce((sum, most) => sum + most, 0);
      this.calls = messages.length < asked ? 1 : mosts.length * 2;
      this.parts.state.worked();
    } catch (error) {
      // What the other calls brought is handled.
      if (!this.receiving.signal.aborted) this.failed(error);
    } finally {
      if (granted > messages.length) this.source.unused(granted - messages.length);
    }
    return { Messages: messages };
  }

  /** Most messages of each call: one where there is no backlog. */
  private callsFor(granted: number): number[] {
    const calls = Math.min(this.calls, Math.ceil(granted / MESSAGES_PER_RECEIVE));
    return Array.from({ length: calls }, (_, at) => Math.min(granted - at * MESSAGES_PER_RECEIVE, MESSAGES_PER_RECEIVE));
  }

  private async call(client: SQSClient, input: ReceiveMessageCommandInput, { most, waits, messages }: Call): Promise<void> {
    // After a failure a short wait, to know soon that the queue is back; none while others of the same receive may have brought some.
    const wait = !waits ? 0 : this.failures > 0 ? 1 : LONG_POLL_SECONDS;
    const command = new ReceiveMessageCommand({ ...input, MaxNumberOfMessages: most, WaitTimeSeconds: wait });
    const { Messages = [] } = await within(RECEIVE_LIMIT_MS, (options) => client.send(command, options), this.receiving.signal);
    messages.push(...Messages);
  }

  /** How many messages may be received, after back-off, pause and the wait for capacity; 0 when it is to stop instead. */
  private async turn(): Promise<number> {
    if (this.failures > 0) await this.orStopped(sleep(this.backoffMs(), undefined, { ref: false }));
    while (!this.stopping.signal.aborted) {
      await this.orStopped(this.parts.state.resumed());
      if (this.stopping.signal.aborted) return 0;
      const capacity = this.source.capacity();
      const granted = await this.orStopped(capacity);
      if (granted === undefined) {
        capacity.then((late) => this.source.unused(late)).catch(() => undefined);
        return 0;
      }
      if (!this.parts.state.paused && !this.stopping.signal.aborted) return granted;
      this.source.unused(granted);
    }
    return 0;
  }

  /** The source broke its promise of capacity: asking again at once would spin. */
  private noTurn(error: unknown): number {
    this.failures += 1;
    this.log.error('queue.no_capacity', errorFields(error));
    return 0;
  }

  private failed(error: unknown): void {
    this.failures += 1;
    this.calls = 1;
    this.parts.state.failed(error);
  }

  private backoffMs(): number {
    return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.failures - 1, 10));
  }

  /** Returns the messages that are done with; the consumer deletes those, and only those. */
  private async handle(messages: Message[]): Promise<Message[]> {
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
        this.log.warn('queue.task_newer', {
          sqsMessageId: message.MessageId,
          version: parsed.version,
          effect: 'left to a newer release',
        });
        others.push(Promise.resolve([message]));
      }
    }
    if (others.length > 0) this.source.unused(others.length);
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

  private delete({ input: { Entries = [] } }: DeleteMessageBatchCommand): Promise<Partial<DeleteMessageBatchResult>> {
    this.parts.deletions.add(Entries.map(({ ReceiptHandle }) => ReceiptHandle!));
    return Promise.resolve({ Successful: Entries.map(({ Id }) => ({ Id })) });
  }

  /** The result of `work`, or undefined as soon as it is to stop. (Promise.race with one long-lived promise would leak.) */
  private orStopped<T>(work: Promise<T>): Promise<T | undefined> {
    const { signal } = this.stopping;
    return new Promise((resolve, reject) => {
      const onStop = () => resolve(undefined);
      if (signal.aborted) onStop();
      signal.addEventListener('abort', onStop);
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onStop));
    });
  }
}
