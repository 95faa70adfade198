import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { ownQueues } from '../support/parts.js';
import { startSqs } from '../support/services.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Env, type Installation, type Server } from './installation.js';
import { sendMessages } from './load.js';
import { tapSqs } from './sqs-tap.js';

/** GRACE_MS is 30 s: after that the scanner finds a delivery whose task was lost. */
const GRACE_IS_OVER_MS = 60_000;

describe('the queue', () => {
  let installation: Installation;
  let customer: Customer;

  beforeEach(async () => {
    customer = await startCustomer();
  });
  afterEach(async () => {
    await installation?.remove();
    await customer?.stop();
  });

  const install = async (env: Env = {}) => {
    installation = await anInstallation({ HANDOFF: '0', ...env });
  };
  const anAppWithEndpoint = async (server: Server) => {
    const { id } = await anApplication(server);
    await anEndpoint(server, id, { url: customer.url });
    return id as string;
  };
  const url = (name: 'SQS_QUEUE_URL' | 'SQS_DLQ_URL' = 'SQS_QUEUE_URL') => installation.env[name];
  const depth = async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url(), AttributeNames: ['All'] });
    const { Attributes = {} } = await installation.sqs.send(command);
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inFlight } = Attributes;
    return { waiting: Number(waiting), inFlight: Number(inFlight) };
  };
  const isEmpty = async () => Object.values(await depth()).every((count) => count === 0);
  const queueHealth = async (server: Server, path = '') => {
    const body = (await (await fetch(`${server.url}/health${path}`)).json()) as { details: { queue: Record<string, unknown> } };
    return body.details.queue;
  };
  const logged = (server: Server, event: string) =>
    until(() => server.log.find((line) => line.includes(`"${event}"`)), 20_000, `${event} in the log`).then((line) =>
      JSON.parse(line),
    );

  it('may deliver a task twice, and the message is sent once', async () => {
    await install();
    const api = await installation.start({ role: 'api' });
    const appId = await anAppWithEndpoint(api);
    const { accepted } = await sendMessages(api, { appId, count: 1, concurrency: 1 });
    const receive = () => installation.sqs.send(new ReceiveMessageCommand({ QueueUrl: url(), WaitTimeSeconds: 1 }));
    const task = await until(async () => (await receive()).Messages?.[0], 20_000, 'the task to be in the queue');
    await installation.sqs.send(new DeleteMessageCommand({ QueueUrl: url(), ReceiptHandle: task.ReceiptHandle }));
    for (let n = 0; n < 2; n++) {
      await installation.sqs.send(new SendMessageCommand({ QueueUrl: url(), MessageBody: task.Body }));
    }

    await installation.start({ role: 'worker' });

    await customer.tookAll(accepted, 20_000);
    await until(isEmpty, 20_000, 'both tasks to be gone');
    const [id] = accepted.keys();
    const attempts = () => api.api.get(`/app/${appId}/attempt/msg/${id}`).then(({ body }) => body.data.length > 0 && body.data);
    expect(await until(attempts, 20_000, 'the attempt to be listed')).toHaveLength(1);
    expect(customer.received).toHaveLength(1);
  });

  it('may be purged, and accepted messages arrive when the scanner finds them', async () => {
    await install();
    const api = await installation.start({ role: 'api' });
    const appId = await anAppWithEndpoint(api);
    const { accepted } = await sendMessages(api, { appId, count: 50, concurrency: 10 });
    await until(async () => (await depth()).waiting > 0, 20_000, 'tasks to be in the queue');
    await until(
      async () => {
        await installation.sqs.send(new PurgeQueueCommand({ QueueUrl: url() }));
        return isEmpty();
      },
      20_000,
      'the queue to be empty',
    );

    await installation.start({ role: 'worker' });

    await customer.tookAll(accepted, GRACE_IS_OVER_MS);
    expect(accepted.size).toBe(50);
    expect(customer.takenTwice()).toEqual([]);
  });

  it('may be unreachable, and messages are accepted and arrive', async () => {
    const emulator = await startSqs();
    try {
      await install(await ownQueues(emulator.url, 'away'));
      const server = await installation.start();
      const appId = await anAppWithEndpoint(server);

      await emulator.kill();
      const { accepted, refused, unanswered, slowestMs } = await sendMessages(server, { appId, count: 100, concurrency: 10 });
      expect({ accepted: accepted.size, refused, unanswered }).toEqual({ accepted: 100, refused: [], unanswered: 0 });
      expect(slowestMs).toBeLessThan(5_000);
      expect(await logged(server, 'queue.tasks_not_sent')).toMatchObject({ level: 'warn' });
      await until(async () => (await fetch(`${server.url}/health`)).status === 503, 20_000, 'health to say so');
      await emulator.restart();

      await customer.tookAll(accepted, GRACE_IS_OVER_MS);
      expect(customer.takenTwice()).toEqual([]);
      await until(async () => (await fetch(`${server.url}/health`)).status === 200, 20_000, 'health to be well again');
      const after = await sendMessages(server, { appId, count: 10, concurrency: 10 });
      await customer.tookAll(after.accepted, 20_000);
    } finally {
      await installation.remove();
      await emulator.stop();
    }
  });

  it('may refuse any call: health says which, once in the log; the process stays ready, accepts, and is well by itself', async () => {
    await install();
    const tap = await tapSqs(installation.env['AWS_ENDPOINT_URL_SQS']!);
    try {
      const server = await installation.start({}, { AWS_ENDPOINT_URL_SQS: tap.url });
      const appId = await anAppWithEndpoint(server);
      const post = () => server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} }).then(({ status }) => status);
      const isWell = async () => (await post()) === 202 && (await queueHealth(server)).status === 'up';
      await until(isWell, 20_000, 'health to be well');

      for (const [operation, code, reason] of [
        ['SendMessageBatch', 'AccessDeniedException', 'send refused: AccessDeniedException'],
        ['SendMessageBatch', 'KmsAccessDenied', 'send refused: KmsAccessDenied'],
        ['ReceiveMessage', 'AccessDeniedException', 'receive refused: AccessDeniedException'],
        ['DeleteMessageBatch', 'AccessDeniedException', 'delete refused: AccessDeniedException'],
        ['GetQueueAttributes', 'QueueDoesNotExist', 'QueueDoesNotExist'],
      ] as const) {
        const linesBefore = server.log.length;
        tap.refused.set(operation, code);
        const isTold = async () => (await post()) === 202 && (await queueHealth(server)).reason === reason;
        await until(isTold, 40_000, `health to say "${reason}"`);
        expect(await queueHealth(server, '/ready')).toMatchObject({ status: 'degraded', reason });
        expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
        const said = server.log.slice(linesBefore).filter((line) => line.includes('"dependency.away"'));
        expect(said.map((line) => JSON.parse(line))).toMatchObject([{ dependency: 'queue', reason }]);
        tap.refused.clear();
        await until(isWell, 40_000, 'health to be well again');
      }
    } finally {
      await installation.remove();
      await tap.stop();
    }
  });

  it('moves messages that are not tasks to the dead-letter queue, and the log says why', async () => {
    await install();
    const server = await installation.start();
    const body = '{"v":1,"app":"app_1","d":[["msg_1"]]}';

    await installation.sqs.send(new SendMessageCommand({ QueueUrl: url(), MessageBody: body }));

    expect(await logged(server, 'queue.task_broken')).toMatchObject({
      level: 'error',
      reason: 'delivery 0 of d: no endpoint id',
      deadLettered: true,
    });
    const dead = await until(() => firstOf(installation.sqs, url('SQS_DLQ_URL')!), 20_000, 'the dead letter');
    expect(dead).toEqual({ body, reason: 'delivery 0 of d: no endpoint id' });
    await until(isEmpty, 20_000, 'it to be deleted from the queue');
  });

  it('may contain a task of a later release, which is dropped with a log line, and its row stays unchanged', async () => {
    await install();
    const server = await installation.start();
    const appId = await anAppWithEndpoint(server);

    await installation.sqs.send(new SendMessageCommand({ QueueUrl: url(), MessageBody: '{"v":99,"what":"ever"}' }));

    expect(await logged(server, 'queue.task_newer')).toMatchObject({ level: 'warn', version: 99 });
    await until(isEmpty, 20_000, 'it to be deleted');
    const { accepted } = await sendMessages(server, { appId, count: 1, concurrency: 1 });
    await customer.tookAll(accepted, 20_000);
  });
});

async function firstOf(sqs: SQSClient, queueUrl: string): Promise<{ body?: string; reason?: string } | null> {
  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MessageAttributeNames: ['All'], WaitTimeSeconds: 1 });
  const [message] = (await sqs.send(command)).Messages ?? [];
  return message ? { body: message.Body, reason: message.MessageAttributes?.['reason']?.StringValue } : null;
}
