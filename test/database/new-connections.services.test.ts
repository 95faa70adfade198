import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { applySettings, limitedPool } from '../../src/database/mysql-limits.js';

/** Resets the first `resets` connections, and passes the others on to the database. */
let proxy: Server;
let resets: number;
let seen: number;

beforeEach(async () => {
  seen = 0;
  const { hostname, port } = new URL(process.env['TEST_DATABASE_URL']!);
  proxy = createServer((socket) => {
    if (++seen <= resets) return void socket.resetAndDestroy();
    const server = connect(Number(port), hostname);
    for (const one of [socket, server]) one.on('error', () => one.destroy());
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  proxy.close();
});

/** The result of one statement on a new pool. */
function answer(settings: readonly string[] = []): Promise<unknown> {
  const url = new URL(process.env['TEST_DATABASE_URL']!);
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const pool = limitedPool({ uri: url.href, connectionLimit: 1 }, (connection) => applySettings(connection, settings));
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => {
      if (error) return reject(error);
      connection.query('SELECT 1 AS one', (failed, rows) => {
        pool.end(() => (failed ? reject(failed) : resolve(rows)));
      });
    });
  });
}

it('a connection that the server ended during its handshake is made again', async () => {
  resets = 1;

  expect(await answer()).toMatchObject([{ one: 1 }]);
  expect(seen).toBe(2);
});

it('a server that ends every connection is an error after two of them', async () => {
  resets = 10;

  await expect(answer()).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|PROTOCOL_CONNECTION_LOST|EPIPE/) });
  expect(seen).toBe(2);
});

it('a setting that the server refuses is the error of the statement that waits for it', async () => {
  resets = 0;

  await expect(answer(['SET SESSION no_such_setting = 1'])).rejects.toMatchObject({
    code: 'ER_UNKNOWN_SYSTEM_VARIABLE',
    message: expect.stringContaining('no_such_setting'),
  });
});
