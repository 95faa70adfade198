import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { OPERATIONS_ORG } from '../../src/domain/operational-event.js';
import type { Api } from '../support/api.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { randomOrgId } from '../support/tokens.js';
import { until } from '../support/until.js';

const url = 'https://example.com/hook';
const UNKNOWN = '2YBXZIko2xmy0s5Rm9N5U7PhHgu';

let app: TestApp;
let api: Api;
let svix: Svix;
let uid: string;

beforeAll(async () => {
  app = await startApp();
});
beforeEach(() => {
  const token = app.tokenFor(randomOrgId());
  api = app.as(token);
  svix = app.svix(token);
  uid = randomUUID();
});
afterAll(() => app?.stop());

/** What can be put: where, and what describes it; `library` puts it through the client. */
interface Kind {
  at(): Promise<string>;
  body: Record<string, unknown>;
  changed: Record<string, unknown>;
  library(): Promise<{ id: string; uid?: string | null }>;
}

const KINDS: Record<string, Kind> = {
  application: {
    at: async () => '/app',
    body: { name: 'Acme', metadata: { a: 'b' }, throttleRate: 5 },
    changed: { name: 'Acme & Sons' },
    library: () => svix.application.upsert(uid, { name: 'Acme' }),
  },
  endpoint: {
    at: async () => `/app/${(await anApplication({ api })).id}/endpoint`,
    body: { url, channels: ['a'], metadata: { a: 'b' } },
    changed: { url, description: 'new' },
    library: async () => {
      const { id } = await svix.application.getOrCreate({ name: 'Acme', uid: 'acme' });
      return svix.endpoint.upsert(id, uid, { url });
    },
  },
  'operational endpoint': {
    at: async () => '/operational-webhook/endpoint',
    body: { url, metadata: { a: 'b' } },
    changed: { url, description: 'new' },
    library: () => svix.operationalWebhook.endpoint.upsert(uid, { url }),
  },
};

describe.each(Object.entries(KINDS))('an %s that is put', (_name, { at, body, changed, library }) => {
  let path: string;

  beforeEach(async () => {
    path = await at();
  });

  const put = (key: string, given: object) => api.put(`${path}/${key}`, given);
  const listed = async () => (await api.get(path)).body.data as any[];
  const ofUid = async (wanted: string) => (await listed()).filter((one) => one.uid === wanted);

  it('five times by its uid is one thing, which the first made and none changed', async () => {
    const before = (await listed()).length;
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await put(uid, body));

    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200]);
    expect(answers.map((answer) => answer.body)).toEqual(Array(5).fill({ ...answers[0]!.body, ...body, uid }));
    expect(await listed()).toHaveLength(before + 1);
  });

  it('five times by its uid through the client is one thing', async () => {
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await library());

    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.map((one) => one.uid)).toEqual(Array(5).fill(uid));
  });

  it('by several requests at once is one thing', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => put(uid, body)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    expect(await ofUid(uid)).toHaveLength(1);
  });

  it('keeps its uid while it is changed', async () => {
    const { body: made } = await put(uid, body);

    expect(await put(uid, changed)).toMatchObject({ status: 200, body: { ...changed, id: made.id, uid } });
    expect((await api.get(`${path}/${uid}`)).body).toMatchObject(changed);
  });

  it('loses its uid to an explicit null, and is not made again by the next', async () => {
    const { body: made } = await put(uid, body);
    const count = (await listed()).length;
    const removed = await put(uid, { ...body, uid: null });

    expect(removed).toMatchObject({ status: 200, body: { id: made.id } });
    expect(removed.body.uid ?? null).toBeNull();
    expect(await put(uid, { ...body, uid: null })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await listed()).toHaveLength(count);
  });

  it('by its id loses the uid that the body leaves out, and nothing else five times over', async () => {
    const { body: made } = await put(uid, body);
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await put(made.id, body));

    expect(answers.map(({ status, body: { id, uid: left } }) => [status, id, left ?? null])).toEqual(
      Array(5).fill([200, made.id, null]),
    );
    expect(new Set(answers.map((answer) => answer.body.updatedAt)).size).toBe(1);
    expect((await api.get(`${path}/${uid}`)).status).toBe(404);
  });

  it('is renamed by another uid in the body, and the same request once more makes no second', async () => {
    const other = randomUUID();
    const { body: made } = await put(uid, body);

    expect(await put(uid, { ...body, uid: other })).toMatchObject({ status: 200, body: { id: made.id, uid: other } });
    expect(await put(uid, { ...body, uid: other })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await ofUid(other)).map(({ id }) => id)).toEqual([made.id]);
    expect(await ofUid(uid)).toEqual([]);
  });

  it('keeps its uid when it is patched, but for an explicit null', async () => {
    await put(uid, body);

    expect((await api.patch(`${path}/${uid}`, changed)).body).toMatchObject({ ...changed, uid });
    expect((await api.patch(`${path}/${uid}`, { uid: null })).body.uid ?? null).toBeNull();
  });

  it.each(['a%20b', '%C3%A9', 'x'.repeat(257)])('is refused under %s, which can be neither id nor uid', async (key) => {
    expect(await put(key, body)).toMatchObject({ status: 422, body: { detail: [{ loc: ['path', expect.any(String)] }] } });
  });

  it('is made under an id that is not there, with an id of its own', async () => {
    const prefix = path === '/app' ? 'app_' : 'ep_';
    const answer = await put(prefix + UNKNOWN, body);

    expect(answer).toMatchObject({ status: 201, body: { id: expect.not.stringMatching(UNKNOWN) } });
  });
});

describe('an event type that is put', () => {
  const body = { description: 'Paid', deprecated: true, schemas: { 1: { type: 'object' } } };
  const put = (given: object) => api.put(`/event-type/${uid}`, given);

  it('five times is one thing, which the first made and none changed', async () => {
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await put(body));

    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200]);
    expect(answers.map((answer) => answer.body)).toEqual(Array(5).fill({ ...answers[0]!.body, ...body, name: uid }));
  });

  it('is replaced by another body', async () => {
    await put(body);

    expect(await put({ description: 'New' })).toMatchObject({ status: 200, body: { deprecated: false, schemas: null } });
  });

  it('is patched with what it is already and stays unchanged', async () => {
    const { body: made } = await put(body);

    expect((await api.patch(`/event-type/${uid}`, { description: 'Paid', deprecated: true })).body).toEqual(made);
  });
});

it('an equal PUT is no news to those who want to hear of changed endpoints', async () => {
  const orgId = randomOrgId();
  const tenant = app.as(app.tokenFor(orgId));
  const told = async () => {
    const { body } = await app.as(app.tokenFor(OPERATIONS_ORG)).get(`/app/${orgId}/msg`);
    return (body.data as any[]).map(({ eventType }) => eventType);
  };
  await tenant.post('/operational-webhook/endpoint', { url });
  const { id } = await anApplication({ api: tenant });
  for (let n = 0; n < 3; n++) await tenant.put(`/app/${id}/endpoint/${uid}`, { url });
  await tenant.put(`/app/${id}/endpoint/${uid}`, { url, description: 'new' });
  await tenant.delete(`/app/${id}/endpoint/${uid}`);
  await until(async () => (await told()).includes('endpoint.deleted'), 30_000, 'the last of the news');

  expect((await told()).sort()).toEqual(['endpoint.created', 'endpoint.deleted', 'endpoint.updated']);
});
