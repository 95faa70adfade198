import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { withTimeout } from '../async/time-limit.js';

const HOST = '127.0.0.1';
const DEFAULT_PORT = 4566;
const START_LIMIT_MS = 5_000;
/** The longest that SQS keeps a message. */
const KEPT_SECONDS = 14 * 86_400;

/** The queue emulator of this process. */
export interface EmbeddedQueue {
  endpoint: string;
  queueUrl: string;
  deadLetterUrl: string;
  port: number;
  stop(): Promise<void>;
}

/** Names of a queue and its dead-letter queue. */
export interface QueueNames {
  queue: string;
  deadLetters: string;
}

/** The emulator takes any credentials, but the SDK insists on some. */
export const EMULATOR_CREDENTIALS = { accessKeyId: 'posthorn', secretAccessKey: 'posthorn' };

/**
 * Starts an SQS emulator in this process, on loopback only, at port 4566 or, if that is taken, at any. For laptops and tests.
 *
 * It keeps everything in memory: when the process dies, all tasks are gone, and the due-scanner finds their rows. Throws if it
 * can't listen.
 */
export async function startEmbeddedQueue(region: string): Promise<EmbeddedQueue> {
  return withQueues(await listen(region), region);
}

/** The same emulator as a process of its own, on a fixed address. Throws if it can't listen there. */
export async function startQueueEmulator(host: string, port: number, region: string): Promise<EmbeddedQueue> {
  return withQueues(await listenAt(host, port, region), region);
}

async function withQueues(emulator: Awaited<ReturnType<typeof listenAt>>, region: string): Promise<EmbeddedQueue> {
  const { port } = emulator.server.address() as { port: number };
  const endpoint = `http://${HOST}:${port}`;
  const client = new SQSClient({ endpoint, region, credentials: EMULATOR_CREDENTIALS, useQueueUrlAsEndpoint: false });
  try {
    const urls = await ensureQueues(client, { queue: 'posthorn', deadLetters: 'posthorn-dlq' });
    return { endpoint, ...urls, port, stop: () => emulator.close() };
  } catch (error) {
    await emulator.close();
    throw error;
  } finally {
    client.destroy();
  }
}

/** Makes the queue pair as Posthorn wants it, at whatever SQS endpoint `client` talks to; existing queues get the same attributes. */
export async function ensureQueues(client: SQSClient, names: QueueNames): Promise<{ queueUrl: string; deadLetterUrl: string }> {
  const create = async (name: string) => {
    const command = new CreateQueueCommand({ QueueName: name });
    return (await withTimeout(START_LIMIT_MS, (abortSignal) => client.send(command, { abortSignal }))).QueueUrl!;
  };
  const deadLetterUrl = await create(names.deadLetters);
  const queueUrl = await create(names.queue);
  const arn = new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] });
  const { Attributes } = await withTimeout(START_LIMIT_MS, (abortSignal) => client.send(arn, { abortSignal }));
  const set = (url: string, attributes: Record<string, string>) => {
    const command = new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes });
    return withTimeout(START_LIMIT_MS, (abortSignal) => client.send(command, { abortSignal }));
  };
  await set(deadLetterUrl, { MessageRetentionPeriod: String(KEPT_SECONDS) });
  await set(queueUrl, {
    VisibilityTimeout: '30',
    MessageRetentionPeriod: String(KEPT_SECONDS),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 50 }),
  });
  return { queueUrl, deadLetterUrl };
}

async function listen(region: string) {
  try {
    return await listenAt(HOST, DEFAULT_PORT, region);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await listenAt(HOST, 0, region);
  }
}

async function listenAt(host: string, port: number, region: string) {
  // Not its own starter, which listens on every interface; nor without `logger`, which would write to stdout.
  const emulator = buildApp({ logger: false, defaultRegion: region });
  await emulator.listen({ host, port });
  return emulator;
}
