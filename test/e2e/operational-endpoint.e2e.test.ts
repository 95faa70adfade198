import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { randomOrgId } from '../support/tokens.js';

const URL = 'http://127.0.0.1:9/ops';
const TYPES = [
  'endpoint.created',
  'endpoint.deleted',
  'endpoint.disabled',
  'endpoint.unreadable',
  'endpoint.updated',
  'message.attempt.exhausted',
  'message.attempt.failing',
  'message.attempt.recovered',
];

describe('endpoints for operational webhooks', () => {
  let app: TestApp;
  let orgId: string;
  let svix: Svix;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(() => {
    orgId = randomOrgId();
    svix = app.svix(app.tokenFor(orgId));
  });
  afterAll(() => app?.stop());

  const api = () => app.as(app.tokenFor(orgId));
  const endpoints = () => svix.operationalWebhook.endpoint;

  it('are none at first', async () => {
    expect(await endpoints().list()).toMatchObject({ data: [], done: true });
    await expect(endpoints().get('ep_none')).rejects.toMatchObject({ code: 404 });
  });

  it('are created, read, listed, replaced and deleted', async () => {
    const created = await endpoints().create({
      url: URL,
      description: 'ours',
      uid: 'ops',
      metadata: { a: 'b' },
      eventTypes: TYPES,
    });
    const { id } = created;
    const replaced = await endpoints().upsert(id, { url: `${URL}/2`, disabled: true });

    expect(created).toMatchObject({ url: URL, description: 'ours', uid: 'ops', disabled: false, metadata: { a: 'b' } });
    expect(new Set(created.eventTypes)).toEqual(new Set(TYPES));
    expect(replaced).toMatchObject({ id, url: `${URL}/2`, disabled: true, uid: null, eventTypes: null });
    expect(await endpoints().get(id)).toEqual(replaced);
    expect((await endpoints().list()).data).toEqual([replaced]);
    await endpoints().delete(id);
    await expect(endpoints().get(id)).rejects.toMatchObject({ code: 404 });
  });

  it('are made by a replacement that finds none', async () => {
    const { status, body } = await api().put('/operational-webhook/endpoint/mine', { url: URL });

    expect(status).toBe(201);
    expect(body.uid).toBe('mine');
  });

  it('are changed in part', async () => {
    const { id } = await endpoints().create({ url: URL, description: 'before' });
    const { body } = await api().patch(`/operational-webhook/endpoint/${id}`, { description: 'after' });

    expect(body).toMatchObject({ id, url: URL, description: 'after' });
  });

  it('have a secret that can be rotated', async () => {
    const { id } = await endpoints().create({ url: URL });
    const { key } = await endpoints().getSecret(id);
    await endpoints().rotateSecret(id, {});

    expect(key).toMatch(/^whsec_/);
    expect((await endpoints().getSecret(id)).key).not.toBe(key);
  });

  it('have headers', async () => {
    const { id } = await endpoints().create({ url: URL, headers: { 'X-First': '1' } });
    expect((await endpoints().getHeaders(id)).headers).toEqual({ 'X-First': '1' });
    await endpoints().setHeaders(id, { headers: { 'X-Second': '2', Authorization: 'secret' } });
    await api().patch(`/operational-webhook/endpoint/${id}/headers`, { headers: { 'x-third': '3' } });

    expect(await endpoints().getHeaders(id)).toEqual({
      headers: { 'X-Second': '2', 'x-third': '3' },
      sensitive: ['Authorization'],
    });
  });

  it('can filter by every operational event type and no other', async () => {
    expect((await api().post('/operational-webhook/endpoint', { url: URL, eventTypes: ['order.paid'] })).status).toBe(422);
    const management = app.as(app.tokenFor('org_00000000000SvixManagement00'));
    const { data } = (await management.get('/event-type')).body;

    expect(data.map(({ name }: { name: string }) => name)).toEqual(TYPES);
  });

  it('belong to one tenant', async () => {
    const { id } = await endpoints().create({ url: URL });
    const other = app.as(app.tokenFor(randomOrgId()));

    expect((await other.get(`/operational-webhook/endpoint/${id}`)).status).toBe(404);
    expect((await other.get(`/operational-webhook/endpoint/${id}/secret`)).status).toBe(404);
    expect((await other.delete(`/operational-webhook/endpoint/${id}`)).status).toBe(404);
  });

  it("are not for an application's token", async () => {
    const { id } = await anApplication({ api: api() });
    const portal = app.as(app.appTokenFor(id, orgId));

    expect((await portal.get('/operational-webhook/endpoint')).status).toBe(403);
    expect((await portal.post('/operational-webhook/endpoint', { url: URL })).status).toBe(403);
  });

  it('are refused to an organisation whose id can be no uid', async () => {
    const odd = app.as(app.tokenFor('org_a:b'));

    expect((await odd.post('/operational-webhook/endpoint', { url: URL })).status).toBe(400);
    expect((await odd.get('/operational-webhook/endpoint')).body.data).toEqual([]);
  });
});
