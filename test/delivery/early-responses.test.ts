import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { senderRig, type Rig } from './sender-rig.js';

const REFUSAL = 'HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno';
const BODY = Buffer.alloc(1024 * 1024);
const TIMES = 20;

let rig: Rig;
let server: Server;

afterEach(() => {
  rig.stop();
  server.close();
});

/** Sends long bodies to a server that does not read them to the end. */
async function sendTo(act: (socket: Socket) => void) {
  server = createServer((socket) => act(socket.on('error', () => undefined)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  rig = senderRig();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const results = [];
  for (let count = 0; count < TIMES; count++) results.push(await rig.send(url, { body: BODY }));
  return results.map(({ statusCode, response }) => ({ statusCode, response }));
}

/** Answers, reads no more, and then closes. */
const answerEarly = (socket: Socket, close: () => void) => socket.pause().write(REFUSAL, close);

describe('a response that comes before a long body is written counts, if the server then', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['closes without reading', (socket) => answerEarly(socket, () => socket.destroy())],
    ['closes after reading the beginning', (socket) => socket.once('data', () => answerEarly(socket, () => socket.destroy()))],
    ['resets', (socket) => socket.once('data', () => answerEarly(socket, () => socket.resetAndDestroy()))],
    ['closes in order', (socket) => socket.once('data', () => answerEarly(socket, () => socket.end()))],
  ])('%s', async (_, act) => {
    expect(await sendTo(act)).toEqual(Array.from({ length: TIMES }, () => ({ statusCode: 413, response: 'no' })));
  });
});

describe('a connection that breaks while a long body is written', () => {
  it('fails the attempt at once if no response has come', async () => {
    const results = await sendTo((socket) => void socket.once('data', () => socket.resetAndDestroy()));

    for (const { statusCode, response } of results) {
      expect(statusCode).toBe(0);
      expect(response).toContain('the connection was closed before any answer');
    }
  });
});
