import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import type mysql from 'mysql2';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2';
import { startCountdown } from '../async/time-limit.js';
import { DatabaseSilent } from './errors.js';

/** Time limit for making a connection, including its handshake. */
export const CONNECT_LIMIT_MS = 3_000;

type Callback = (error: Error | null, ...rest: unknown[]) => void;
/** The argument of mysql2's `stream` option, which makes the socket of a connection. */
type StreamRequest = { config: { host: string; port: number; enableKeepAlive: boolean; keepAliveInitialDelay?: number } };

/**
 * The driver's pool with `startCountdown` in place of the driver's timeouts. The driver's timeouts also count time in which this process
 * was paused, and would close connections whose answers have arrived but are not read yet.
 *
 * @param opened called with each new connection before it is used
 */
export function limitedPool(options: PoolOptions, opened: (connection: PoolConnection) => void): Pool {
  // Keyed by the configuration object, which each connection has for itself.
  const handshakes = new WeakMap<object, () => void>();
  const stream = ({ config }: StreamRequest): Socket => {
    const socket = connect(config.port, config.host).setNoDelay(true);
    if (config.enableKeepAlive) socket.once('connect', () => socket.setKeepAlive(true, config.keepAliveInitialDelay));
    const abort = () => socket.destroy(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' }));
    const stop = startCountdown(CONNECT_LIMIT_MS, abort);
    socket.once('close', stop);
    handshakes.set(config, stop);
    return socket;
  };
  // Loaded only here, because a process with the embedded database does not need these modules in memory.
  const { createPool } = createRequire(import.meta.url)('mysql2') as typeof mysql;
  const pool = createPool({ ...options, stream, connectTimeout: 0 });
  pool.on('connection', (connection) => {
    handshakes.get(connection.config)?.();
    opened(connection);
  });
  const get = pool.getConnection.bind(pool);
  pool.getConnection = (answer) => get((error, connection) => (isReset(error) ? get(answer) : answer(error, connection)));
  return pool;
}

/**
 * Whether the server closed the connection before it could be used. A server waits ten seconds for a handshake, also if this process was
 * paused meanwhile. Nothing was sent, so another connection can be asked for.
 */
function isReset(error: (Error & { code?: string }) | null): boolean {
  return error !== null && ['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST'].includes(error.code ?? '');
}

/**
 * Sets a time limit for all further statements on this connection. A statement without an answer within `ms` fails with DatabaseSilent, and
 * the connection is closed. Time in which this process was paused does not count.
 */
export function limitStatements(connection: PoolConnection, ms: number): void {
  const query = connection.query.bind(connection) as (...args: unknown[]) => unknown;
  const limited = (...args: unknown[]) => {
    const callback = args.at(-1);
    if (typeof callback !== 'function') return query(...args);
    let answered = false;
    const answer: Callback = (...result) => {
      stop();
      if (!answered) (callback as Callback)(...result);
      answered = true;
    };
    const stop = startCountdown(ms, () => {
      answer(new DatabaseSilent(`No answer within ${ms} ms.`));
      // The statement may still run on the server, so the connection must not be used again.
      connection.destroy();
    });
    return query(...args.slice(0, -1), answer);
  };
  connection.query = limited as typeof connection.query;
}

/**
 * What TypeORM gets in place of the package mysql2.
 *
 * @param statementLimitMs time limit for one statement, in ms
 * @param settings statements that each new connection runs first
 */
export function limitedDriver(statementLimitMs: number, settings: readonly string[]): object {
  const opened = (connection: PoolConnection) => {
    limitStatements(connection, statementLimitMs);
    // A connection without its settings must not be used.
    for (const setting of settings) connection.query(setting, (error) => error && connection.destroy());
  };
  return { createPool: (options: PoolOptions) => limitedPool(options, opened) };
}
