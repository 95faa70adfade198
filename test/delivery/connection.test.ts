import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connection, ClosedBeforeResponse } from '../../src/delivery/connection.js';
import { Deadline, DeadlineExpired } from '../../src/delivery/deadline.js';
import { until } from '../support/until.js';
import { bareServer, type BareServer } from './sender-rig.js';

const WAIT_MS = 30_000;
const REQUEST = { head: 'POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n', body: Buffer.from('ok'), startedAt: 0 };

let server: BareServer;
afterEach(() => server.stop());

async function connected(): Promise<Socket> {
  server = await bareServer((socket) => socket.end());
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('a request', () => {
  it('fails at once on a connection that has closed', async () => {
    const socket = await connected();
    const deadline = new Deadline(WAIT_MS);
    socket.destroy();
    await once(socket, 'close');
    const connection = new Connection(socket, 'http://127.0.0.1', () => undefined);

    await expect(connection.exchange(REQUEST, deadline)).rejects.toThrow(ClosedBeforeResponse);
    deadline.clear();
  });

  it('is not written after the deadline', async () => {
    const socket = await connected();
    const deadline = new Deadline(0);
    await until(() => deadline.expired, WAIT_MS, 'the end of the time limit');
    const connection = new Connection(socket, 'http://127.0.0.1', () => undefined);

    await expect(connection.exchange(REQUEST, deadline)).rejects.toThrow(DeadlineExpired);
    expect(socket.bytesWritten).toBe(0);
  });
});
