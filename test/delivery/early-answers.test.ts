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

async function refusing(act: (socket: Socket) => void) {
  server = createServer((socket) => act(socket.on('error', () => undefined)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  rig = senderRig();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const results = [];
  for (let count = 0; count < TIMES; count++) results.push(await rig.send(url, { body: BODY }));
  return results.map(({ statusCode, response }) => ({ statusCode, response }));
}

/** Answers without reading on, and then closes in this way. */
const answering = (socket: Socket, close: () => void) => socket.pause().write(REFUSAL, close);

describe('an answer that comes before a long body is written counts, when the other side then', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['closes, and has read nothing', (socket) => answering(socket, () => socket.destroy())],
    ['closes, and has read the beginning', (socket) => socket.once('data', () => answering(socket, () => socket.destroy()))],
    ['resets', (socket) => socket.once('data', () => answering(socket, () => socket.resetAndDestroy()))],
    ['ends in good order', (socket) => socket.once('data', () => answering(socket, () => socket.end()))],
  ])('%s', async (_, act) => {
    expect(await refusing(act)).toEqual(Array.from({ length: TIMES }, () => ({ statusCode: 413, response: 'no' })));
  });
});

describe('a connection that breaks while a long body is written', () => {
  it('fails the attempt at once where there is no answer to read', async () => {
    const results = await refusing((socket) => void socket.once('data', () => socket.resetAndDestroy()));

    for (const { statusCode, response } of results) {
      expect(statusCode).toBe(0);
      expect(response).toContain('the connection was closed before any answer');
    }
  });
});
