import { createServer, type Server } from 'node:http';
import {
  connect,
  createServer as createListener,
  Server as Listener,
  type AddressInfo,
  type ListenOptions,
  type Socket,
} from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Connections } from '../../../src/api/http-support/connections.js';
import { addressesOf, listenersEach, listenWidely } from '../../../src/api/http-support/listeners.js';
import { nextTurn } from '../../../src/async/steps.js';
import { createLog } from '../../../src/observability/log.js';
import { until } from '../../support/until.js';

const host = '127.0.0.1';

describe('a server that listens widely', () => {
  const opened: { server: Server; close: () => Promise<void> }[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const { server, close } of opened.splice(0)) {
      await close();
      server.close();
    }
  });

  const open = async (port = 0, addresses = [host]) => {
    const server = createServer((_request, response) => void response.end('here'));
    const first = (options: object) =>
      new Promise<void>((listening, failed) => server.once('error', failed).listen(options, listening));
    const close = await listenWidely(server, first, { port, addresses });
    opened.push({ server, close });
    return { server, close, port: (server.address() as AddressInfo).port };
  };
  const get = (port: number, at = host) => fetch(`http://${at}:${port}`).then((answer) => answer.text());

  it('takes many connections in few turns of its event loop', async () => {
    const { server, port } = await open();
    let taken = 0;
    server.on('connection', () => taken++);
    for (let n = 0; n < 320; n++) sockets.push(connect(port, host).on('error', () => undefined));
    let turns = 0;
    for (; taken < 320 && turns < 1_000; turns++) await nextTurn();
    expect(taken).toBe(320);
    expect(turns).toBeLessThan(200);
  });

  it.each([
    { openFiles: Infinity, addresses: 1, each: 1_024 },
    { openFiles: 65_535, addresses: 2, each: 512 },
    { openFiles: 4_096, addresses: 1, each: 256 },
    { openFiles: 1_024, addresses: 2, each: 32 },
    { openFiles: 16, addresses: 2, each: 1 },
  ])('has $each listeners at each of $addresses addresses if $openFiles files can be open', ({ openFiles, addresses, each }) => {
    expect(listenersEach(addresses, openFiles)).toBe(each);
  });

  it('answers on every connection, and ends them when it closes', async () => {
    const { port, close } = await open();
    expect(await Promise.all(Array.from({ length: 40 }, () => get(port)))).toEqual(Array.from({ length: 40 }, () => 'here'));

    await close();
    opened.pop()!.server.close();
    await expect(get(port)).rejects.toThrow();
  });

  it('is not held up by connections that never brought a request', async () => {
    const { server, port, close } = await open();
    const connections = new Connections(server, { idleMs: 600_000, lookEveryMs: 600_000 }, createLog('info'));
    for (let n = 0; n < 40; n++) sockets.push(connect(port, host).on('error', () => undefined));
    await until(() => connections.open === 40, 5_000, 'the connections');

    const closing = close();
    // All others are closed by now, so the server takes this one itself.
    const last = connect(port, host).on('error', () => undefined);
    sockets.push(last);
    await until(() => last.readyState === 'open', 5_000, 'one more connection');
    await closing;
    opened.pop()!.server.close();
    await until(() => connections.open === 0, 5_000, 'the end of all connections');
  });

  it('serves all addresses of its host with the same server, and leaves out one that the machine does not have', async () => {
    // 192.0.2.0/24 is for documents: no machine has it.
    const { server, port } = await open(0, ['192.0.2.1', host, '127.0.0.2']);
    let requests = 0;
    server.on('request', () => requests++);

    expect(await Promise.all([get(port), get(port, '127.0.0.2')])).toEqual(['here', 'here']);
    expect(requests).toBe(2);
    await expect(open(port, ['127.0.0.2'])).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('is told what to do about a host without an address', async () => {
    expect(await addressesOf('127.0.0.1')).toEqual(['127.0.0.1']);
    await expect(addressesOf('no such host')).rejects.toThrow(
      'HOST is no such host, and no address is known for it: set HOST to',
    );
    await expect(open(0, ['192.0.2.1'])).rejects.toThrow('This machine has no address 192.0.2.1: set HOST to');
  });

  it('is refused a port that is taken, and told what to do', async () => {
    const { port } = await open();
    const message = `Port ${port} of 127.0.0.1 is in use: another program, or another Posthorn, listens there. Stop it, or set PORT`;

    await expect(open(port)).rejects.toMatchObject({ code: 'EADDRINUSE', message: expect.stringContaining(message) });
    await expect(open(port, ['0.0.0.0'])).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('is one of several that start at the same moment; the others are refused', async () => {
    const { port, close } = await open();
    await close();
    opened.pop()!.server.close();

    const starts = await Promise.allSettled([open(port), open(port), open(port, ['0.0.0.0'])]);

    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const start of starts) if (start.status === 'rejected') expect(start.reason).toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each(['ENOTSUP', 'EINVAL', 'ENOPROTOOPT'])('has one listener where the system refuses more with %s', async (code) => {
    const listen = Listener.prototype.listen as (...args: unknown[]) => Listener;
    let listening = 0;
    jest.spyOn(Listener.prototype, 'listen').mockImplementation(function (this: Listener, ...args: unknown[]) {
      if (!(args[0] as ListenOptions).reusePort) return (listening++, listen.apply(this, args));
      process.nextTick(() => this.emit('error', Object.assign(new Error(`bind ${code}`), { code })));
      return this;
    });

    const { port } = await open();

    expect(await get(port)).toBe('here');
    // One looked whether the port is free.
    expect(listening).toBe(2);
    await expect(open(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('does not share its port with a program of another kind', async () => {
    const other = createListener().listen(0, '0.0.0.0');
    await new Promise((listening) => other.once('listening', listening));

    await expect(open((other.address() as AddressInfo).port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });
});
