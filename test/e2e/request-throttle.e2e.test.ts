import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';
import { until } from '../support/until.js';

/** Repeats a request until it is refused: a slow machine gets a new token meanwhile. */
async function refused(send: () => Promise<Answer>): Promise<Answer> {
  for (let n = 0; n < 100; n++) {
    const answer = await send();
    if (answer.status === 429) return answer;
  }
  throw new Error('None of 100 requests was refused.');
}

describe('a rate for all organisations', () => {
  let app: TestApp;
  let orgId: string;

  beforeAll(async () => {
    app = await startApp({ THROTTLE_RATE: '1', THROTTLE_BURST: '5' });
  });
  afterAll(() => app.stop());
  beforeEach(() => {
    orgId = randomOrgId();
  });

  const api = (org = orgId) => app.as(app.tokenFor(org));
  const list = () => api().get('/event-type');

  it('lets a burst through, and refuses what comes then', async () => {
    for (let n = 0; n < 5; n++) expect((await list()).status).toBe(200);
    const { body, headers } = await refused(list);
    expect(body).toEqual({ code: 'rate_limit', detail: expect.stringContaining('1 requests a second of this organisation') });
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(headers['ratelimit-policy']).toBe('"organization";q=5;w=5');
    expect(headers['ratelimit']).toMatch(/^"organization";r=0;t=[45]$/);
  });

  it('says with each answer how many requests are left', async () => {
    const { status, headers } = await list();
    expect([status, headers['ratelimit-policy']]).toEqual([200, '"organization";q=5;w=5']);
    expect(headers['ratelimit']).toBe('"organization";r=4;t=1');
  });

  it('does not refuse another organisation', async () => {
    await refused(list);
    expect((await api(randomOrgId()).get('/event-type')).status).toBe(200);
  });

  it('refuses before the body is parsed', async () => {
    const broken = { headers: { 'content-type': 'application/json' }, body: '{' };
    const { body } = await refused(() => api().raw('POST', '/app', broken));
    expect(body.code).toBe('rate_limit');
  });

  it('answers a large body', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(1_900_000) });
    for (let n = 0; n < 2; n++) {
      const answer = await refused(() => api().raw('POST', '/app', { body }));
      expect(answer.body.code).toBe('rate_limit');
    }
  });

  it('ends the connection of a body that is larger than the route takes', async () => {
    await refused(list);
    const { hostname, port } = new URL(app.url);
    const headers = { authorization: `Bearer ${app.tokenFor(orgId)}`, 'transfer-encoding': 'chunked' };
    const sent = httpRequest({ hostname, port, method: 'POST', path: '/api/v1/app', headers });
    sent.on('error', () => undefined);
    let closed = false;
    sent.on('close', () => (closed = true));
    const write = async () => {
      if (!closed) sent.write(Buffer.alloc(65_536, 'x'));
      await new Promise((next) => setImmediate(next));
      return closed;
    };
    await until(write, 5_000, 'the connection to end');
  });

  it('does not refuse health checks, documents and strangers', async () => {
    await refused(list);
    const headers = { authorization: `Bearer ${app.tokenFor(orgId)}` };
    expect((await app.root.get('/health/ready', headers)).status).toBe(200);
    expect((await app.root.get('/api/v1/health', headers)).status).toBeLessThan(300);
    expect((await app.root.get('/api/v1/openapi.json', headers)).status).toBe(200);
    expect((await app.as('nonsense').get('/event-type')).status).toBe(401);
  });

  it('lets a browser read the answer', async () => {
    const { headers } = await refused(() => api().get('/event-type', { origin: 'https://portal.example' }));
    expect(headers['access-control-allow-origin']).toBe('https://portal.example');
    expect(headers['access-control-expose-headers']).toContain('RateLimit');
  });

  it('is an error of the official client, which does not repeat the request', async () => {
    await refused(list);
    const client = app.svix(app.tokenFor(orgId));
    const lines = () => app.log.filter((line) => line.includes('"status":429') && line.includes(orgId)).length;
    const before = lines();
    await expect(client.eventType.list()).rejects.toMatchObject({ code: 429, body: { code: 'rate_limit' } });
    await until(() => lines() > before, 2_000, 'the line of the request');
    expect(lines()).toBe(before + 1);
  });
});

describe('limits of one organisation', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ THROTTLE_KEY_RATE: '1000' });
  });
  afterAll(() => app.stop());

  it('apply at once, and end at once', async () => {
    const orgId = randomOrgId();
    const token = app.tokenFor(orgId);
    const operator = app.as(app.operatorToken());
    const path = `/admin/organization/${orgId}/limits`;
    const list = () => app.as(token).get('/event-type');
    expect((await list()).headers['ratelimit']).toBe('"key";r=999;t=1');

    expect((await operator.put(path, { throttleRate: 1, throttleKeyRate: 0 })).body).toMatchObject({
      orgId,
      own: { throttleRate: 1, throttleKeyRate: 0, maxApps: null },
      limits: { throttleRate: 1, throttleKeyRate: 0, maxApps: 100_000 },
    });
    expect((await refused(list)).headers['ratelimit-policy']).toBe('"organization";q=1;w=1');
    expect((await operator.get(path)).body.own).toMatchObject({ throttleRate: 1, throttleKeyRate: 0 });

    expect((await operator.delete(path)).status).toBe(204);
    expect((await list()).headers['ratelimit-policy']).toBe('"key";q=1000;w=1');
  });

  it('refuses by the tightest one', async () => {
    const orgId = randomOrgId();
    const limits = { throttleRate: 5, throttleKeyRate: 1 };
    await app.as(app.operatorToken()).put(`/admin/organization/${orgId}/limits`, limits);
    const token = app.tokenFor(orgId);
    const { body, headers } = await refused(() => app.as(token).get('/event-type'));
    expect(body.detail).toContain('with this token');
    expect(headers['ratelimit-policy']).toBe('"organization";q=5;w=1, "key";q=1;w=1');
  });

  it.each([
    [{ throttleRate: -1 }, 'throttleRate'],
    [{ maxBatchMessages: 1_001 }, 'maxBatchMessages'],
    [{ messagesPerDay: 1.5 }, 'messagesPerDay'],
    [{ throttleRate: 0, throttleBurst: 5 }, 'throttleBurst'],
    [{ throttleBurst: 5 }, 'throttleBurst'],
  ])('can not be %j', async (limits, name) => {
    const answer = await app.as(app.operatorToken()).put(`/admin/organization/${randomOrgId()}/limits`, limits);
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ['body', name]]);
  });

  it('are shown to the organisation itself', async () => {
    const { status, body } = await app.api.get('/stats/usage/limits');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      limits: { throttleKeyRate: 1_000, maxEndpointsPerApp: 500 },
      messages: { today: 0, thisMonth: 0 },
    });
  });
});
