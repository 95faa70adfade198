import { SendMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { withTimeout } from '../async/time-limit.js';
import { errorFields, type Log } from '../observability/log.js';
import { CALL_LIMIT_MS, type QueueClient } from './queue-client.js';

/** SQS takes ten attributes a message; one of them is the reason. */
const KEPT_ATTRIBUTES = 9;

/**
 * Puts what can't be read as a task where people look, the dead-letter queue, unchanged, with a `reason` attribute.
 *
 * When that fails, or the process dies before the original is deleted, the original comes again: a dead letter may be there twice.
 */
export class DeadLetterSender {
  constructor(
    private readonly queue: QueueClient,
    private readonly log: Log,
  ) {}

  /** True if the message is in the dead-letter queue, and may be deleted. Never throws. */
  async take(message: Message, reason: string): Promise<boolean> {
    const fields = { sqsMessageId: message.MessageId, reason, bytes: message.Body?.length };
    try {
      const url = await this.queue.deadLetterUrl();
      if (url === null) {
        this.log.error('queue.task_broken', { ...fields, deadLettered: false, error: 'the queue has no dead-letter queue' });
        return false;
      }
      const kept = Object.entries(message.MessageAttributes ?? {})
        .filter(([name]) => name !== 'reason')
        .slice(0, KEPT_ATTRIBUTES);
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
