import { isPermanentError } from '../observability/permanent-error.js';

/**
 * How long a refusal counts after the last one, in ms, if nothing shows the opposite. A process may have nothing to send for a long time, so
 * the next success is not waited for.
 */
const HOLD_MS = 60_000;

/** The calls that tasks need, by the SDK's name of the command. What an operator starts, such as a redrive, fails for that operator alone. */
const WORK: Partial<Record<string, string>> = {
  SendMessageBatchCommand: 'send',
  ReceiveMessageCommand: 'receive',
  DeleteMessageBatchCommand: 'delete',
  SendMessageCommand: 'send to the dead-letter queue',
};

/** SQS answers, and refuses a call that tasks need: the task's role, the queue's policy or its KMS key does not allow it, or the queue is gone. */
export class QueueRefused extends Error {}

/**
 * Which calls SQS refuses. The health check says so: the service goes on, because a scanner finds each delivery in the database, but only
 * slower, and only somebody who changes a right ends it. Outages of SQS are not refusals; the probe sees those.
 */
export class QueueRefusals {
  private readonly refused = new Map<string, { code: string; at: number }>();

  /** A command was answered. SQS may refuse the entries of a batch one by one, in an answer with status 200. */
  answered(command: string, output: { Failed?: { Code?: string }[]; Successful?: unknown[] }, now = performance.now()): void {
    const work = WORK[command];
    if (work === undefined) return;
    const [first] = output.Failed ?? [];
    if (first && !output.Successful?.length) this.refused.set(work, { code: first.Code ?? 'unknown', at: now });
    else this.refused.delete(work);
  }

  /** A command failed. */
  failed(command: string, error: unknown, now = performance.now()): void {
    const work = WORK[command];
    if (work !== undefined && isPermanentError(error)) this.refused.set(work, { code: (error as Error).name, at: now });
  }

  /** Throws QueueRefused if a call is refused now. Its message has only the call and SQS's code. */
  assertNone(now = performance.now()): void {
    const current = [...this.refused].filter(([, { at }]) => now - at < HOLD_MS);
    if (current.length > 0) throw new QueueRefused(current.map(([work, { code }]) => `${work} refused: ${code}`).join(', '));
  }
}
