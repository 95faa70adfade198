import { DeleteMessageBatchCommand, type DeleteMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { errorFields, type Log } from '../observability/log.js';
import { isPermanentError } from '../observability/permanent-error.js';
import { CALL_LIMIT_MS, type QueueClient } from './queue-client.js';
import { within } from './time-limit.js';

/** Most entries of one call. */
const ENTRIES_PER_CALL = 10;
/** How long a task that is done with waits for others; far below its visibility time. */
const GATHER_MS = 50;

/**
 * Deletes tasks that are done with, as many in a call as there may be. Nobody waits for it: what can't be deleted, or dies with the process
 * before, comes again after its visibility time, and loses the claim.
 */
export class TaskDeletions {
  private waiting: string[] = [];
  private timer: NodeJS.Timeout | null = null;
  private readonly calls = new Set<Promise<void>>();

  constructor(
    private readonly queue: QueueClient,
    private readonly log: Log,
  ) {}

  add(receiptHandles: readonly string[]): void {
    this.waiting.push(...receiptHandles);
    while (this.waiting.length >= ENTRIES_PER_CALL) this.begin();
    if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.begin(), GATHER_MS);
  }

  /** Resolves when everything that was added is deleted, or could not be. */
  async flush(): Promise<void> {
    while (this.waiting.length > 0) this.begin();
    await Promise.all(this.calls);
  }

  private begin(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const call = this.delete(this.waiting.splice(0, ENTRIES_PER_CALL)).finally(() => this.calls.delete(call));
    this.calls.add(call);
  }

  /** Never throws. */
  private async delete(receiptHandles: string[]): Promise<void> {
    const effect = 'handled tasks come again, and lose';
    const Entries = receiptHandles.map((ReceiptHandle, at): DeleteMessageBatchRequestEntry => ({
      Id: String(at),
      ReceiptHandle,
    }));
    const command = new DeleteMessageBatchCommand({ QueueUrl: this.queue.url, Entries });
    try {
      const { Failed = [] } = await within(CALL_LIMIT_MS, (options) => this.queue.sqs.send(command, options));
      const codes = [...new Set(Failed.map(({ Code }) => Code))];
      if (Failed.length > 0) this.log.warn('queue.delete_failed', { tasks: Failed.length, codes, effect });
    } catch (error) {
      const level = isPermanentError(error) ? 'error' : 'warn';
      this.log[level]('queue.delete_failed', { tasks: receiptHandles.length, ...errorFields(error), effect });
    }
  }
}
