import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { UsageCounts } from '../../src/limits/usage-counts.js';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ QUOTA_MESSAGES_PER_DAY: '5' });
});
afterAll(() => app.stop());

const message = { eventType: 'order.paid', payload: { n: 1 } };

/** An organisation of its own, with an application. */
async function sender() {
  const orgId = randomOrgId();
  const api = app.as(app.tokenFor(orgId));
  const { id } = (await api.post('/app', { name: 'quota' })).body;
  const send = (body: unknown = message, headers = {}) => api.post(`/app/${id}/msg`, body, headers);
  const batch = (count: number) =>
    api.post(
      `/app/${id}/msg/batch`,
      Array.from({ length: count }, () => message),
    );
  return { orgId, api, appId: id as string, send, batch };
}

it('refuses messages beyond the quota, and says when it begins again', async () => {
  const { send } = await sender();
  for (let n = 0; n < 5; n++) expect((await send()).status).toBe(202);
  const { status, body, headers } = await send();
  expect(status).toBe(429);
  expect(body).toEqual({ code: 'rate_limit', detail: expect.stringContaining('5 messages per day (UTC)') });
  expect(headers['ratelimit-policy']).toBe('"messages-per-day";q=5;w=86400');
  const midnight = Math.ceil((86_400_000 - (Date.now() % 86_400_000)) / 1000);
  expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(midnight - 5);
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(midnight + 65);
});

it('says with each answer how many messages are left', async () => {
  const { send } = await sender();
  expect((await send()).headers['ratelimit-policy']).toBe('"messages-per-day";q=5;w=86400');
  expect((await send()).headers['ratelimit']).toMatch(/^"messages-per-day";r=3;t=\d+$/);
});

it('counts a repeated message once, and answers it beyond the quota', async () => {
  const { send } = await sender();
  const key = { 'idempotency-key': 'first' };
  const first = await send(message, key);
  for (let n = 0; n < 5; n++) expect((await send(message, key)).body.id).toBe(first.body.id);
  for (let n = 0; n < 4; n++) expect((await send()).status).toBe(202);
  expect((await send()).status).toBe(429);
  expect((await send(message, key)).body.id).toBe(first.body.id);
});

it('counts a sent example, and not a resend', async () => {
  const { send, api, appId } = await sender();
  const endpoint = (await api.post(`/app/${appId}/endpoint`, { url: 'http://127.0.0.1:9/' })).body.id;
  const { id } = (await send()).body;
  const example = () => api.post(`/app/${appId}/endpoint/${endpoint}/send-example`, { eventType: 'svix.ping' });
  for (let n = 0; n < 4; n++) expect((await example()).status).toBe(200);
  const refused = await example();
  expect([refused.status, refused.headers['ratelimit-policy']]).toEqual([429, '"messages-per-day";q=5;w=86400']);
  expect((await api.post(`/app/${appId}/msg/${id}/endpoint/${endpoint}/resend`)).status).toBe(202);
});

it('does not count messages that are refused', async () => {
  const { send, api } = await sender();
  const once = { ...message, eventId: 'once' };
  expect((await send(once)).status).toBe(202);
  for (let n = 0; n < 5; n++) expect((await send(once)).status).toBe(409);
  expect((await api.post('/app/nobody/msg', message)).status).toBe(404);
  for (let n = 0; n < 4; n++) expect((await send()).status).toBe(202);
  expect((await send()).status).toBe(429);
});

it('counts the messages of a batch, and takes all or none', async () => {
  const { send, batch } = await sender();
  expect((await batch(3)).status).toBe(202);
  expect((await batch(3)).status).toBe(429);
  expect((await batch(2)).status).toBe(202);
  expect((await send()).status).toBe(429);
});

it('lets at most the quota through when many come at once', async () => {
  const { send } = await sender();
  const answers = await Promise.all(Array.from({ length: 30 }, () => send()));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(5);
});

it('can be raised for one organisation, for which also the month counts', async () => {
  const { orgId, send, api } = await sender();
  const raised = { messagesPerDay: 100, messagesPerMonth: 7 };
  await app.as(app.operatorToken()).put(`/admin/organization/${orgId}/limits`, raised);
  for (let n = 0; n < 7; n++) expect((await send()).status).toBe(202);
  const { status, headers } = await send();
  expect([status, headers['ratelimit-policy']]).toEqual([429, '"messages-per-month";q=7;w=2678400']);
  expect((await api.get('/stats/usage/limits')).body.messages).toEqual({ today: 7, thisMonth: 7 });
});

it('is counted by key and day, for the organisation and for an operator', async () => {
  const { orgId, send, api } = await sender();
  await send();
  await send({ nonsense: true });
  await app.nest.get(UsageCounts).write();
  const { body } = await api.get('/stats/usage/key');
  const today = new Date().toISOString().slice(0, 10);
  const requests = { ok: 2, refused: 1, failed: 0 };
  const row = { orgId, day: today, keyId: expect.any(String), requests, messages: 1 };
  expect(body).toEqual({ data: [row], iterator: expect.any(String), done: true });

  const operator = app.as(app.operatorToken());
  expect((await operator.get(`/stats/usage/key?org_id=${orgId}`)).body.data).toHaveLength(1);
  expect((await operator.get('/stats/usage/key')).body.data.length).toBeGreaterThan(1);
  expect((await operator.get(`/stats/usage/key?org_id=${orgId}&since=2020-01-01&until=2020-02-01`)).body.data).toEqual([]);
  expect((await api.get(`/stats/usage/key?org_id=${randomOrgId()}`)).body.data).toEqual([]);
});

it.each([
  ['of no organisation', ['2026-11-28', '\u0000', 'key']],
  ['of no key', ['2026-11-28', 'org_a', '\ud800']],
  ['of no day', ['2026-99-99', 'org_a', 'key']],
  ['that is no list', 5],
])('can not be read from a place %s', async (_what, place) => {
  const iterator = Buffer.from(JSON.stringify(place)).toString('base64url');
  const { api } = await sender();
  expect((await api.get(`/stats/usage/key?iterator=${iterator}`)).status).toBe(422);
});

it('is not asked for keys that no token can have', async () => {
  const { api } = await sender();
  expect((await api.get(`/stats/usage/key?key_id=${encodeURIComponent('é😀')}`)).status).toBe(422);
});

it('is shown in pages', async () => {
  const orgId = randomOrgId();
  const usage = app.nest.get(UsageCounts);
  for (const keyId of ['a', 'b', 'c', 'd', 'e']) usage.addRequest({ orgId, keyId }, 200);
  await usage.write();
  const keys: string[] = [];
  let iterator = '';
  for (let done = false; !done;) {
    const { body } = await app.as(app.tokenFor(orgId)).get(`/stats/usage/key?limit=2${iterator && `&iterator=${iterator}`}`);
    keys.push(...body.data.map(({ keyId }: { keyId: string }) => keyId));
    ({ iterator, done } = body);
  }
  // The requests of the list itself have another key.
  expect(keys.filter((key) => key.length === 1)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect((await app.as(app.tokenFor(orgId)).get('/stats/usage/key?iterator=nonsense')).status).toBe(422);
});
