import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { startCustomer, type Customer } from '../faults/customer.js';
import type { Server } from '../faults/installation.js';
import { apiAt } from '../support/api.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { claimsFor, signToken } from '../support/tokens.js';
import { until } from '../support/until.js';
import { BOTH_WAYS, twoBuilds, withCache, type TwoBuilds } from './two-builds.js';

const WAIT_MS = 30_000;

let both: TwoBuilds;
let servers: Record<string, Server>;
let customer: Customer;

beforeAll(async () => {
  both = await twoBuilds({ RETRY_SCHEDULE: '1,1' });
  const [now, before] = await Promise.all([both.start('this build'), both.start('the build before')]);
  servers = { 'this build': now, 'the build before': before };
});
beforeEach(async () => {
  customer = await startCustomer();
});
afterEach(() => customer.stop());
afterAll(() => both?.remove());

describe.each(BOTH_WAYS)('what %s did, to %s', (first, second) => {
  let one: Server;
  let other: Server;
  let appId: string;

  beforeEach(async () => {
    one = servers[first]!;
    other = servers[second]!;
    appId = (await anApplication(one)).id;
  });

  describe('a POST with an idempotency key', () => {
    /** What both answered; each try is another POST, to an application of its own. */
    const repeated = (path: () => string, body: () => unknown) =>
      withCache([one, other], async () => {
        appId = (await anApplication(one)).id;
        const post = [path(), body(), { 'idempotency-key': randomUUID() }] as const;
        const answer = await one.api.post(...post);
        return { answer, again: await other.api.post(...post) };
      });
    const listed = async () => (await other.api.get(`/app/${appId}/msg`)).body.data as any[];

    it('that made a message has the same answer, and there is one message', async () => {
      const { answer, again } = await repeated(
        () => `/app/${appId}/msg`,
        () => ({ eventType: 'order.paid', payload: { order: 1 } }),
      );

      expect(answer.status).toBe(202);
      expect(again).toMatchObject({ status: 202, body: { id: answer.body.id } });
      expect((await listed()).map(({ id }) => id)).toEqual([answer.body.id]);
    });

    it('that made messages by the batch has the same answer', async () => {
      const { answer, again } = await repeated(
        () => `/app/${appId}/msg/batch`,
        () => [1, 2].map((order) => ({ eventType: 'order.paid', payload: { order } })),
      );

      expect(answer.status).toBeLessThan(300);
      expect(again).toMatchObject({ status: answer.status, body: answer.body });
      expect(await listed()).toHaveLength(2);
    });

    it.each([
      ['an application', () => '/app', () => ({ name: 'Shop' })],
      ['an endpoint', () => `/app/${appId}/endpoint`, () => ({ url: 'http://127.0.0.1:9/hook' })],
      ['an event type', () => '/event-type', () => ({ name: `made.${randomUUID()}`, description: '' })],
      [
        'an operational endpoint',
        () => '/operational-webhook/endpoint',
        () => ({ url: 'http://127.0.0.1:9/hook', disabled: true }),
      ],
      ['a token', () => `/auth/app-portal-access/${appId}`, () => ({})],
      ['a background task', () => '/stats/usage/app', () => ({ since: new Date(0), until: new Date() })],
    ])('that made %s has the same answer', async (_what, path, body) => {
      const { answer, again } = await repeated(path, body);

      expect(answer.status).toBeLessThan(300);
      expect([again.status, again.body]).toEqual([answer.status, answer.body]);
    });

    it('that was refused is free for the next', async () => {
      const key = { 'idempotency-key': randomUUID() };
      expect((await one.api.post('/app', {}, key)).status).toBe(422);
      expect((await other.api.post('/app', { name: 'Shop' }, key)).status).toBe(201);
    });
  });

  describe('a change of an endpoint', () => {
    let path: string;
    const send = async () => (await aMessage(other, appId)).id as string;

    beforeEach(async () => {
      const { id } = await anEndpoint(one, appId, { url: customer.url });
      path = `/app/${appId}/endpoint/${id}`;
      await send();
      await customer.got(1, WAIT_MS);
    });

    it('of its address holds for the next message', async () => {
      await one.api.patch(path, { url: `${customer.url}/moved` });
      const id = await send();

      const [, next] = await customer.got(2, WAIT_MS);
      expect([next!.headers['webhook-id'], next!.path]).toEqual([id, '/hook/moved']);
    });

    it('of its filter, and its end, hold for the next message', async () => {
      await one.api.patch(path, { channels: ['elsewhere'] });
      const filtered = await send();
      await one.api.patch(path, { channels: null, disabled: true });
      const disabled = await send();
      await one.api.patch(path, { disabled: false });
      const wanted = await send();
      // What is not under way when its endpoint is deleted is not sent any more.
      await customer.tookAll(new Map([[wanted, '{"order":42}']]), WAIT_MS);
      await one.api.delete(path);
      const deleted = await send();

      const met = async (id: string) => (await one.api.get(`/app/${appId}/msg/${id}/endpoint`)).body.data.length;
      expect([await met(filtered), await met(disabled), await met(deleted)]).toEqual([0, 0, 0]);
      expect(customer.received).toHaveLength(2);
    });

    it('of its secret and headers holds for the next message', async () => {
      await one.api.post(`${path}/secret/rotate`, { gracePeriodSeconds: 0 });
      await one.api.put(`${path}/headers`, { headers: { 'x-own': first } });
      await send();

      const [, next] = await customer.got(2, WAIT_MS);
      const { key } = (await other.api.get(`${path}/secret`)).body;
      expect(new Webhook(key).verify(next!.body.toString(), next!.headers as Record<string, string>)).toEqual({ order: 42 });
      expect(next!.headers['x-own']).toBe(first);
    });
  });

  it('a token that was revoked is refused', async () => {
    const { token } = (await one.api.post(`/auth/app-portal-access/${appId}`, {})).body;
    const at = (server: Server) => apiAt(`${server.url}/api/v1`, token);
    expect((await at(other).get(`/app/${appId}`)).status).toBe(200);
    expect((await at(one).post('/auth/logout')).status).toBe(204);

    await until(async () => (await at(other).get(`/app/${appId}`)).status === 401, WAIT_MS, 'the token to be refused');
  });

  it('a token of the organisation that was logged out is refused, and another one is not', async () => {
    const orgId = JSON.parse(Buffer.from(one.token.split('.')[1]!, 'base64url').toString()).sub;
    const token = signToken(both.env['JWT_SECRET']!, claimsFor({ sub: orgId }));
    const at = (server: Server) => apiAt(`${server.url}/api/v1`, token);
    expect((await at(other).get('/app')).status).toBe(200);
    expect((await at(one).post('/auth/logout')).status).toBe(204);

    await until(async () => (await at(other).get('/app')).status === 401, WAIT_MS, 'the token to be refused');
    expect((await other.api.get('/app')).status).toBe(200);
  });

  it("a poller's place moves on, and can be moved", async () => {
    const { id: sinkId } = await anEndpoint(one, appId, { disabled: true });
    const consumer = `/app/${appId}/poller/${sinkId}/consumer/reader`;
    await one.api.post(`${consumer}/seek`, { after: new Date(Date.now() - 60_000) });
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await aMessage(one, appId)).id);
    // The newest are handed out after a while.
    const all = async () => (await one.api.get(`/app/${appId}/poller/${sinkId}?limit=3`)).body.data.length === 3;
    await until(all, WAIT_MS, 'messages to poll');

    const pages: any[] = [];
    for (const server of [one, other, one]) {
      const iterator = pages.length > 0 ? `&iterator=${encodeURIComponent(pages.at(-1).iterator)}` : '';
      pages.push((await server.api.get(`${consumer}?limit=1${iterator}`)).body);
    }
    expect(pages.map(({ data }) => data.map(({ id }: any) => id)).flat()).toEqual(ids.sort());

    await one.api.post(`${consumer}/seek`, { after: new Date(Date.now() - 60_000) });
    const { body } = await other.api.get(`${consumer}?limit=3`);
    expect(body.data.map(({ id }: any) => id)).toEqual(ids);
  });

  it('an attempt is listed with its answer', async () => {
    await customer.stop();
    customer = await startCustomer(() => ({ status: 200, body: `taken from ${first}` }));
    const { id: endpointId } = await anEndpoint(one, appId, { url: customer.url });
    const { id: msgId } = await aMessage(one, appId);
    const attempts = async () => (await other.api.get(`/app/${appId}/attempt/msg/${msgId}`)).body.data;
    const listed = await until(async () => (await attempts()).length > 0 && attempts(), WAIT_MS, 'an attempt');

    const attempt = { msgId, endpointId, status: 0, responseStatusCode: 200, response: `taken from ${first}`, url: customer.url };
    expect(listed).toEqual([expect.objectContaining(attempt)]);
    const { body } = await other.api.get(`/app/${appId}/attempt/endpoint/${endpointId}`);
    expect(body.data.map(({ id }: any) => id)).toEqual([listed[0].id]);
  });
});
