import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { bareServer, senderRig, type BareServer, type Rig } from './sender-rig.js';

const WAIT_MS = 30_000;
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let rig: Rig;
let server: BareServer;

afterEach(async () => {
  rig?.stop();
  await server?.stop();
});

/** Sends two requests. `act` handles the second one on the kept connection; everything else is answered with 200. */
async function sendTwice(act: (socket: Socket) => void) {
  rig = senderRig({ timeoutMs: 3_000 });
  server = await bareServer((socket, connection, request) => {
    if (connection === 0 && request === 1) act(socket);
    else socket.write(ANSWER);
  });
  await rig.send(server.url);
  const result = await rig.send(server.url);
  return { result, connected: server.connected(), requests: server.requests.length };
}

describe('a request on a kept connection', () => {
  it.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('is sent again on a new connection if that one is %s before any byte of a response, and the log says so', async (_, act) => {
    const { result, connected, requests } = await sendTwice((socket) => void act(socket));

    expect(result).toMatchObject({ statusCode: 200, response: 'ok' });
    expect({ connected, requests }).toEqual({ connected: 2, requests: 3 });
    expect(server.requests[2]).toBe(server.requests[1]);
    expect(rig.log.filter(({ msg }) => msg === 'delivery.sent_again')).toMatchObject([{ host: '127.0.0.1' }]);
  });

  it.each([
    ['the response breaks off', 'HTTP/1.1 20'],
    ['the response is invalid', 'nonsense\r\n\r\n'],
  ])('is not sent again when %s', async (_, bytes) => {
    const { result, connected, requests } = await sendTwice((socket) => socket.end(bytes));

    expect(result).toMatchObject({ statusCode: 0, failure: 'connection' });
    expect(result.response).toContain('could not be read');
    expect({ connected, requests }).toEqual({ connected: 1, requests: 2 });
  });

  it('is not sent again when the service stops', async () => {
    rig = senderRig();
    server = await bareServer((socket, _, request) => {
      if (request === 0) socket.write(ANSWER);
    });
    await rig.send(server.url);
    const second = rig.send(server.url);
    await until(() => server.requests.length === 2, WAIT_MS, 'the second request');
    rig.stop();

    expect(await second).toMatchObject({ statusCode: 0, failure: 'connection' });
    expect(server.connected()).toBe(1);
  });

  it('is not sent again when no response comes in time', async () => {
    const { result, requests } = await sendTwice(() => undefined);

    expect(result).toMatchObject({ statusCode: 0, failure: 'timeout', response: 'timed out' });
    expect(requests).toBe(2);
  });
});

describe('a request on a new connection', () => {
  it.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('is not sent again when the connection is %s', async (_, act) => {
    rig = senderRig();
    server = await bareServer((socket) => void act(socket));
    const result = await rig.send(server.url);

    expect(result).toMatchObject({ statusCode: 0, failure: 'connection' });
    expect(result.response).toContain('the connection was closed before any answer');
    expect(server.connected()).toBe(1);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('is not used again after bytes that came while it was idle', async () => {
    rig = senderRig();
    const sockets: Socket[] = [];
    server = await bareServer((socket) => {
      sockets.push(socket);
      socket.write(ANSWER);
    });
    await rig.send(server.url);
    sockets[0]!.write('HTTP/1.1 500 Forged\r\nContent-Length: 0\r\n\r\n');
    await until(() => sockets[0]!.destroyed, WAIT_MS, 'the end of the connection');

    expect(await rig.send(server.url)).toMatchObject({ statusCode: 200 });
    expect(server.connected()).toBe(2);
  });

  it.each([
    ['the server says that it closes', 'Connection: x, Close\r\n'],
    ['the server keeps it for a second only', 'Keep-Alive: timeout=1\r\n'],
  ])('is not used again when %s', async (_, header) => {
    rig = senderRig();
    server = await bareServer((socket) => socket.write(ANSWER.replace('\r\n\r\n', `\r\n${header}\r\n`)));
    await rig.send(server.url);
    await rig.send(server.url);

    expect(server.connected()).toBe(2);
  });

  it('is not used again when the response came before the request was written', async () => {
    rig = senderRig();
    server = await bareServer(() => undefined);
    const { createServer } = await import('node:net');
    let connected = 0;
    const early = createServer((socket) => {
      connected++;
      socket.on('error', () => undefined);
      // It reads nothing.
      socket.pause();
      socket.write(ANSWER.replace('200 OK', '413 Too Large'));
    });
    await new Promise<void>((listening) => early.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(early.address() as { port: number }).port}/`;
    const body = Buffer.alloc(16 * 1024 * 1024);
    const results = [await rig.send(url, { body }), await rig.send(url, { body })];
    early.close();

    expect(results).toMatchObject([{ statusCode: 413 }, { statusCode: 413 }]);
    expect(connected).toBe(2);
  });

  it('is not kept once the service has stopped', async () => {
    rig = senderRig();
    server = await bareServer((socket) => socket.write(ANSWER));
    rig.stop();

    expect(await rig.send(server.url)).toMatchObject({ statusCode: 200 });
    expect(await rig.send(server.url)).toMatchObject({ statusCode: 200 });
    expect(server.connected()).toBe(2);
  });

  it('is closed after some idle seconds', async () => {
    rig = senderRig();
    const sockets: Socket[] = [];
    server = await bareServer((socket) => {
      sockets.push(socket);
      socket.write(ANSWER);
    });
    await rig.send(server.url);

    await until(() => sockets[0]!.destroyed, WAIT_MS, 'the end of the connection');
  });

  it('is closed when there are more idle ones than permits, the one that has been idle longest first', async () => {
    rig = senderRig({ permits: 2 });
    const servers = await Promise.all([0, 1, 2].map(() => bareServer((socket) => socket.write(ANSWER))));
    for (const { url } of servers) await rig.send(url);
    for (const { url } of servers.toReversed()) await rig.send(url);
    const connected = servers.map((each) => each.connected());
    await Promise.all(servers.map((each) => each.stop()));

    expect(connected).toEqual([2, 1, 1]);
  });

  it('carries one request at a time', async () => {
    rig = senderRig();
    const waiting: Socket[] = [];
    server = await bareServer((socket) => {
      if (waiting.push(socket) === 5) for (const each of waiting) each.write(ANSWER);
    });
    const results = await Promise.all(Array.from({ length: 5 }, () => rig.send(server.url)));

    expect(results.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
    expect(server.connected()).toBe(5);
  });
});

describe('a request', () => {
  it('has its headers in the given letter case and order, after the host', async () => {
    rig = senderRig();
    server = await bareServer((socket) => socket.write(ANSWER));
    await rig.send(`${server.url}?a=%20b`, { headers: ['X-One', 'na\xefve', 'x-two', ''], body: Buffer.from('é') });

    expect(server.requests).toEqual([
      `POST /hook?a=%20b HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: keep-alive\r\nX-One: na\xefve\r\nx-two: \r\n` +
        'content-length: 2\r\n\r\n\xc3\xa9',
    ]);
  });

  it.each([
    ['x\r\ny', 'a'],
    ['x y', 'a'],
    ['x', 'a\r\nWebhook-Id: forged'],
    ['x', 'a\0'],
    ['x', '\u0100'],
  ])('with the header %j: %j is not sent', async (name, value) => {
    rig = senderRig();
    server = await bareServer((socket) => socket.write(ANSWER));

    await expect(rig.send(server.url, { headers: [name, value] })).rejects.toThrow(RangeError);
    expect(server.connected()).toBe(0);
  });

  it('with a large body arrives whole', async () => {
    rig = senderRig();
    let bytes = 0;
    server = await bareServer((socket) => socket.write(ANSWER));
    const body = Buffer.alloc(300_000, 'abc');
    await rig.send(server.url, { body });
    bytes = server.requests[0]!.length - server.requests[0]!.indexOf('\r\n\r\n') - 4;

    expect(bytes).toBe(300_000);
  });
});
