import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { fastify } from 'fastify';
import { limitRequests } from '../../src/api/http-support/request-limit.js';
import { ApplicationRepository } from '../../src/database/repositories/application.repository.js';
import { Ingest } from '../../src/ingest/ingest.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { patient, until } from '../support/until.js';

const LIMIT_MS = 1_000;
const LATE = {
  status: 503,
  headers: { 'retry-after': '1', 'content-type': 'application/json; charset=utf-8' },
  body: { code: 'service_unavailable', detail: expect.stringMatching(/within 1 s.*may have been carried out.*idempotency-key/) },
};

let app: TestApp;
let appId: string;
let applications: ApplicationRepository;
let ingest: Ingest;

beforeAll(async () => {
  app = await startApp({ REQUEST_TIMEOUT_SECONDS: String(LIMIT_MS / 1000) });
  applications = app.nest.get(ApplicationRepository, { strict: false });
  ingest = app.nest.get(Ingest, { strict: false });
  appId = (await anApplication(app)).id;
});
afterAll(() => app.stop());
afterEach(() => void jest.restoreAllMocks());

/** Makes a method wait once, before or after its work, until the result is called. */
function held<Name extends string, Part extends Record<Name, (...args: any[]) => Promise<any>>>(
  part: Part,
  name: Name,
  when: 'before' | 'after' = 'after',
): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = part[name].bind(part) as (...args: any[]) => Promise<any>;
  jest.spyOn(part as Record<string, any>, name).mockImplementationOnce(async (...args: any[]) => {
    if (when === 'before') await promise;
    const result = await work(...args);
    if (when === 'after') await promise;
    return result;
  });
  return resolve;
}

const lines = (requestId: string) => app.log.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);
const messages = async (eventType: string) => (await app.api.get(`/app/${appId}/msg?event_types=${eventType}`)).body.data;

it('answers 503 to a read that takes too long, in time', async () => {
  const release = held(applications, 'list');
  const startedAt = performance.now();
  expect(await app.api.get('/app')).toMatchObject(LATE);
  const tookMs = performance.now() - startedAt;
  release();
  expect(tookMs).toBeGreaterThanOrEqual(LIMIT_MS * 0.9);
  expect(tookMs).toBeLessThan(patient(LIMIT_MS + 500));
  expect((await app.api.get('/app')).status).toBe(200);
});

it('makes one message of a request that took too long and its repetition', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const send = () => app.api.post(`/app/${appId}/msg`, { eventType: 'late.once', payload: {} }, key);
  const release = held(ingest, 'accept');
  expect(await send()).toMatchObject(LATE);
  const repeated = send();
  release();
  expect((await repeated).status).toBe(202);
  expect(await messages('late.once')).toEqual([expect.objectContaining({ id: (await repeated).body.id })]);
});

it('gives a repetition the answer that came too late, with its status', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const create = () => app.api.post('/app', { name: 'Late' }, key);
  const release = held(applications, 'create');
  expect(await create()).toMatchObject(LATE);
  release();
  const again = await create();
  expect(again).toMatchObject({ status: 201, body: { name: 'Late' } });
  expect((await create()).body.id).toBe(again.body.id);
});

it('writes the outcome of what ended too late into the audit log', async () => {
  const release = held(applications, 'create');
  const { headers } = await app.api.post('/app', { name: 'Audited late' });
  const entry = async () =>
    (await app.api.get('/audit-log?limit=10')).body.data.find((one: any) => one.requestId === headers['x-request-id']);
  expect(await entry()).toMatchObject({ outcome: 'unknown', status: null });
  release();
  await until(async () => (await entry()).outcome !== 'unknown', 5_000, 'the outcome');
  expect(await entry()).toMatchObject({ outcome: 'succeeded', status: 201, createdId: expect.stringMatching(/^app_/) });
});

it('counts and logs the 503 once, whatever its handler answers later', async () => {
  const release = held(applications, 'list', 'before');
  const { headers } = await app.api.get('/app');
  release();
  await until(() => lines(headers['x-request-id']!).length > 0, 5_000, 'its line');
  expect((await app.api.get('/app')).status).toBe(200);
  expect(lines(headers['x-request-id']!)).toEqual([expect.objectContaining({ msg: 'http.request', status: 503 })]);
});

it('survives a handler that fails after its 503', async () => {
  let fail: (error: Error) => void = () => undefined;
  jest.spyOn(applications, 'list').mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
  const { headers } = await app.api.get('/app');
  fail(new Error('too late'));
  const failed = () => lines(headers['x-request-id']!).find(({ msg }) => msg === 'http.failed');
  expect(await until(failed, 5_000, 'the failure in the log')).toMatchObject({ level: 'error' });
  expect((await app.api.get('/app')).status).toBe(200);
});

it.each([
  ['/api/v1/app/app_1/msg/batch', 0.6],
  ['/api/v1/app/app_1/msg/batch/?x=1', 0.6],
  ['/api/v1/event-type/import/openapi', 0.6],
  ['/api/v1/environment/import', 0.6],
  ['/api/v1/app/app_1/msg', 0.2],
])('answers 503 to %s after the limit of its kind', async (url, seconds) => {
  const server = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  limitRequests(server, 200, 600);
  server.post(url.replace(/\/?\?.*/, ''), () => new Promise(() => undefined));
  const startedAt = performance.now();
  const { statusCode, headers, body } = await server.inject({ method: 'POST', url });
  const tookMs = performance.now() - startedAt;
  await server.close();
  expect([statusCode, headers['retry-after'], JSON.parse(body).detail]).toEqual([
    503,
    '1',
    expect.stringContaining(`within ${seconds} s`),
  ]);
  expect(tookMs).toBeGreaterThanOrEqual(seconds * 1_000 * 0.9);
});

it('does not count the time in which the body arrives', async () => {
  const body = JSON.stringify({ eventType: 'slow.upload', payload: {} });
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /api/v1/app/${appId}/msg HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${app.token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body.slice(0, 5)}`,
  );
  await new Promise((wake) => setTimeout(wake, LIMIT_MS * 1.5));
  socket.write(body.slice(5));
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1.1 202 /);
});
