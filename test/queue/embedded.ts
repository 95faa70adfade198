import { ReceiveMessageCommand, SetQueueAttributesCommand, type Message } from '@aws-sdk/client-sqs';
import { createLog, type Log } from '../../src/observability/log.js';
import { QueueClient } from '../../src/queue/queue-client.js';
import type { DeliveryTask } from '../../src/queue/task.js';

/** A parsed line of the log. */
export type Line = { level: string; msg: string } & Record<string, unknown>;

export const embeddedConfig = { url: null, deadLetterUrl: null, region: 'us-east-1', customEndpoint: false };

/** A log whose lines are kept. */
export function keptLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  return { log: createLog('info', { write: (line) => lines.push(JSON.parse(line) as Line) }), lines };
}

/** The embedded queue with a visibility timeout that a test can wait for. */
export async function openQueue(visibilitySeconds: number): Promise<QueueClient> {
  const queue = new QueueClient(embeddedConfig, createLog('silent'));
  await queue.open();
  const Attributes = { VisibilityTimeout: String(visibilitySeconds) };
  await queue.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes }));
  return queue;
}

/** The messages in a queue now. They stay visible. */
export async function lookInto(queue: QueueClient, url: string): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    MessageAttributeNames: ['All'],
  });
  return (await queue.sqs.send(command)).Messages ?? [];
}

/** A task of one delivery; its message id contains the name. */
export function aTask(name: string): DeliveryTask {
  return { appId: 'app_1', deliveries: [{ msgId: `msg_${name}`, endpointId: 'ep_1', run: 0, fence: 0 }] };
}

/** The names that tasks were made with. */
export function namesOf(tasks: DeliveryTask[]): string[] {
  return tasks.flatMap(({ deliveries }) => deliveries.map(({ msgId }) => msgId.slice('msg_'.length)));
}
