import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { ReceiveMessageCommand, SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createLog } from '../../src/observability/log.js';
import { ensureQueues, startEmbeddedQueue } from '../../src/queue/embedded-queue.js';
import { QueueClient, QueueNotOpen } from '../../src/queue/queue-client.js';
import { embeddedConfig, lookInto, openQueue } from './embedded.js';

describe('QueueClient', () => {
  let queue: QueueClient;
  const others: QueueClient[] = [];

  /** A client for a configured queue: it sends its calls to the host in the queue's URL. */
  function aClient(url: string, deadLetterUrl: string | null = null, maxCallMs?: number): QueueClient {
    process.env.AWS_ACCESS_KEY_ID ??= 'test';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
    const client = new QueueClient(
      { url, deadLetterUrl, region: 'us-east-1', customEndpoint: false },
      createLog('silent'),
      maxCallMs,
    );
    others.push(client);
    return client;
  }

  function onLoopback(url: string): string {
    const { port, pathname } = new URL(url);
    return `http://127.0.0.1:${port}${pathname}`;
  }

  beforeAll(async () => {
    queue = await openQueue(30);
  });
  afterEach(async () => {
    await Promise.all(others.splice(0).map((client) => client.close()));
  });
  afterAll(() => queue.close());

  it('counts what is in the queue', async () => {
    expect(await queue.attributes()).toEqual({ waiting: 0, inFlight: 0, delayed: 0 });
    await queue.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'one' }));
    await queue.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'two', DelaySeconds: 60 }));
    expect(await queue.attributes(AbortSignal.timeout(1_000))).toEqual({ waiting: 1, inFlight: 0, delayed: 1 });
  });

  it('finds the dead-letter queue in the redrive policy', async () => {
    const other = aClient(onLoopback(queue.url));
    await other.open();
    expect(await other.deadLetterUrl()).toBe(await queue.deadLetterUrl());
    expect(await other.deadLetterUrl()).toMatch(/\/posthorn-dlq$/);
  });

  it('takes the dead-letter queue that is configured', async () => {
    expect(await aClient('http://127.0.0.1:1/1/queue', 'http://127.0.0.1:1/1/other').deadLetterUrl()).toBe(
      'http://127.0.0.1:1/1/other',
    );
  });

  it('knows that a queue has no dead-letter queue', async () => {
    const own = await openQueue(30);
    await own.sqs.send(new SetQueueAttributesCommand({ QueueUrl: own.url, Attributes: { RedrivePolicy: '' } }));
    expect(await aClient(onLoopback(own.url)).deadLetterUrl()).toBeNull();
    await own.close();
  });

  it('starts although the queue is away, and says so when asked', async () => {
    const away = aClient('http://127.0.0.1:1/000000000000/posthorn');
    await away.open();
    await expect(away.attributes()).rejects.toThrow('ECONNREFUSED');
    await expect(away.deadLetterUrl()).rejects.toThrow();
  });

  it('ends a call without an answer after the limit, and does not repeat it', async () => {
    const sockets: Socket[] = [];
    let requests = 0;
    const count = (chunk: Buffer) => (requests += chunk.toString('latin1').split('POST /').length - 1);
    const silent = createServer((socket) => sockets.push(socket.on('data', count).on('error', () => {})));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/000000000000/posthorn`;
    const client = aClient(url, null, 300);

    const call = client.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }));
    const error: unknown = await call.catch((reason: unknown) => reason);
    silent.close();
    for (const socket of sockets) socket.destroy();

    expect(String(error)).toContain('no answer within 300 ms');
    expect(requests).toBe(1);
  });

  it('cannot be used before it is open, or after it is closed', async () => {
    const client = new QueueClient(embeddedConfig, createLog('silent'));
    expect(() => client.url).toThrow(QueueNotOpen);
    expect(() => client.sqs).toThrow(QueueNotOpen);
    await client.open();
    await client.close();
    expect(() => client.sqs).toThrow(QueueNotOpen);
    await client.close();
  });
});

describe('the embedded queue', () => {
  it('takes another port when its usual one is taken, and listens on loopback only', async () => {
    const usual: Server = createServer().listen(4566, '127.0.0.1');
    // Another process may have the port already.
    await once(usual, 'listening').catch(() => undefined);
    const embedded = await startEmbeddedQueue('eu-west-1');
    expect(usual.listening && embedded.port === 4566).toBe(false);
    expect(embedded.endpoint).toBe(`http://127.0.0.1:${embedded.port}`);
    expect((await fetch(`${embedded.endpoint}/health`)).status).toBe(200);
    await embedded.stop();
    usual.close();
  });

  it('makes the same queues again without complaint, elsewhere under other names too', async () => {
    const queue = await openQueue(1);
    const names = { queue: 'posthorn', deadLetters: 'posthorn-dlq' };
    expect(await ensureQueues(queue.sqs, names)).toEqual({ queueUrl: queue.url, deadLetterUrl: await queue.deadLetterUrl() });
    const { queueUrl } = await ensureQueues(queue.sqs, { queue: 'other', deadLetters: 'other-dead' });
    expect(await lookInto(queue, queueUrl)).toEqual([]);
    await queue.close();
  });
});
