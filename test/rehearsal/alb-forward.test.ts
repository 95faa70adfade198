import { once } from 'node:events';
import { Agent, request as sendRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { traceId } from '../../rehearsal/alb/headers.js';
import { check, pick } from '../../rehearsal/alb/weights.js';
import { until } from '../support/until.js';
import { ask, startSetup, startTarget, textOf } from './alb-parts.js';

type Options = Parameters<typeof startSetup>[1];
const MEGABYTES = Buffer.alloc(3_000_000, 'posthorn');
const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function behind(handle: RequestListener, options?: Options) {
  const target = await startTarget(handle);
  const setup = await startSetup([target], options);
  opened.push(setup.stop);
  return { ...setup, target, url: setup.loadBalancer.production.url };
}

const echo: RequestListener = (request, response) => {
  response.writeHead(200, { 'Content-Type': request.headers['content-type'] ?? 'none' });
  request.pipe(response);
};
const hello: RequestListener = (_request, response) => response.end('hello');

describe('a forwarded request', () => {
  it('arrives with method, path and body, and its answer returns', async () => {
    const { url, target } = await behind(echo);
    const headers = { 'Content-Type': 'text/plain' };
    const reply = await ask(`${url}/a/b?c=%20d`, { method: 'PUT', headers, body: 'body' });
    expect(target.seen[0]).toMatchObject({ method: 'PUT', url: '/a/b?c=%20d' });
    expect(reply).toMatchObject({ status: 200, body: 'body', headers: { 'content-type': 'text/plain' } });
  });

  it('says where it comes from', async () => {
    const { url, target, loadBalancer } = await behind(hello);
    await ask(url, { headers: { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'gopher' } });
    expect(target.seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(loadBalancer.production.port),
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    });
  });

  it('keeps the case of header names, and has the host in lower case', async () => {
    const { url, target } = await behind(hello);
    await ask(url, { headers: { Host: 'API.Example.org', 'X-My-Header': 'Value' } });
    expect(target.seen[0]?.rawHeaders).toEqual(expect.arrayContaining(['Host', 'api.example.org', 'X-My-Header', 'Value']));
  });

  it('loses headers of the connection', async () => {
    const { url, target } = await behind(hello);
    await ask(url, { headers: { Connection: 'close, X-Mine', 'X-Mine': '1', TE: 'trailers', 'Keep-Alive': 'timeout=1' } });
    expect(target.seen[0]?.headers.connection).toBe('keep-alive');
    expect(Object.keys(target.seen[0]?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(x-mine|te|keep-alive)$/)]),
    );
  });

  it.each([
    [true, undefined],
    [false, '1'],
  ])('loses headers with invalid names if it has to: %s', async (dropsInvalidHeaders, expected) => {
    const { url, target } = await behind(hello, { settings: { dropsInvalidHeaders } });
    await ask(url, { headers: { under_score: '1' } });
    expect(target.seen[0]?.headers.under_score).toBe(expected);
  });

  it.each(['Content-Length', 'Transfer-Encoding'])('has megabytes with %s, both ways', async (name) => {
    const { url } = await behind(echo);
    const headers = { [name]: name === 'Content-Length' ? String(MEGABYTES.length) : 'chunked' };
    const reply = await ask(url, { method: 'POST', headers, body: MEGABYTES });
    expect(reply.body === MEGABYTES.toString()).toBe(true);
  });

  it('is streamed: the target has the beginning before the end is sent', async () => {
    const { url } = await behind(echo);
    const request = sendRequest(url, { method: 'POST', agent: false });
    request.write('begin');
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const [first] = (await once(answer, 'data')) as [Buffer];
    expect(first.toString()).toBe('begin');
    request.end('end');
    expect(await textOf(answer)).toBe('end');
  });

  it('is told to continue at once, and the target is not told of it', async () => {
    const { url, target } = await behind(echo);
    const request = sendRequest(url, {
      method: 'POST',
      agent: false,
      headers: { Expect: '100-continue', 'Content-Length': '2' },
    });
    request.flushHeaders();
    await once(request, 'continue');
    request.end('ok');
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(await textOf(answer)).toBe('ok');
    expect(target.seen[0]?.headers.expect).toBeUndefined();
  });

  it('may be a POST without a body', async () => {
    const { url, target } = await behind(echo);
    const reply = await ask(url, { method: 'POST', headers: { 'Content-Length': '0' } });
    expect(reply).toMatchObject({ status: 200, body: '' });
    expect(target.seen[0]?.headers).toMatchObject({ 'content-length': '0' });
  });

  it('may be a HEAD, whose answer has the length of the body and no body', async () => {
    const { url } = await behind((_request, response) => response.writeHead(200, { 'Content-Length': '1234' }).end());
    expect(await ask(url, { method: 'HEAD' })).toMatchObject({ status: 200, body: '', headers: { 'content-length': '1234' } });
  });
});

describe('connections', () => {
  it('of a client are kept, though the target closes its own', async () => {
    const { url, target } = await behind((_request, response) => response.writeHead(200, { Connection: 'close' }).end('bye'));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    opened.push(() => agent.destroy());
    const replies = [await ask(url, { agent }), await ask(url, { agent })];
    expect(replies.map(({ headers }) => [headers.connection, headers['keep-alive']])).toEqual([
      ['keep-alive', undefined],
      ['keep-alive', undefined],
    ]);
    expect(target.seen.map(({ socket }) => socket).length).toBe(2);
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
  });

  it('of a client are closed if it wants that', async () => {
    const { url } = await behind(hello);
    expect((await ask(url, { headers: { Connection: 'close' } })).headers.connection).toBe('close');
  });

  it('of a client end with the first answer after the keep-alive duration', async () => {
    const { url } = await behind(hello, { settings: { clientKeepAliveMs: 100 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    opened.push(() => agent.destroy());
    const said = async () => (await ask(url, { agent })).headers.connection;
    expect(await said()).toBe('keep-alive');
    await until(async () => (await said()) === 'close', 2_000, 'the end of the connection');
    expect(await said()).toBe('keep-alive');
  });

  it('to a target serve many clients', async () => {
    const { url, target } = await behind(hello);
    for (let times = 0; times < 5; times += 1) await ask(url);
    expect(new Set(target.seen.map(({ socket }) => socket)).size).toBe(1);
  });

  it('to a target are kept though it says that it will close them soon', async () => {
    const target = await startTarget(hello, 1_000);
    const { loadBalancer, stop } = await startSetup([target]);
    opened.push(stop);
    const { url } = loadBalancer.production;
    await ask(url);
    await ask(url);
    expect(new Set(target.seen.map(({ socket }) => socket)).size).toBe(1);
  });
});

describe('weights', () => {
  const shares = new Map([
    ['blue', 90],
    ['green', 10],
  ]);

  it('give each group its share', () => {
    const picked = Array.from({ length: 1_000 }, (_none, at) => pick(shares, at / 1_000));
    expect(picked.filter((name) => name === 'green')).toHaveLength(100);
  });

  it('of 0 give nothing', () => {
    expect(pick(new Map([['blue', 0]]), 0)).toBeNull();
    expect(pick(new Map([...shares, ['green', 0]]), 0.999_999)).toBe('blue');
  });

  it.each<[string, Map<string, number>]>([
    ['a group that is not there', new Map([['red', 1]])],
    ['a weight that is too large', new Map([['blue', 1_000]])],
    ['a part of a weight', new Map([['blue', 0.5]])],
    ['no group', new Map()],
  ])('are refused with %s', (_what, weights) => {
    expect(() => check(weights, new Set(['blue', 'green']))).toThrow();
  });

  it('that are shifted send the next request elsewhere, and on the other listener nothing changes', async () => {
    const { url, loadBalancer, blue, green, notes } = await behind((_request, response) => response.end('blue'));
    const other = await startTarget((_request, response) => response.end('green'));
    opened.push(other.stop);
    green.register(other.target);
    const weights = new Map([
      [blue.settings.arn, 0],
      [green.settings.arn, 100],
    ]);
    loadBalancer.production.shift(weights);
    expect((await ask(url)).body).toBe('green');
    expect((await ask(loadBalancer.test.url)).body).toBe('blue');
    expect(loadBalancer.production.weights).toEqual(weights);
    expect(notes.entries.find(({ subject }) => subject === 'production')).toMatchObject({
      event: 'weights',
      facts: { weights: Object.fromEntries(weights) },
    });
  });
});

describe('the trace header', () => {
  it.each([
    [undefined, 'Root=1-a-b'],
    ['Root=1-x-y', 'Self=1-a-b;Root=1-x-y'],
    ['Self=1-o-p;Root=1-x-y;CalledFrom=app', 'Self=1-a-b;Root=1-x-y;CalledFrom=app'],
    ['CalledFrom=app', 'Root=1-a-b;CalledFrom=app'],
  ])('%s becomes %s', (given, expected) => {
    expect(traceId(given, '1-a-b')).toBe(expected);
  });
});
