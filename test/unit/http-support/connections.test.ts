import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Connections } from '../../../src/api/http-support/connections.js';
import { createLog } from '../../../src/observability/log.js';
import { until } from '../../support/until.js';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const CHUNK = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
const WAIT_MS = 20_000;

interface Client {
  socket: Socket;
  received: string;
  closed: boolean;
}

describe('connections of the server', () => {
  let server: Server;
  let connections: Connections;
  const log: string[] = [];
  const clients: Client[] = [];

  beforeEach(async () => {
    log.length = 0;
    server = createServer((request, response) => {
      if (request.url === '/') response.end('here');
      if (request.url === '/early') response.writeHead(401).end('no');
    });
    const limits = { max: 3, idleMs: 60_000, lookEveryMs: 60_000 };
    connections = new Connections(server, limits, createLog('info', { write: (line) => log.push(line) }));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const { socket } of clients.splice(0)) socket.destroy();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  const open = async (first: string) => {
    const before = connections.open + connections.dropped.idle + connections.dropped.full;
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const client: Client = { socket, received: '', closed: false };
    clients.push(client);
    socket.on('data', (data) => (client.received += data.toString()));
    socket.on('error', () => undefined).on('close', () => (client.closed = true));
    socket.write(first);
    const isSeen = () => connections.open + connections.dropped.idle + connections.dropped.full > before;
    await until(isSeen, WAIT_MS, 'the server to see the connection');
    return client;
  };
  const answered = (client: Client) => until(() => client.received.includes('here'), WAIT_MS, 'an answer');
  const closed = (client: Client) => until(() => client.closed, WAIT_MS, 'the connection to be closed');
  /** As old as connections must be to give way. */
  const grownOld = () => until(() => performance.now() - startedAt > 1_100, WAIT_MS, 'the connections to be old');
  let startedAt = 0;
  const fill = async (...firsts: string[]) => {
    const filled = [];
    for (const first of firsts) filled.push(await open(first));
    startedAt = performance.now();
    return filled;
  };

  it('that never brought a request give way to new ones, the oldest first, then those that are idle for the longest time', async () => {
    const [used, silent, slow] = await fill(GET, '', 'GET / HTTP/1.1\r\nx-slow: ');
    await answered(used!);
    startedAt = performance.now();
    await grownOld();

    for (const next of [silent!, slow!, used!]) {
      const isClosed = closed(next);
      await answered(await open(GET));
      await isClosed;
    }
    expect(connections.dropped).toEqual({ idle: 3, full: 0 });
  });

  it('that never brought a request are closed with the idle ones when a second old, so that they do not hold up the stop', async () => {
    const before = performance.now();
    const [used, silent, slow] = await fill(GET, '', 'GET / HTTP/1.1\r\nx-slow: ');
    await answered(used!);

    // They are young, however slow this machine is.
    jest.spyOn(performance, 'now').mockReturnValueOnce(before);
    server.closeIdleConnections();
    await closed(used!);
    expect([silent!.closed, slow!.closed]).toEqual([false, false]);

    await grownOld();
    server.closeIdleConnections();
    await closed(silent!);
    await closed(slow!);
    expect(connections.dropped).toEqual({ idle: 0, full: 0 });
  });

  it('with work stay, and new ones are closed, counted and logged once a minute', async () => {
    const slow = 'GET /slow HTTP/1.1\r\nhost: a\r\n\r\n';
    const busy = await fill(slow, slow, slow);
    const refused = [await open(GET), await open(GET)];

    for (const client of refused) await closed(client);
    expect(refused.map(({ received }) => received)).toEqual(['', '']);
    expect(busy.map((client) => client.closed)).toEqual([false, false, false]);
    expect(connections.dropped).toEqual({ idle: 0, full: 2 });
    expect(log.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ msg: 'http.connections_full', open: 3, limit: 3, idleClosed: 0, refused: 1 }),
    ]);
  });

  it('stay usable after an answer that came before the body, and end when that body has no end', async () => {
    const short = await open('POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n');
    short.socket.write(`body${GET}`);
    await answered(short);
    expect(short.received).toContain('401');

    const endless = await open('POST /early HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    let sent = 0;
    const more = () => {
      while (!endless.closed && sent < 300 && endless.socket.write(CHUNK)) sent++;
      if (sent < 300 && !endless.closed) endless.socket.once('drain', () => (sent++, more()));
    };
    more();
    await closed(endless);
    expect(endless.received).toContain('401');
    expect(sent).toBeLessThan(300);
  });
});
