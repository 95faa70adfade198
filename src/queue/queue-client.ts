import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SQSClient,
  type QueueAttributeName,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { withTimeout } from '../async/time-limit.js';
import type { AppConfig } from '../config/config.js';
import type { Log } from '../observability/log.js';
import type { EmbeddedQueue } from './embedded-queue.js';

/** Longest time for a call that doesn't wait for messages, in ms, the SDK's own retry included. */
export const CALL_LIMIT_MS = 3_000;

/** The longest that any call may take, in ms: the limit of receives, which wait 20 s for a message, and of the deletes after them. */
const MAX_CALL_MS = 30_000;
/** Connections to SQS. More calls than that at a time wait for one. */
const SOCKETS = 50;

/** The client was used before open(), or after close(). */
export class QueueNotOpen extends Error {
  override readonly name = 'QueueNotOpen';
}

/**
 * The SQS client with the queue it is for. Without a configured queue it runs the embedded emulator.
 *
 * Holds nothing but connections. When the queue is away, every call fails within its time limit; the rows in the database wait
 * for the due-scanner.
 */
export class QueueClient {
  private client: SQSClient | null = null;
  private queueUrl: string | null;
  private deadLetters: string | null;
  private embedded: EmbeddedQueue | null = null;

  constructor(
    private readonly config: AppConfig['queue'],
    private readonly log: Log,
  ) {
    this.queueUrl = config.url;
    this.deadLetters = config.deadLetterUrl;
    if (config.url !== null) this.client = this.connect(config.customEndpoint ? {} : { endpoint: new URL(config.url).origin });
  }

  /** Starts the emulator if no queue is configured, else does nothing: a queue that is away does not hinder the start. */
  async open(): Promise<void> {
    if (this.config.url !== null || this.embedded) return;
    const { startEmbeddedQueue, EMULATOR_CREDENTIALS } = await import('./embedded-queue.js');
    this.embedded = await startEmbeddedQueue(this.config.region);
    this.queueUrl = this.embedded.queueUrl;
    this.deadLetters = this.embedded.deadLetterUrl;
    this.client = this.connect({ endpoint: this.embedded.endpoint, credentials: EMULATOR_CREDENTIALS });
    this.log.info('queue.embedded', { endpoint: this.embedded.endpoint, queueUrl: this.queueUrl });
  }

  /** Whether the queue is the emulator in this process. */
  get isEmbedded(): boolean {
    return this.config.url === null;
  }

  /** The SDK's client. Its own time limit is that of the longest call; shorter ones are kept by `withTimeout`. */
  get sqs(): SQSClient {
    if (!this.client) throw new QueueNotOpen('the queue client is not open');
    return this.client;
  }

  get url(): string {
    if (this.queueUrl === null) throw new QueueNotOpen('the queue client is not open');
    return this.queueUrl;
  }

  /** URL of the dead-letter queue: the configured one, else that of the queue's redrive policy; null if it has none. Throws when SQS is away. */
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

  /** About how many tasks wait, are received but not deleted, and are delayed. Throws when the queue is away or does not exist. */
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

  /** Closes the connections and the emulator, if any. */
  async close(): Promise<void> {
    this.client?.destroy();
    const embedded = this.embedded;
    this.client = null;
    this.embedded = null;
    await embedded?.stop();
  }

  private connect(how: SQSClientConfig): SQSClient {
    return new SQSClient({
      region: this.config.region,
      maxAttempts: 2,
      retryMode: 'standard',
      // The endpoint is said once, here or by AWS_ENDPOINT_URL; taken from each call's URL, the SDK would warn on stderr each time.
      useQueueUrlAsEndpoint: false,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: MAX_CALL_MS,
        throwOnRequestTimeout: true,
        socketTimeout: MAX_CALL_MS,
        httpAgent: { keepAlive: true, maxSockets: SOCKETS },
        httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
      },
      ...how,
    });
  }

  private async read(names: QueueAttributeName[], signal?: AbortSignal): Promise<Partial<Record<string, string>>> {
    const command = new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: names });
    const { Attributes } = await withTimeout(CALL_LIMIT_MS, (abortSignal) => this.sqs.send(command, { abortSignal }), {
      stop: signal,
    });
    return Attributes ?? {};
  }
}
