import { Redis, type RedisOptions } from 'ioredis';
import { startCountdown, withTimeout } from '../async/time-limit.js';

/** The longest pause before the next try to connect. */
const MAX_PAUSE_MS = 1_000;
/** From the connect until the server says that it is ready. The library waits for ever for its answer. */
const READY_LIMIT_MS = 3_000;

const options: RedisOptions = {
  lazyConnect: true,
  // A command fails at once if there is no connection. In a queue it would be executed long after its caller gave up.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // 0, not more: commands in flight are rejected when the connection breaks. Otherwise they would never end, and the automatic pipeline
  // would wait for them for ever.
  maxRetriesPerRequest: 0,
  enableAutoPipelining: true,
  // The library would not report a failed subscription. The cache subscribes at each `ready` itself.
  autoResubscribe: false,
  connectTimeout: 2_000,
  // No time limit of the library for commands: a timer for each would cost more than the commands. The breaker and the cache have limits.
  disconnectTimeout: 2_000,
  keepAlive: 30_000,
  noDelay: true,
  // A server that is loading its data is not ready. It is asked again after this time.
  enableReadyCheck: true,
  maxLoadingRetryTime: 1_000,
  // No socketTimeout: after this process stood still, it would end a connection whose answer waits to be read. The breaker notices a server
  // that vanished without closing the connection (a failover).
  retryStrategy: (times) => Math.min(MAX_PAUSE_MS, 50 * 2 ** Math.min(times, 10)) * (0.75 + Math.random() / 4),
  // The first word of an error reply is its code. READONLY: after a failover this server is a replica, and the host name leads to the new primary.
  reconnectOnError: (error) => error.message.startsWith('READONLY '),
};

/**
 * Begins to connect, and tries again at least every second, without end. `rediss:` means TLS. Does not throw if the server is away: commands
 * fail at once until there is a connection. `onError` gets each connection error.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, options);
  redis.on('error', onError);
  limitHandshake(redis);
  // The failure itself arrives as an 'error' event, and the attempts go on.
  redis.connect().catch(() => undefined);
  return redis;
}

/** Makes a connection anew if the server says nothing before it is ready. The connection waits on the network for ever otherwise. */
function limitHandshake(redis: Redis): void {
  let stop: () => void = () => undefined;
  redis.on('connect', () => {
    stop();
    const { stream } = redis;
    const received = () => ('bytesRead' in stream ? stream.bytesRead : 0);
    stop = startCountdown(READY_LIMIT_MS, () => stream.destroy(), received);
  });
  for (const event of ['ready', 'close', 'end']) redis.on(event, () => stop());
}

/** Closes a connection at once, without waiting for its other end, and makes a new one. */
export function renewConnection(redis: Redis): void {
  if (redis.status === 'ready') redis.stream.destroy();
}

/** Ends a connection with QUIT. Without an answer within `limitMs` it is closed all the same. Never throws. */
export async function disconnectRedis(redis: Redis, limitMs: number): Promise<void> {
  if (redis.status === 'ready') {
    await withTimeout(limitMs, () => redis.quit()).catch(() => undefined);
  }
  redis.disconnect();
}
