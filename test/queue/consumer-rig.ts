import { SendMessageBatchCommand, SendMessageCommand, type ReceiveMessageCommandInput } from '@aws-sdk/client-sqs';
import { UNTRACED } from '../../src/observability/tracing.js';
import type { QueueClient } from '../../src/queue/queue-client.js';
import { TaskConsumer } from '../../src/queue/task-consumer.js';
import { formatTask } from '../../src/queue/task.js';
import { aTask, keptLog, openQueue, type Line } from './embedded.js';

/** A consumer with its own queue. Keeps its log lines and the parameters of its receives. */
export class ConsumerRig {
  readonly receives: ReceiveMessageCommandInput[] = [];
  /** While true, each receive fails as if the queue could not be reached. */
  away = false;

  private constructor(
    readonly queue: QueueClient,
    readonly consumer: TaskConsumer,
    readonly lines: Line[],
  ) {}

  static async start(): Promise<ConsumerRig> {
    const queue = await openQueue(1);
    const { log, lines } = keptLog();
    const rig = new ConsumerRig(queue, new TaskConsumer(queue, log, UNTRACED), lines);
    queue.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'ReceiveMessageCommand') rig.onReceive(args.input as ReceiveMessageCommandInput);
          return next(args);
        },
      { step: 'initialize' },
    );
    return rig;
  }

  async stop(): Promise<void> {
    await this.consumer.stop({ abort: true });
    await this.queue.close();
  }

  async send(MessageBody: string): Promise<void> {
    await this.queue.sqs.send(new SendMessageCommand({ QueueUrl: this.queue.url, MessageBody }));
  }

  async sendTasks(names: string[]): Promise<void> {
    const Entries = names.map((name, n) => ({ Id: String(n), MessageBody: formatTask(aTask(name)) }));
    await this.queue.sqs.send(new SendMessageBatchCommand({ QueueUrl: this.queue.url, Entries }));
  }

  /** Whether the queue has no messages: none waits, none is in flight. */
  async empty(): Promise<boolean> {
    const { waiting, inFlight, delayed } = await this.queue.attributes();
    return waiting + inFlight + delayed === 0;
  }

  private onReceive(input: ReceiveMessageCommandInput): void {
    this.receives.push(input);
    if (this.away) throw Object.assign(new Error('no route'), { code: 'ECONNREFUSED' });
  }
}
