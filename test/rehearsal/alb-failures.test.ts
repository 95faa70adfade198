import { once } from 'node:events';
import { request as sendRequest, type RequestListener } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { ask, startSetup, startTarget, sumOf, type Setup, type TestTarget } from './alb-parts.js';

type Options = Parameters<typeof startSetup>[1];
const GROUP = 'targetgroup/blue/73e2d6bc24d8a067';
const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function behind(targets: readonly TestTarget[], options?: Options) {
  const setup = await startSetup(targets, options);
  opened.push(setup.stop);
  return { ...setup, url: setup.loadBalancer.production.url, refused: () => refusedBy(setup) };
}

function refusedBy({ loadBalancer, blue }: Setup): Record<number, number> {
  return loadBalancer.counts().get(blue.settings.arn)?.refused ?? {};
}

/** Passes its health check, and does with other requests on the connection as told. */
async function startRaw(handle: (socket: Socket, text: string, count: number) => void): Promise<TestTarget> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    let count = 0;
    connections.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (data.includes('ELB-HealthChecker')) return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      count += 1;
      handle(socket, data.toString(), count);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
  return { target: { id: '127.0.0.1', port, zone: 'a' }, seen: [], checks: [], connections, stop };
}

const silent: RequestListener = () => {};
const hello: RequestListener = (_request, response) => response.end('hello');

describe('503', () => {
  it('is the answer if no target is registered', async () => {
    const { url, refused, data } = await behind([]);
    const reply = await ask(url, { method: 'POST', body: 'x' });
    expect(reply).toMatchObject({ status: 503, headers: { server: 'awselb/2.0' } });
    expect(refused()).toEqual({ 503: 1 });
    expect(sumOf(data, 'HTTPCode_ELB_5XX_Count')).toBe(1);
    expect(sumOf(data, 'RequestCount')).toBe(0);
  });

  it('is the answer of an empty group, though another one has targets', async () => {
    const { url, loadBalancer, blue, green } = await behind([await startTarget(hello)]);
    loadBalancer.production.shift(
      new Map([
        [blue.settings.arn, 0],
        [green.settings.arn, 1],
      ]),
    );
    expect((await ask(url)).status).toBe(503);
  });

  it('is the answer if no group has a weight', async () => {
    const { url, loadBalancer, blue } = await behind([await startTarget(hello)]);
    loadBalancer.production.shift(new Map([[blue.settings.arn, 0]]));
    expect((await ask(url)).status).toBe(503);
    expect(loadBalancer.ownCounts().refused).toEqual({ 503: 1 });
  });
});

describe('502', () => {
  it('is the answer if the target refuses the connection', async () => {
    const target = await startTarget(hello);
    const { url, data, loadBalancer, blue } = await behind([target]);
    await target.stop();
    expect((await ask(url)).status).toBe(502);
    expect(sumOf(data, 'TargetConnectionErrorCount', GROUP)).toBe(1);
    expect(sumOf(data, 'HTTPCode_ELB_5XX_Count')).toBe(1);
    expect(loadBalancer.counts().get(blue.settings.arn)).toMatchObject({ requests: 1, connectionErrors: 1, answers: {} });
  });

  it('is avoided by another target, if that is assumed', async () => {
    const targets = [await startTarget(hello), await startTarget(hello)] as const;
    const { url, refused } = await behind(targets, { settings: { assumed: { connectAttempts: 2 } } });
    await targets[0].stop();
    const replies = [await ask(url, { method: 'POST', body: 'a' }), await ask(url, { method: 'POST', body: 'b' })];
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(refused()).toEqual({});
  });

  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['answers with nonsense on', (socket: Socket) => socket.write('HTTP/1.1 nonsense\r\n\r\n')],
    [
      'answers with 33 K of headers on',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(33 * 1024)}\r\n\r\n`),
    ],
  ])('is the answer if the target %s the connection with a request outstanding', async (_what, does) => {
    const { url, refused } = await behind([await startRaw(does)]);
    expect((await ask(url)).status).toBe(502);
    expect(refused()).toEqual({ 502: 1 });
  });

  describe('on a kept connection that the target closes', () => {
    const closesSecond = () =>
      startRaw((socket, _text, count) => {
        if (count === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else socket.destroy();
      });

    it('is the answer', async () => {
      const { url } = await behind([await closesSecond()]);
      expect([(await ask(url)).status, (await ask(url)).status]).toEqual([200, 502]);
    });

    it.each([
      ['GET', 200],
      ['POST', 502],
    ])('is avoided for idempotent requests, if that is assumed: %s', async (method, expected) => {
      const { url } = await behind([await closesSecond()], { settings: { assumed: { resendsIdempotent: true } } });
      expect([(await ask(url)).status, (await ask(url, { method, body: '' })).status]).toEqual([200, expected]);
    });
  });

  it.each([false, true])(
    'is the answer if the deregistration delay ends first, sent again or not: %s',
    async (resendsIdempotent) => {
      const target = await startTarget((request, response) => {
        if (request.url === '/quick') response.end();
      });
      const options = { settings: { assumed: { resendsIdempotent } }, group: { deregistrationDelayMs: 50 } };
      const { url, blue } = await behind([target], options);
      await ask(`${url}/quick`);
      const reply = ask(url);
      await until(() => target.seen.length === 2, 2_000, 'the request');
      await blue.deregister(target.target);
      expect((await reply).status).toBe(502);
      expect(target.seen).toHaveLength(2);
    },
  );
});

describe('a draining target', () => {
  it('may answer what it has', async () => {
    const target = await startTarget((request, response) => request.socket.once('answer now', () => response.end('late')));
    const { url, blue } = await behind([target], { group: { deregistrationDelayMs: 2_000 } });
    const reply = ask(url);
    await until(() => target.seen.length === 1, 2_000, 'the request');
    void blue.deregister(target.target);
    expect((await ask(url)).status).toBe(503);
    target.seen[0]?.socket.emit('answer now');
    expect((await reply).body).toBe('late');
  });
});

describe('the idle time', () => {
  const settings = { idleTimeoutMs: 150 };

  it('gives 504 if the target has the request', async () => {
    const { url, refused } = await behind([await startTarget(silent)], { settings });
    expect((await ask(url, { method: 'POST', body: 'all' })).status).toBe(504);
    expect(refused()).toEqual({ 504: 1 });
  });

  it('gives 408 if the client did not send all', async () => {
    const { url, refused } = await behind([await startTarget(silent)], { settings });
    const request = sendRequest(url, { method: 'POST', agent: false, headers: { 'Content-Length': '10' } });
    request.on('error', () => {});
    request.write('half');
    const [answer] = await once(request, 'response');
    expect(answer).toMatchObject({ statusCode: 408, headers: { connection: 'close' } });
    expect(refused()).toEqual({ 408: 1 });
  });

  it('does not pass while bytes come', async () => {
    const target = await startTarget((_request, response) => {
      let left = 8;
      const timer = setInterval(() => {
        response.write('.');
        left -= 1;
        if (left > 0) return;
        clearInterval(timer);
        response.end();
      }, 50);
    });
    const { url } = await behind([target], { settings });
    expect((await ask(url)).body).toBe('........');
  });

  it('closes connections that nobody uses, on both sides', async () => {
    const target = await startTarget(hello);
    const { url, loadBalancer } = await behind([target], { settings });
    const client = connect(loadBalancer.production.port, '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    client.resume();
    await once(client, 'close');
    await ask(url);
    const { socket } = target.seen.at(-1)!;
    await until(() => socket.destroyed, 2_000, 'the end of the connection to the target');
  });
});

describe('a kept connection that ends while it idles', () => {
  const hungUp = ({ notes }: Pick<Setup, 'notes'>) => notes.entries.filter(({ event }) => event === 'target hung up').length;

  it('is taken down if the target closed it', async () => {
    const target = await startTarget(hello);
    const setup = await behind([target]);
    await ask(setup.url);
    target.seen[0]!.socket.end();
    await until(() => hungUp(setup) === 1, 2_000, 'the note');
  });

  it.each([
    ['its idle time is over', { idleTimeoutMs: 150 }, () => {}],
    ['the target has left', {}, ({ blue }: Setup, { target }: TestTarget) => void blue.deregister(target)],
  ])('is not, if the load balancer closed it because %s', async (_why, settings, close) => {
    const target = await startTarget(hello);
    const setup = await behind([target], { settings, group: { deregistrationDelayMs: 10 } });
    await ask(setup.url);
    close(setup, target);
    await until(() => target.seen[0]!.socket.destroyed, 2_000, 'the end of the connection');
    expect(hungUp(setup)).toBe(0);
  });
});
