import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

let app: TestApp;
let secretPath: string;

beforeAll(async () => {
  app = await startApp();
  const { id } = await anApplication(app);
  secretPath = `/api/v1/app/${id}/endpoint/${(await anEndpoint(app, id)).id}/secret`;
});
afterAll(() => app?.stop());

const ask = async (path: string, { headers, ...init }: RequestInit = {}) => {
  const given = { authorization: `Bearer ${app.token}`, ...(headers as Record<string, string>) };
  const answer = await fetch(`${app.url}${path}`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
    ...init,
    headers: given,
  });
  await answer.arrayBuffer();
  return answer;
};

/** The head of the answer to bytes that are no request. */
const answerTo = async (bytes: string) => {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  return text(socket);
};

describe('every answer', () => {
  it.each<[number, string, RequestInit]>([
    [200, '/api/v1/app', {}],
    [401, '/api/v1/app', { headers: { authorization: '' } }],
    [404, '/api/v1/nothing', {}],
    [405, '/api/v1/app', { method: 'DELETE' }],
    [422, '/api/v1/app', { method: 'POST', body: '{}' }],
    [413, '/api/v1/app', { method: 'POST', body: 'x'.repeat(9_000_000) }],
    [400, '/api/v1/app/%E0%A4%A', {}],
    [204, '/api/v1/app', { method: 'OPTIONS', headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' } }],
    [307, '/', {}],
    [404, '/nothing', {}],
    [200, '/health/live', {}],
    [200, '/docs', {}],
    [200, '/api/v1/openapi.json', {}],
  ])('forbids to guess its content type: %i of %s', async (expected, path, init) => {
    const { status, headers } = await ask(path, init);

    expect(status).toBe(expected);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('forbids it to what can not be read as a request too', async () => {
    const answer = await answerTo('nonsense\r\n\r\n');

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('\r\nx-content-type-options: nosniff\r\n');
    expect(answer).toContain('\r\ncache-control: no-store\r\n');
  });
});

describe('an answer that may contain secrets', () => {
  it.each(['the secret', '/api/v1/app', '/api/v1/nothing'])('is stored by no cache: %s', async (path) => {
    const { headers } = await ask(path === 'the secret' ? secretPath : path);

    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('is stored by no cache if it is a token', async () => {
    const appId = secretPath.split('/')[4]!;
    const { status, headers } = await ask(`/api/v1/auth/app-portal-access/${appId}`, { method: 'POST', body: '{}' });

    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  it('is not the documentation, which caches may keep', async () => {
    const kept = await Promise.all(['/docs', '/api/v1/openapi.json'].map((path) => ask(path)));

    expect(kept.map(({ headers }) => headers.get('cache-control'))).toEqual(['public, max-age=300', 'public, max-age=300']);
  });
});
