import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';

const WAIT_MS = 30_000;
const SERVER = 2;
const CLIENT = 3;
const marker = (name: string) => `${name}-${randomBytes(12).toString('hex')}`;
const hex = (bytes: number) => randomBytes(bytes).toString('hex');

describe.each([
  ['inside the process', '100'],
  ['through the queue', '0'],
])('the trace of a message that is handed over %s', (_, handoff) => {
  let collector: OtlpReceiver;
  let receiver: Receiver;
  let app: TestApp;
  let messageId: string;
  let inTrace: ReceivedSpan[];
  const caller = { traceId: hex(16), spanId: hex(8) };
  const names = ['user', 'path', 'query', 'header', 'payload'] as const;
  const secrets = Object.fromEntries(names.map((name) => [name, marker(name)])) as Record<(typeof names)[number], string>;
  const named = (name: string) => inTrace.find((span) => span.name === name);

  beforeAll(async () => {
    [collector, receiver] = await Promise.all([startOtlpReceiver(), startReceiver(() => 204)]);
    app = await startApp({ HANDOFF: handoff, SERVICE_NAME: 'posthorn-staging', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const { id } = await anApplication(app);
    const { host } = new URL(receiver.url);
    const url = `http://${secrets.user}:${secrets.user}@${host}/${secrets.path}?token=${secrets.query}`;
    await anEndpoint(app, id, { url, headers: { 'x-secret': secrets.header } });
    const message = { eventType: 'order.paid', payload: { secret: secrets.payload } };
    const traceparent = `00-${caller.traceId}-${caller.spanId}-01`;
    messageId = (await app.api.post(`/app/${id}/msg`, message, { traceparent })).body.id;
    const settled = async () => (await app.api.get(`/app/${id}/attempt/msg/${messageId}`)).body.data.length === 1;
    await until(settled, WAIT_MS, 'the attempt to be committed');
    await app.root.get('/health');
    // What was not sent yet is sent at the stop.
    await app.stop();
    inTrace = collector.spans.filter(({ traceId }) => traceId === caller.traceId);
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop(), collector?.stop()]));

  it("goes from the caller's span over the commit to the endpoint", () => {
    const request = named('POST /api/v1/app/:app_id/msg');
    expect(request).toMatchObject({
      parentSpanId: caller.spanId,
      kind: SERVER,
      attributes: { 'http.response.status_code': 202 },
    });
    const accepted = named('accept message');
    expect(accepted).toMatchObject({ parentSpanId: request!.spanId });
    expect(named('group commit')).toMatchObject({ attributes: { 'posthorn.messages': 1, 'posthorn.deliveries': 1 } });
    const delivery = named('deliver');
    expect(delivery).toMatchObject({
      parentSpanId: accepted!.spanId,
      attributes: { 'posthorn.message_id': messageId, 'posthorn.attempt': 1 },
    });
    expect(named('POST')).toMatchObject({
      parentSpanId: delivery!.spanId,
      kind: CLIENT,
      attributes: { 'http.response.status_code': 204, 'server.address': '127.0.0.1' },
    });
  });

  it('is of this service', () => {
    expect(collector.resource).toMatchObject({ 'service.name': 'posthorn-staging' });
  });

  it('has neither payloads in it nor what of a URL or header may be secret', () => {
    expect(collector.text()).toContain(messageId);
    for (const secret of [...Object.values(secrets), app.token]) expect(collector.text()).not.toContain(secret);
  });

  it('is not told to endpoints', () => {
    expect(receiver.received.map(({ headers }) => headers['traceparent'])).toEqual([undefined]);
  });

  it('is spared the probes of health', () => {
    expect(collector.spans.filter(({ name }) => name.includes('/health'))).toEqual([]);
  });

  it('shows the other work with the database and the queue in spans of their own', () => {
    const all = collector.spans.map(({ name }) => name);
    expect(all).toContain('settle');
    // A busy process sends everything through the queue, whatever its share is.
    const ofQueue = handoff === '0' ? ['send tasks', 'receive tasks', 'claim'] : [];
    expect(ofQueue.filter((name) => !all.includes(name))).toEqual([]);
  });
});
