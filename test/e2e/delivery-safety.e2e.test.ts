import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver, type ScriptedAnswer } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

/** A server on bare sockets, for what no HTTP server would do. `connected` counts its connections. */
async function startSockets(handle: (socket: Socket, index: number) => void) {
  const sockets = new Set<Socket>();
  let connected = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    handle(socket, connected++);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    connected: () => connected,
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

describe('a delivery', () => {
  let app: TestApp;
  let receiver: Receiver;
  let answer: ScriptedAnswer;

  beforeAll(async () => {
    app = await startApp({ RETRY_SCHEDULE: '', DELIVERY_TIMEOUT_SECONDS: '3' });
  });
  beforeEach(async () => {
    answer = 200;
    receiver = await startReceiver(() => answer);
  });
  afterEach(() => receiver.stop());
  afterAll(() => app?.stop());

  /** What is listed of the one message to an endpoint at this URL. */
  const attemptsAt = async (url: string, fields: Record<string, unknown> = {}) => {
    const { id: appId } = await anApplication(app);
    await anEndpoint(app, appId, { url, ...fields });
    const { id } = await aMessage(app, appId);
    const attempts = async (): Promise<any[]> => (await app.api.get(`/app/${appId}/attempt/msg/${id}`)).body.data;
    await until(async () => (await attempts()).length > 0, WAIT_MS, `an attempt at ${url}`);
    return attempts();
  };
  const withSockets = async (handle: (socket: Socket, index: number) => void) => {
    const sockets = await startSockets(handle);
    try {
      return { attempts: await attemptsAt(sockets.url), connected: sockets.connected() };
    } finally {
      await sockets.stop();
    }
  };

  it('carries the headers of the endpoint in their letter case, and nothing beyond what is documented', async () => {
    await attemptsAt(receiver.url, { headers: { 'X-Shop-ID': 'naïve', 'x-lower': 'a', Authorization: 'Bearer abc' } });
    const { rawHeaders } = receiver.received[0]!;
    const names = rawHeaders.filter((_, at) => at % 2 === 0);

    expect(names).toEqual(expect.arrayContaining(['X-Shop-ID', 'x-lower', 'Authorization']));
    expect(rawHeaders[rawHeaders.indexOf('X-Shop-ID') + 1]).toBe('naïve');
    expect(names.map((name) => name.toLowerCase()).sort()).toEqual(
      ['accept', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'user-agent', 'x-lower', 'x-shop-id']
        .concat('webhook-id', 'webhook-signature', 'webhook-timestamp')
        .sort(),
    );
    expect(receiver.received[0]!.headers).toMatchObject({ host: new URL(receiver.url).host, 'content-type': 'application/json' });
  });

  it('keeps its own headers when an endpoint wants to set them', async () => {
    const { id: appId } = await anApplication(app);
    const { id } = await anEndpoint(app, appId, { url: receiver.url, headers: { 'x-fine': 'yes' } });
    const path = `/app/${appId}/endpoint/${id}/headers`;
    const refused = [
      'Content-Type',
      'Host',
      'webhook-signature',
      'Svix-Id',
      'transfer-encoding',
      'User-Agent',
      'x-amzn-trace-id',
    ];
    for (const name of refused) expect((await app.api.patch(path, { headers: { [name]: 'forged' } })).status).toBe(422);
    await aMessage(app, appId);
    const [request] = await receiver.got(1, WAIT_MS);

    expect(request!.headers['x-fine']).toBe('yes');
    expect(request!.rawHeaders).not.toContain('forged');
  });

  it('carries user and password of the URL as Basic authentication', async () => {
    await attemptsAt(receiver.url.replace('://', '://us%20er:p%3Ass==@'));
    const { headers, path } = receiver.received[0]!;

    expect(headers.authorization).toBe(`Basic ${Buffer.from('us er:p:ss==').toString('base64')}`);
    expect(path).toBe('/hook');
    expect(headers.host).toBe(new URL(receiver.url).host);
  });

  it('prefers the Authorization header that the endpoint was given to what its URL says', async () => {
    await attemptsAt(receiver.url.replace('://', '://user:password@'), { headers: { authorization: 'Bearer abc' } });

    expect(receiver.received[0]!.headers.authorization).toBe('Bearer abc');
  });

  it('keeps the query of the URL', async () => {
    await attemptsAt(`${receiver.url}?a=1&b=%20x`);

    expect(receiver.received[0]!.path).toBe('/hook?a=1&b=%20x');
  });

  it('keeps the answer of an endpoint as text', async () => {
    answer = { status: 200, body: 'merci beaucoup, é😀' };

    expect((await attemptsAt(receiver.url))[0].response).toBe('merci beaucoup, é😀');
  });

  it('keeps no more than 20,000 bytes of an answer, and no broken character at their end', async () => {
    answer = { status: 200, body: `x${'é'.repeat(200_000)}` };
    const [attempt] = await attemptsAt(receiver.url);

    expect(attempt.response).toBe(`x${'é'.repeat(9_999)}`);
  });

  it('keeps an answer that is no text in base64', async () => {
    const body = Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80]);
    answer = { status: 500, body };

    expect((await attemptsAt(receiver.url))[0].response).toBe(body.toString('base64'));
  });

  it('is not held up by an answer without an end', async () => {
    const { attempts } = await withSockets((socket) => {
      socket.once('data', () => {
        socket.write(`${OK}\r\n`);
        const pour = () => {
          while (!socket.destroyed && socket.write('y'.repeat(10_000)));
        };
        socket.on('drain', pour);
        pour();
      });
    });

    expect(attempts[0]).toMatchObject({ status: 0, responseStatusCode: 200, response: 'y'.repeat(20_000) });
  });

  it('has succeeded once the status is there, even if the body never ends', async () => {
    const { attempts } = await withSockets((socket) => {
      socket.once('data', () => socket.write(`${OK}content-length: 100\r\n\r\nbegin`));
    });

    expect(attempts).toMatchObject([{ status: 0, responseStatusCode: 200, response: 'begin' }]);
  });

  it('fails when headers trickle in for longer than the limit', async () => {
    const { attempts } = await withSockets((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write('x-a: b\r\n'), 100);
        socket.once('close', () => clearInterval(timer));
      });
    });

    expect(attempts).toMatchObject([{ status: 2, responseStatusCode: 0, response: 'timed out' }]);
  });

  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('is one request when the receiver %s a new connection before any answer', async (_, act) => {
    const { attempts, connected } = await withSockets((socket) => socket.once('data', () => act(socket)));

    expect(attempts).toMatchObject([{ status: 2, responseStatusCode: 0, response: expect.stringContaining('request error') }]);
    expect(connected).toBe(1);
  });

  it('has succeeded when interim answers that nobody asked for come before the 200', async () => {
    const { attempts, connected } = await withSockets((socket) =>
      socket.once('data', () => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 4\r\n\r\ndone`)),
    );

    expect(attempts).toMatchObject([{ status: 0, responseStatusCode: 200, response: 'done' }]);
    expect(connected).toBe(1);
  });

  it('has succeeded when the answer has long, folded and odd headers', async () => {
    const odd = `x-long: ${'a'.repeat(60_000)}\r\nx-folded: a\r\n b\r\nx-control: \x07\r\n`;
    const { attempts, connected } = await withSockets((socket) =>
      socket.once('data', () => socket.write(`${OK}${odd}content-length: 4\r\n\r\ndone`)),
    );

    expect(attempts).toMatchObject([{ status: 0, responseStatusCode: 200, response: 'done' }]);
    expect(connected).toBe(1);
  });

  it('says what is wrong with an answer that is not HTTP, and is one request', async () => {
    const { attempts, connected } = await withSockets((socket) =>
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.9\r\n')),
    );

    expect(attempts).toMatchObject([{ status: 2, responseStatusCode: 0 }]);
    expect(attempts[0].response).toContain('the answer could not be read: it begins with "SSH-2.0-OpenSSH_9.9"');
    expect(connected).toBe(1);
  });
});
