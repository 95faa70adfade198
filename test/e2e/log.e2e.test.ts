import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anInstallation } from '../faults/installation.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { freePort } from '../support/services.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const secret = () => `whsec_${randomBytes(24).toString('base64')}`;
const marker = (name: string) => `${name}-${randomBytes(12).toString('hex')}`;

describe('the log of a process that reaches neither database nor cache', () => {
  it('has neither of their passwords', async () => {
    const [database, cache] = [marker('database'), marker('cache')];
    const port = await freePort();
    const installation = await anInstallation({
      DATABASE_URL: `mysql://posthorn:${database}@127.0.0.1:${port}/posthorn`,
      REDIS_URL: `redis://:${cache}@127.0.0.1:${port}`,
      SQS_QUEUE_URL: '',
    });
    const { log, url } = await installation.start({ untilReady: false });
    const health = async () => (await fetch(`${url}/health`)).text();
    const missesBoth = async () => (await health()).includes('CacheAway') && log.join().includes('database.away');
    await until(missesBoth, WAIT_MS, 'both to be missed').finally(() => installation.remove());

    expect(log.join()).not.toContain(database);
    expect(log.join()).not.toContain(cache);
  });
});

describe('the log', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  const confidential: Record<string, string> = {
    secret: secret(),
    'rotated secret': secret(),
    header: marker('header'),
    'sensitive header': marker('bearer'),
    'URL password': marker('password'),
    'URL query': marker('query'),
    payload: marker('payload'),
    'raw payload': marker('raw'),
    'broken body': marker('broken'),
    response: marker('response'),
    'idempotency key': marker('idempotency'),
    'query of a request': marker('channel'),
    'wrong token': `${marker('eyJ')}.${marker('e')}.${marker('s')}`,
  };

  beforeAll(async () => {
    app = await startApp({ LOG_LEVEL: 'trace', RETRY_SCHEDULE: '1' });
    receiver = await startReceiver((_, index) => ({ status: index === 0 ? 500 : 200, body: confidential['response'] }));
    appId = (await anApplication(app)).id;
    await useAll();
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  const lines = (): any[] => app.log.map((line) => JSON.parse(line));
  const attempts = async (): Promise<any[]> => {
    const messages = (await app.api.get(`/app/${appId}/msg`)).body.data;
    const lists = await Promise.all(messages.map(({ id }: { id: string }) => app.api.get(`/app/${appId}/attempt/msg/${id}`)));
    return lists.flatMap(({ body }) => body.data);
  };

  /** Lets each confidential text pass through the service, on paths that go well and on paths that fail. */
  const useAll = async () => {
    const url = new URL(receiver.url);
    url.username = 'user';
    url.password = confidential['URL password']!;
    url.search = confidential['URL query']!;
    const headers = { 'X-Custom': confidential['header'], Authorization: confidential['sensitive header'] };
    const { id } = await anEndpoint(app, appId, { url: url.href, secret: confidential['secret'], headers });
    const path = `/app/${appId}/endpoint/${id}`;
    await app.api.post(`${path}/secret/rotate`, { key: confidential['rotated secret'] });
    await app.api.get(`${path}/secret`);
    await app.api.get(`${path}/headers`);
    await app.api.put(`${path}/headers`, { headers: { ...headers, host: confidential['header'] } });
    await app.api.post(`/app/${appId}/endpoint`, { url: 'nonsense', secret: `${confidential['secret']}!` });
    const body = { eventType: 'order.paid', payload: { text: confidential['payload'] }, eventId: 'event-1' };
    await app.api.post(`/app/${appId}/msg`, body, { 'idempotency-key': confidential['idempotency key']! });
    await app.api.post(`/app/${appId}/msg`, body);
    await aMessage(app, appId, { transformationsParams: { rawPayload: confidential['raw payload'] } });
    await app.api.raw('post', `/app/${appId}/msg`, { body: `{"eventType":"a","payload":{"${confidential['broken body']}` });
    await app.api.get(`/app/${appId}/msg?channel=${confidential['query of a request']}`);
    await app.as(confidential['wrong token']!).get('/app');
    await app.as(app.env['JWT_SECRET']!).get('/app');
    await app.as(app.appTokenFor(appId)).get(`/app/${appId}`);
    await receiver.got(3, WAIT_MS);
    await until(async () => (await attempts()).length === 3, WAIT_MS, 'three attempts');
  };

  it('is one JSON object a line, with time, level and message', () => {
    expect(app.log.length).toBeGreaterThan(20);
    for (const line of lines()) {
      expect(line).toMatchObject({ time: expect.any(String), level: expect.any(String), msg: expect.any(String) });
    }
  });

  it.each(Object.keys(confidential))('has no %s', (name) => {
    expect(app.log.join('\n')).not.toContain(confidential[name]);
  });

  it('has no secret of the installation and no token', () => {
    const text = app.log.join('\n');

    const { password } = new URL(app.env['DATABASE_URL'] ?? 'none:');
    for (const secret of [app.env['JWT_SECRET'], app.env['ENCRYPTION_KEY'], password]) {
      if (secret) expect(text).not.toContain(secret);
    }
    expect(text).not.toContain(app.token);
    expect(text).not.toContain(app.appTokenFor(appId));
    expect(text).not.toContain(app.token.split('.')[2]);
  });

  it('has exactly one line for each attempt, with its ids and outcome', async () => {
    const written = lines().filter(({ msg }) => msg === 'delivery.attempted');
    const listed = await attempts();

    expect(written.map(({ attemptId }) => attemptId).sort()).toEqual(listed.map(({ id }) => id).sort());
    for (const attempt of listed) {
      expect(written.find(({ attemptId }) => attemptId === attempt.id)).toMatchObject({
        appId,
        msgId: attempt.msgId,
        endpointId: attempt.endpointId,
        statusCode: attempt.responseStatusCode,
        trigger: 'scheduled',
        durationMs: attempt.responseDurationMs,
      });
    }
  });

  it.each([
    ['x-request-id', 'request-4711', 'request-4711'],
    ['svix-req-id', '1234567', '1234567'],
    ['X-Amzn-Trace-Id', 'Self=1-a;Root=1-67891233-abcdef012345678912345678;Sampled=1', '1-67891233-abcdef012345678912345678'],
  ])('names a request by its %s', async (header, value, requestId) => {
    const { headers } = await app.api.get(`/app/${appId}`, { [header]: value });
    const line = () => lines().find((one) => one.msg === 'http.request' && one.requestId === requestId);
    const found = await until(line, WAIT_MS, 'the line of the request');

    expect(headers['x-request-id']).toBe(requestId);
    expect(found).toMatchObject({ method: 'GET', path: `/api/v1/app/${appId}`, status: 200, orgId: app.orgId });
  });

  it('takes no request id that could break a line', async () => {
    const { headers } = await app.api.get(`/app/${appId}`, { 'x-request-id': 'a b' });

    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});
