import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { withTimeout } from '../async/time-limit.js';

const HOST = '127.0.0.1';
const DEFAULT_PORT = 4566;
const START_LIMIT_MS = 5_000;
/** SQS keeps messages no longer. */
const RETENTION_SECONDS = 14 * 86_400;

/** A running queue emulator. */
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

/** The emulator accepts any credentials. The SDK sends no request without some. */
export const EMULATOR_CREDENTIALS = { accessKeyId: 'posthorn', secretAccessKey: 'posthorn' };

/**
 * Starts an SQS emulator in this process, for development and tests. It listens on loopback only, on port 4566, or on a free port if
 * that one is in use. Throws if it cannot listen.
 *
 * If the process dies: all tasks are lost, because they are in memory only. The scanner finds their deliveries in the database.
 */
export async function startEmbeddedQueue(region: string): Promise<EmbeddedQueue> {
  return withQueues(await listen(region), region);
}

/** Starts the same emulator on a fixed address, for a process that runs nothing else. Throws if it cannot listen there. */
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

/** Creates the queue and its dead-letter queue with the attributes that Posthorn needs. Existing queues get the same attributes. */
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
  await set(deadLetterUrl, { MessageRetentionPeriod: String(RETENTION_SECONDS) });
  await set(queueUrl, {
    VisibilityTimeout: '30',
    MessageRetentionPeriod: String(RETENTION_SECONDS),
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
  // The library's own start function listens on every interface. Without `logger: false` it writes to stdout.
  const emulator = buildApp({ logger: false, defaultRegion: region });
  await emulator.listen({ host, port });
  return emulator;
}
