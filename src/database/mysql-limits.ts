import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import type mysql from 'mysql2';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2';
import { startCountdown } from '../async/time-limit.js';
import type { DatabaseWatch } from './database-watch.js';
import { classOf, DatabaseSilent } from './errors.js';

/** Time limit for making a connection, including its handshake. */
export const CONNECT_LIMIT_MS = 3_000;

/** Connections are given up because of a read-only server at most once in this time, in ms. */
const LEAVE_PAUSE_MS = 3_000;
/** Connections that were opened before this are not used again. On the monotonic clock. */
let validSince = Number.NEGATIVE_INFINITY;
const openedAt = new WeakMap<object, number>();

/** Who knows the connections of a pool. A DatabaseWatch also refuses them while the server is silent. */
export type Watching = Pick<DatabaseWatch, 'addSocket'> | DatabaseWatch;

type Callback = (error: Error | null, ...rest: unknown[]) => void;
/** The argument of mysql2's `stream` option, which makes the socket of a connection. */
type StreamRequest = { config: { host: string; port: number; enableKeepAlive: boolean; keepAliveInitialDelay?: number } };

/**
 * The driver's pool with `startCountdown` in place of the driver's timeouts. The driver's timeouts also count time in which this process
 * was paused, and would close connections whose answers have arrived but are not read yet.
 *
 * @param opened called with each new connection before it is used
 * @param watch knows the pool's connections
 */
export function limitedPool(options: PoolOptions, opened: (connection: PoolConnection) => void, watch?: Watching): Pool {
  // Keyed by the configuration object, which each connection has for itself.
  const handshakes = new WeakMap<object, () => void>();
  const stream = ({ config }: StreamRequest): Socket => {
    const socket = connect(config.port, config.host).setNoDelay(true);
    watch?.addSocket(socket);
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
    openedAt.set(connection, performance.now());
    handshakes.get(connection.config)?.();
    opened(connection);
  });
  const get = pool.getConnection.bind(pool);
  const getUsable: Pool['getConnection'] = (answer) =>
    get((error, connection) => {
      if (isReset(error)) return get(answer);
      if (error !== null || openedAt.get(connection)! >= validSince) return answer(error, connection);
      connection.destroy();
      getUsable(answer);
    });
  pool.getConnection = getUsable;
  if (watch && 'suspect' in watch) watchPool(pool, watch);
  return pool;
}

/** Lets `watch` answer those who wait for a connection, and know which connections are idle. */
function watchPool(pool: Pool, watch: DatabaseWatch): void {
  pool.on('connection', (connection) => {
    for (const event of ['end', 'error']) connection.once(event, () => watch.setIdle(connection, false));
  });
  pool.on('release', (connection) => watch.setIdle(connection, true));
  pool.on('acquire', (connection) => watch.setIdle(connection, false));
  const get = pool.getConnection.bind(pool);
  pool.getConnection = (answer) => {
    const fail = (error: Error) => answer(error as NodeJS.ErrnoException, undefined as never);
    try {
      watch.assertNotSilent();
    } catch (error) {
      return void process.nextTick(fail, error);
    }
    watch.wait(fail);
    get((error, connection) => {
      // Who waited has its answer already.
      if (!watch.answered(fail)) return void connection?.release();
      if (error && !('sqlState' in error)) watch.suspect();
      answer(error, connection);
    });
  };
}

/**
 * Looks at an error of a statement. If the server takes no writes, no connection that is open now is used for another statement: after a
 * fail-over the name of the database leads to the new writer, but a connection stays where it is.
 */
export function leaveReadOnlyServer(error: unknown): void {
  const now = performance.now();
  if (classOf(error) === 'readOnly' && now - validSince > LEAVE_PAUSE_MS) validSince = now;
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
export function limitStatements(connection: PoolConnection, ms: number, watch?: DatabaseWatch): void {
  const query = connection.query.bind(connection) as (...args: unknown[]) => unknown;
  const limited = (...args: unknown[]) => {
    const callback = args.at(-1);
    if (typeof callback !== 'function') return query(...args);
    let answered = false;
    const answer: Callback = (...result) => {
      stop();
      if (result[0]) leaveReadOnlyServer(result[0]);
      if (!answered) (callback as Callback)(...result);
      answered = true;
    };
    const stop = startCountdown(ms, () => {
      answer(new DatabaseSilent(`No answer within ${ms} ms.`));
      // The statement may still run on the server, so the connection must not be used again.
      connection.destroy();
      watch?.suspect();
    });
    return query(...args.slice(0, -1), answer);
  };
  connection.query = limited as typeof connection.query;
}

/**
 * Runs these statements first. A connection without its settings must not be used: if one of them fails, the connection is closed, and whatever waits
 * for it fails with that error.
 */
export function applySettings(connection: PoolConnection, settings: readonly string[]): void {
  // The driver's own `destroy` tells those that wait only that they came too late.
  const { stream } = connection as unknown as { stream: Socket };
  for (const setting of settings) connection.query(setting, (error) => error && stream.destroy(error));
}

/**
 * What TypeORM gets in place of the package mysql2.
 *
 * @param statementLimitMs time limit for one statement, in ms
 * @param settings statements that each new connection runs first
 */
export function limitedDriver(statementLimitMs: number, settings: readonly string[], watch?: Watching): object {
  const opened = (connection: PoolConnection) => {
    limitStatements(connection, statementLimitMs, watch && 'suspect' in watch ? watch : undefined);
    applySettings(connection, settings);
  };
  return { createPool: (options: PoolOptions) => limitedPool(options, opened, watch) };
}
