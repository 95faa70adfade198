import type { Socket } from 'node:net';
import type { Pool } from 'mysql2';
import { TimedOut, withTimeout } from '../async/time-limit.js';
import type { DatabaseWatch, ProbeResult } from './database-watch.js';
import { limitedPool } from './mysql-limits.js';
import { tlsOf } from './tls.js';

/** Makes a connection of its own and runs a small statement on it. It is not silence if the server sends something to anybody. Never rejects. */
export async function probeDatabase(mysqlUrl: string, limitMs: number, watch: DatabaseWatch): Promise<ProbeResult> {
  const sockets: Socket[] = [];
  const before = watch.received;
  const ssl = tlsOf(mysqlUrl);
  const options = { uri: mysqlUrl.replace(/^mariadb:/, 'mysql:'), ...(ssl === undefined ? {} : { ssl }), connectionLimit: 1 };
  const pool = limitedPool(options, () => undefined, {
    addSocket: (socket) => {
      sockets.push(socket);
      watch.addSocket(socket);
    },
  });
  try {
    await withTimeout(limitMs, () => selectOne(pool), { received: () => watch.received });
    return 'answered';
  } catch (error) {
    if (error instanceof TimedOut) return watch.received === before ? 'silent' : 'slow';
    return typeof (error as { sqlState?: unknown }).sqlState === 'string' ? 'answered' : 'failed';
  } finally {
    pool.end(() => undefined);
    for (const socket of sockets) socket.destroy();
  }
}

function selectOne(pool: Pool): Promise<void> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => {
      if (error) return reject(error);
      connection.query('SELECT 1', (failed) => (failed ? reject(failed) : resolve()));
    });
  });
}
