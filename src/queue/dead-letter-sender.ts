import { SendMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { withTimeout } from '../async/time-limit.js';
import { errorFields, type Log } from '../observability/log.js';
import { CALL_LIMIT_MS, type QueueClient } from './queue-client.js';

/** SQS allows ten attributes a message. One of them is the reason. */
const MAX_KEPT_ATTRIBUTES = 9;

/**
 * Copies messages that are not tasks to the dead-letter queue, with the same body and a `reason` attribute.
 *
 * If that fails: SQS delivers the original again. If the process dies before the original is deleted: the same, and the dead-letter queue
 * has the message twice.
 */
export class DeadLetterSender {
  constructor(
    private readonly queue: QueueClient,
    private readonly log: Log,
  ) {}

  /** Answers whether the message is in the dead-letter queue now, so that the original may be deleted. Never throws. */
  async send(message: Message, reason: string): Promise<boolean> {
    const fields = { sqsMessageId: message.MessageId, reason, bytes: message.Body?.length };
    try {
      const url = await this.queue.deadLetterUrl();
      if (url === null) {
        this.log.error('queue.task_broken', { ...fields, deadLettered: false, error: 'the queue has no dead-letter queue' });
        return false;
      }
      const kept = Object.entries(message.MessageAttributes ?? {})
        .filter(([name]) => name !== 'reason')
        .slice(0, MAX_KEPT_ATTRIBUTES);
      const command = new SendMessageCommand({
        QueueUrl: url,
        MessageBody: message.Body,
        MessageAttributes: { ...Object.fromEntries(kept), reason: { DataType: 'String', StringValue: reason } },
      });
      await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.queue.sqs.send(command, { abortSignal }));
      this.log.error('queue.task_broken', { ...fields, deadLettered: true });
      return true;
    } catch (error) {
      this.log.error('queue.task_broken', { ...fields, deadLettered: false, ...errorFields(error) });
      return false;
    }
  }
}
