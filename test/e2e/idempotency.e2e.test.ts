import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

function create(key: string, body: unknown = { name: 'a' }, api = app.api) {
  return api.post('/app', body, { 'idempotency-key': key });
}

it('answers a repeated key with the first answer, whatever the second body', async () => {
  const key = randomUUID();
  const first = await create(key, { name: 'First' });
  expect(await create(key, { name: 'Second' })).toMatchObject({ status: 201, body: first.body });
});

it('runs the second request under another key', async () => {
  const [first, second] = [await create(randomUUID()), await create(randomUUID())];
  expect(second.body.id).not.toBe(first.body.id);
});

it('runs one of many that come at once', async () => {
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => create(key)));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
});

it('keeps the keys of two tenants apart', async () => {
  const key = randomUUID();
  const [first, second] = [await create(key), await create(key, { name: 'a' }, app.as(app.tokenFor(randomOrgId())))];
  expect(second.body.id).not.toBe(first.body.id);
});

it('keeps the keys of two queries apart', async () => {
  const key = randomUUID();
  const first = await create(key);
  const second = await app.api.post('/app?get_if_exists=false', { name: 'a' }, { 'idempotency-key': key });
  expect(second.body.id).not.toBe(first.body.id);
});

it('does not keep a refusal', async () => {
  const key = randomUUID();
  expect((await create(key, {})).status).toBe(422);
  expect((await create(key)).status).toBe(201);
});

it('repeats a status other than 201', async () => {
  const body = { name: 'a', uid: randomUUID() };
  await app.api.post('/app', body);
  const key = randomUUID();
  const get = () => app.api.post('/app?get_if_exists=true', body, { 'idempotency-key': key });
  const [first, second] = [await get(), await get()];
  expect([first.status, second.status, second.body]).toEqual([200, 200, first.body]);
});

it('is of no account for other methods', async () => {
  const { body } = await app.api.post('/app', { name: 'a' });
  const put = (name: string) => app.api.put(`/app/${body.id}`, { name }, { 'idempotency-key': 'put' });
  await put('First');
  expect((await put('Second')).body.name).toBe('Second');
});

it('does not answer whom the guard refuses', async () => {
  const key = randomUUID();
  await create(key);
  expect((await app.root.post('/api/v1/app', { name: 'a' }, { 'idempotency-key': key })).status).toBe(401);
});

it('serves the client library, which can be told a key', async () => {
  const key = randomUUID();
  const first = await app.svix().application.create({ name: 'a' }, { idempotencyKey: key });
  expect(await app.svix().application.create({ name: 'b' }, { idempotencyKey: key })).toEqual(first);
});
