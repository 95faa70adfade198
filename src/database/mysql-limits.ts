import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import type mysql from 'mysql2';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2';
import { startCountdown } from '../async/time-limit.js';
import { DatabaseSilent } from './errors.js';

/** Longest that a connection may take to be made, its handshake included. */
export const CONNECT_LIMIT_MS = 3_000;

type Callback = (error: Error | null, ...rest: unknown[]) => void;
/** What mysql2 tells the maker of a connection's socket. */
type Making = { config: { host: string; port: number; enableKeepAlive: boolean; keepAliveInitialDelay?: number } };

/**
 * The driver's pool with time limits of ours in the place of its own: those count the time that this process stood still, and end a
 * connection whose answer waits to be read. `opened` is called with each new connection, before anybody else has it.
 */
export function limitedPool(options: PoolOptions, opened: (connection: PoolConnection) => void): Pool {
  // By the configuration of a connection, which is one's own.
  const handshakes = new WeakMap<object, () => void>();
  const stream = ({ config }: Making): Socket => {
    const socket = connect(config.port, config.host).setNoDelay(true);
    if (config.enableKeepAlive) socket.once('connect', () => socket.setKeepAlive(true, config.keepAliveInitialDelay));
    const late = () => socket.destroy(Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' }));
    const stop = startCountdown(CONNECT_LIMIT_MS, late);
    socket.once('close', stop);
    handshakes.set(config, stop);
    return socket;
  };
  // Loaded where there is a server: its modules would only fill the memory of an embedded database's process.
  const { createPool } = createRequire(import.meta.url)('mysql2') as typeof mysql;
  const pool = createPool({ ...options, stream, connectTimeout: 0 });
  pool.on('connection', (connection) => {
    handshakes.get(connection.config)?.();
    opened(connection);
  });
  return pool;
}

/** From now on a statement on this connection that is not answered within `ms` of our running time fails, and the connection with it. */
export function limitStatements(connection: PoolConnection, ms: number): void {
  const query = connection.query.bind(connection) as (...args: unknown[]) => unknown;
  const limited = (...args: unknown[]) => {
    const callback = args.at(-1);
    if (typeof callback !== 'function') return query(...args);
    let given = false;
    const answer: Callback = (...answered) => {
      stop();
      if (!given) (callback as Callback)(...answered);
      given = true;
    };
    const stop = startCountdown(ms, () => {
      answer(new DatabaseSilent(`No answer within ${ms} ms.`));
      // Whatever it still does there, nobody gets this connection after it.
      connection.destroy();
    });
    return query(...args.slice(0, -1), answer);
  };
  connection.query = limited as typeof connection.query;
}

/** What TypeORM takes for the driver's package. */
export function limitedDriver(statementLimitMs: number, settings: readonly string[]): object {
  const opened = (connection: PoolConnection) => {
    limitStatements(connection, statementLimitMs);
    // Without its settings a connection is worth nothing.
    for (const setting of settings) connection.query(setting, (error) => error && connection.destroy());
  };
  return { createPool: (options: PoolOptions) => limitedPool(options, opened) };
}
