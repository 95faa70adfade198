import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApplicationRepository } from '../../src/database/repositories/application.repository.js';
import { Database } from '../../src/database/database.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const TOO_LARGE = 8_000_000;
const PIECE = 65_536;
// Under application/json supertest would write a Buffer as JSON.
const plain = { 'content-type': 'text/plain' };

describe('a route that does not exist', () => {
  it.each(['/api/v1/nothing', '/api/v2/app', '/favicon.ico'])('at %s is a 404 with a body', async (path) => {
    expect(await app.root.get(path)).toMatchObject({ status: 404, body: { code: 'not_found', detail: expect.any(String) } });
  });

  it('under this method is a 405 that names the others', async () => {
    const answer = await app.api.delete('/app');
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' }, headers: { allow: 'GET, POST' } });
  });

  it('with a broken percent-encoding is a 400', async () => {
    expect(await app.api.get('/app/%E0%A4%A')).toMatchObject({ status: 400, body: { code: 'generic_error' } });
  });
});

describe('a request that can not be read', () => {
  it('because its headers are too large is a 431 with a body', async () => {
    const answer = await fetch(`${app.url}/api/v1/app?${'x'.repeat(20_000)}`);
    expect(answer.status).toBe(431);
    expect(await answer.json()).toEqual({ code: 'generic_error', detail: expect.any(String) });
  });

  it('because it is no HTTP is a 400 with a body', async () => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.end('nonsense\r\n\r\n');
    const text = Buffer.concat(await socket.toArray()).toString();
    expect(text).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(JSON.parse(text.split('\r\n\r\n')[1]!)).toMatchObject({ code: 'generic_error' });
  });
});

describe('a body', () => {
  it('of more than 2 MiB is a 413', async () => {
    const answer = await app.api.post('/app', { name: 'x'.repeat(TOO_LARGE) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  // A close while data arrives resets the connection, and the client may never see the answer. A load balancer answers 502 instead.
  it.each([
    ['declared', `content-length: ${TOO_LARGE}`, 'x'.repeat(TOO_LARGE)],
    [
      'found while it arrives',
      'transfer-encoding: chunked',
      `${TOO_LARGE.toString(16)}\r\n${'x'.repeat(TOO_LARGE)}\r\n0\r\n\r\n`,
    ],
  ])('whose size is %s to be too large may be sent to its end before the refusal is read', async (_when, header, body) => {
    const { hostname, port, host } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const refusal = socket.toArray();
    const head = [
      'POST /api/v1/app HTTP/1.1',
      `host: ${host}`,
      `authorization: Bearer ${app.token}`,
      'connection: close',
      header,
    ];

    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    for (let at = 0; at < body.length; at += PIECE) if (!socket.write(body.slice(at, at + PIECE))) await once(socket, 'drain');

    expect(Buffer.concat(await refusal).toString()).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each([
    ['no JSON', '{"name"'],
    ['empty', ''],
    ['no object', '5'],
    ['a list', '[]'],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x00])],
    ['nested deeply', '['.repeat(1_000_000)],
  ])('that is %s is a 422', async (_what, body) => {
    const { status, body: answer } = await app.api.raw('post', '/app', { body, headers: plain });
    expect(status).toBe(422);
    expect(answer.detail).toMatchObject([{ loc: ['body'], msg: expect.any(String), type: 'value_error.jsondecode' }]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'nonsense'])(
    'is JSON under the content type %s too',
    async (type) => {
      const answer = await app.api.raw('post', '/app', { body: '{"name":"a"}', headers: { 'content-type': type } });
      expect(answer.status).toBe(201);
    },
  );

  it('is JSON without a content type too', async () => {
    const request = { method: 'POST', headers: { authorization: `Bearer ${app.token}` }, body: Buffer.from('{"name":"a"}') };
    const answer = await fetch(`${app.url}/api/v1/app`, request);
    expect(answer.status).toBe(201);
  });

  it('with keys that reach for the prototype does no harm', async () => {
    const body = '{"name":"a","__proto__":{"uid":"b"},"metadata":{"constructor":"d"}}';
    const answer = await app.api.raw('post', '/app', { body, headers: plain });
    expect(answer).toMatchObject({ status: 201, body: { metadata: { constructor: 'd' } } });
    expect(answer.body).not.toHaveProperty('uid');
  });

  it('with metadata under a key that can not be kept is refused, not taken without it', async () => {
    const metadata = '{"a":"b","__proto__":"c"}';
    const { id } = await anApplication(app);
    for (const [method, path, body] of [
      ['post', '/app', `{"name":"a","metadata":${metadata}}`],
      ['patch', `/app/${id}`, `{"metadata":${metadata}}`],
      ['post', `/app/${id}/endpoint`, `{"url":"https://example.com","metadata":${metadata}}`],
    ] as const) {
      const answer = await app.api.raw(method, path, { body, headers: plain });
      expect(answer).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'metadata', '__proto__'] }] } });
    }
  });
});

describe('the database', () => {
  function failWith(error: unknown) {
    return jest.spyOn(app.nest.get(ApplicationRepository, { strict: false }), 'list').mockRejectedValueOnce(error);
  }

  it('when it is away is a 503 that says when to try again', async () => {
    failWith(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    const answer = await app.api.get('/app');
    expect(answer).toMatchObject({ status: 503, body: { code: 'service_unavailable' }, headers: { 'retry-after': '1' } });
  });

  it('when it was never reached is a 503, whatever the driver says', async () => {
    failWith(new TypeError('pool is undefined'));
    const isReady = jest.spyOn(Database.prototype, 'isReady', 'get').mockReturnValue(false);
    const { status } = await app.api.get('/app');
    isReady.mockRestore();
    expect(status).toBe(503);
  });

  it('when its locks are contended is a 503', async () => {
    failWith(Object.assign(new Error('Deadlock found'), { errno: 1213 }));
    expect((await app.api.get('/app')).status).toBe(503);
  });
});

describe('what nobody foresaw', () => {
  it('is a 500 that tells nothing, and one line in the log', async () => {
    jest.spyOn(app.nest.get(ApplicationRepository, { strict: false }), 'list').mockRejectedValueOnce(new Error('kaboom'));
    const linesBefore = app.log.length;
    const answer = await app.api.get('/app');
    expect(answer).toMatchObject({ status: 500, body: { code: 'server_error' } });
    expect(JSON.stringify(answer.body)).not.toContain('kaboom');
    const lines = app.log.slice(linesBefore).filter((line) => line.includes('"msg":"http.failed"'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('kaboom');
  });
});
