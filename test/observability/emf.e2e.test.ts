import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedQueue, EMULATOR_CREDENTIALS, type EmbeddedQueue } from '../../src/queue/embedded-queue.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';
import { emfFaults, emfNames } from './emf-rules.js';

const WAIT_MS = 30_000;
const marker = (name: string) => `${name}-${randomBytes(12).toString('hex')}`;

/** Whatever the parts; only MySQL has connections to tell of, and shares and percentiles need something to happen first. */
const PROMISED = [
  'messagesAccepted messagesConflict messagesError requestsShedQueue requestsShedDeliveries',
  'connections connectionsDroppedIdle connectionsDroppedFull',
  'deliveriesDelivered deliveriesRetry deliveriesFailed deliveriesEnded',
  'deliveriesWrittenHandoff deliveriesWrittenQueue handoffShare',
  'deliveryLatencyP50Seconds deliveryLatencyP95Seconds deliveryLatencyP99Seconds',
  'endpointResponseP50Seconds endpointResponseP95Seconds endpointResponseP99Seconds',
  'dueLagSeconds dueWaiting permits permitsInUse permitsUsedShare',
  'queueWaiting queueInFlight backlog tasksLost fencesLost requestsUnprotected',
  'dependencyUpDatabase dependencyUpQueue dependencyUpCache releaseShare',
  'eventLoopDelayP99Seconds processCpuPercent processMemoryBytes',
].flatMap((names) => names.split(' '));

const linesOf = (app: TestApp) => app.log.filter((line) => line.includes('"_aws"'));

describe('the line with the metrics, with a real queue', () => {
  let queue: EmbeddedQueue;
  let app: TestApp;
  let receiver: Receiver;
  let line: string;
  const secrets = { header: marker('header'), query: marker('query'), payload: marker('payload'), user: marker('user') };

  beforeAll(async () => {
    queue = await startEmbeddedQueue('us-east-1');
    process.env['AWS_ACCESS_KEY_ID'] = EMULATOR_CREDENTIALS.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = EMULATOR_CREDENTIALS.secretAccessKey;
    app = await startApp({
      SERVICE_NAME: 'posthorn-staging',
      SQS_QUEUE_URL: queue.queueUrl,
      SQS_DLQ_URL: queue.deadLetterUrl,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_SQS: queue.endpoint,
      HANDOFF: '100',
      // The metrics are no remark that one may or may not want to read.
      LOG_LEVEL: 'error',
    });
    receiver = await startReceiver();
    const { id } = await anApplication(app);
    const url = `${receiver.url.replace('//', `//${secrets.user}:${secrets.user}@`)}?token=${secrets.query}`;
    await anEndpoint(app, id, { url, headers: { 'x-secret': secrets.header } });
    for (let n = 0; n < 5; n++) await aMessage(app, id, { payload: { secret: secrets.payload } });
    await receiver.got(5);
    const attempts = async () =>
      (await app.api.get(`/app/${id}/attempt/endpoint/${(await app.api.get(`/app/${id}/endpoint`)).body.data[0].id}`)).body.data;
    await until(async () => (await attempts()).length === 5, WAIT_MS, 'five attempts to be committed');
    await app.stop();
    line = linesOf(app).at(-1)!;
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop(), queue?.stop()]));

  it('is one that CloudWatch takes', () => {
    expect(emfFaults(line)).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({
      service: 'posthorn-staging',
      _aws: { CloudWatchMetrics: [{ Namespace: 'Posthorn', Dimensions: [['service']] }] },
    });
  });

  it('has every number that is promised', () => {
    const names = emfNames(line);

    expect(PROMISED.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('says what happened', () => {
    const { messagesAccepted, deliveriesDelivered, deliveriesWrittenHandoff, deliveriesWrittenQueue, ...rest } = JSON.parse(line);

    expect([messagesAccepted, deliveriesDelivered]).toEqual([5, 5]);
    expect(deliveriesWrittenHandoff + deliveriesWrittenQueue).toBe(5);
    expect(rest.dependencyUpQueue.at(-1)).toBe(1);
    expect(rest.deliveryLatencyP99Seconds).toBeGreaterThanOrEqual(rest.deliveryLatencyP50Seconds);
  });

  it('has nothing in it that is secret', () => {
    for (const secret of [...Object.values(secrets), app.token, app.env['JWT_SECRET']!, app.env['ENCRYPTION_KEY']!])
      expect(line).not.toContain(secret);
  });
});

describe('an installation on the embedded queue', () => {
  it('writes no such line', async () => {
    const app = await startApp({ SQS_QUEUE_URL: '' });
    await app.stop();

    expect(linesOf(app)).toEqual([]);
  });
});
