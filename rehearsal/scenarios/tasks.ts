import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Own } from '../parts.js';
import { PLACE } from '../plan/installation.js';

const NEXT_VERSION = 99;
const LIMIT_MS = 30_000;

/**
 * Takes so many tasks out of the queue and sends each back with a version that no worker knows, as if a newer release had sent it. Answers how
 * many it got within half a minute: the workers are there too.
 */
export async function makeNewer({ queueUrl: QueueUrl, sqsEndpoint }: Own, count: number): Promise<number> {
  const credentials = { accessKeyId: 'rehearsal', secretAccessKey: 'rehearsal' };
  const sqs = new SQSClient({ endpoint: sqsEndpoint, region: PLACE.region, credentials });
  const until = performance.now() + LIMIT_MS;
  let changed = 0;
  try {
    while (changed < count && performance.now() < until) {
      const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }));
      for (const { Body = '{}', ReceiptHandle } of received.Messages ?? []) {
        const newer = JSON.stringify({ ...(JSON.parse(Body) as object), v: NEXT_VERSION });
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: newer }));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        changed++;
      }
    }
    return changed;
  } finally {
    sqs.destroy();
  }
}
