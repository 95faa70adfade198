import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SQSClient,
  type QueueAttributeName,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { TimedOut, withTimeout } from '../async/time-limit.js';
import type { AppConfig } from '../config/config.js';
import type { Log } from '../observability/log.js';
import type { EmbeddedQueue } from './embedded-queue.js';
import { QueueRefusals } from './queue-refusals.js';

/** Time limit of a call that does not wait for messages, in ms. It includes the SDK's own retry. */
export const CALL_LIMIT_MS = 3_000;

/** Time limit of any call, in ms. Receives need it, because they wait up to 20 s for a message. */
const MAX_CALL_MS = 30_000;
/** A timer may fire a little early. */
const TIMER_INACCURACY_MS = 5;
/** Connections to SQS. If more calls run at a time, the others wait for a connection. */
const MAX_SOCKETS = 50;
/** Names of the errors of requests that were given up because no answer came. */
const MISSED = new Set(['AbortError', 'TimeoutError']);

/** The client was used before open(), or after close(). */
export class QueueNotOpen extends Error {
  override readonly name = 'QueueNotOpen';
}

/**
 * The SQS client and the URLs of the queue and its dead-letter queue. If no queue is configured, it runs an emulator in this process.
 *
 * It keeps no state but connections. If SQS cannot be reached: every call fails within its time limit, and the scanner finds due
 * deliveries in the database.
 */
export class QueueClient {
  private readonly refusals = new QueueRefusals();
  private client: SQSClient | null = null;
  private queueUrl: string | null;
  private deadLetters: string | null;
  private embedded: EmbeddedQueue | null = null;
  private readonly agents = {
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
  };

  constructor(
    private readonly config: AppConfig['queue'],
    private readonly log: Log,
    private readonly maxCallMs = MAX_CALL_MS,
  ) {
    this.queueUrl = config.url;
    this.deadLetters = config.deadLetterUrl;
    if (config.url !== null) this.client = this.connect(config.customEndpoint ? {} : { endpoint: new URL(config.url).origin });
  }

  /** Starts the emulator if no queue is configured. Otherwise it does nothing: the service also starts while SQS cannot be reached. */
  async open(): Promise<void> {
    if (this.config.url !== null || this.embedded) return;
    const { startEmbeddedQueue, EMULATOR_CREDENTIALS } = await import('./embedded-queue.js');
    this.embedded = await startEmbeddedQueue(this.config.region);
    this.queueUrl = this.embedded.queueUrl;
    this.deadLetters = this.embedded.deadLetterUrl;
    this.client = this.connect({ endpoint: this.embedded.endpoint, credentials: EMULATOR_CREDENTIALS });
    this.log.info('queue.embedded', { endpoint: this.embedded.endpoint, queueUrl: this.queueUrl });
  }

  /** Whether the queue is an emulator in this process. */
  get isEmbedded(): boolean {
    return this.config.url === null;
  }

  /** The SDK's client. It ends any call after 30 s; callers with a shorter limit use `withTimeout`. Throws QueueNotOpen. */
  get sqs(): SQSClient {
    if (!this.client) throw new QueueNotOpen('The queue client is not open: call open() first, and nothing after close().');
    return this.client;
  }

  /** URL of the queue. Throws QueueNotOpen. */
  get url(): string {
    if (this.queueUrl === null)
      throw new QueueNotOpen('The queue client is not open: call open() first, and nothing after close().');
    return this.queueUrl;
  }

  /**
   * URL of the dead-letter queue: the configured one, otherwise the one in the queue's redrive policy; null if there is none.
   * Throws if SQS cannot be reached.
   */
  async deadLetterUrl(): Promise<string | null> {
    if (this.deadLetters !== null) return this.deadLetters;
    const { RedrivePolicy } = await this.read(['RedrivePolicy']);
    if (!RedrivePolicy) return null;
    const arn = String((JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: unknown }).deadLetterTargetArn);
    const [account, name] = arn.split(':').slice(-2);
    const command = new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account });
    const { QueueUrl } = await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.sqs.send(command, { abortSignal }));
    this.deadLetters = QueueUrl ?? null;
    return this.deadLetters;
  }

  /**
   * SQS's estimate of how many messages wait, are in flight (received, not deleted) and are delayed. Throws if SQS cannot be reached or
   * the queue does not exist.
   */
  async attributes(signal?: AbortSignal): Promise<{ waiting: number; inFlight: number; delayed: number }> {
    const found = await this.read(
      ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'],
      signal,
    );
    return {
      waiting: Number(found.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(found.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(found.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  }

  /** For the health check: the same, and throws QueueRefused while SQS refuses to send, to receive or to delete tasks. */
  async probe(signal?: AbortSignal): Promise<{ waiting: number; inFlight: number; delayed: number }> {
    const found = await this.attributes(signal);
    this.refusals.assertNone();
    return found;
  }

  /** Closes the connections and the emulator, if any. */
  async close(): Promise<void> {
    this.client?.destroy();
    const embedded = this.embedded;
    this.client = null;
    this.embedded = null;
    await embedded?.stop();
  }

  private connect(options: SQSClientConfig): SQSClient {
    const client = new SQSClient({
      region: this.config.region,
      maxAttempts: 2,
      retryMode: 'standard',
      // The endpoint comes from here or from AWS_ENDPOINT_URL. If the SDK took it from each call's URL, it would print a warning each time.
      useQueueUrlAsEndpoint: false,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: this.maxCallMs,
        throwOnRequestTimeout: true,
        socketTimeout: this.maxCallMs,
        ...this.agents,
      },
      ...options,
    });
    client.middlewareStack.add((next) => (args) => this.lastTryIfLate(() => next(args)), {
      step: 'deserialize',
      priority: 'low',
    });
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) =>
          this.noteRefusal(commandName ?? '', () => next(args)),
      {
        step: 'initialize',
      },
    );
    return client;
  }

  /** Lets the health check know what SQS refuses, whoever made the call. */
  private async noteRefusal<T extends { output: object }>(command: string, call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.refusals.answered(command, result.output);
      return result;
    } catch (error) {
      this.refusals.failed(command, error);
      throw error;
    }
  }

  /** After a missing answer an idle connection may be dead too, and only the next call on it would notice, at the end of its limit. */
  private closeIdleConnections(): void {
    for (const { freeSockets } of Object.values(this.agents)) {
      for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
    }
  }

  /** The SDK would repeat a request that took the whole time, and the call would take twice as long. It does not know this error. */
  private async lastTryIfLate<T>(request: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await request();
    } catch (error) {
      if (MISSED.has((error as Error).name)) this.closeIdleConnections();
      throw performance.now() - startedAt < this.maxCallMs - TIMER_INACCURACY_MS ? error : new TimedOut(this.maxCallMs);
    }
  }

  private async read(names: QueueAttributeName[], signal?: AbortSignal): Promise<Partial<Record<string, string>>> {
    const command = new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: names });
    const { Attributes } = await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.sqs.send(command, { abortSignal }), {
      stop: signal,
    });
    return Attributes ?? {};
  }
}
