import { Redis, type RedisOptions } from 'ioredis';
import { withTimeout } from '../async/time-limit.js';

const options: RedisOptions = {
  lazyConnect: true,
  // Commands are for now or never: what waited in a queue would be executed long after its caller gave up.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // 0, not more: what is in flight when a connection breaks is rejected then. Otherwise it would neither be sent again nor end, and
  // the automatic pipeline would wait for it for ever.
  maxRetriesPerRequest: 0,
  enableAutoPipelining: true,
  // The library would resubscribe without telling of a failure; the invalidations subscribe at each `ready` themselves.
  autoResubscribe: false,
  connectTimeout: 2_000,
  // No limit of the library's on a command: a timer for each would cost more than the commands. The breaker and the caches have their own.
  disconnectTimeout: 2_000,
  keepAlive: 30_000,
  noDelay: true,
  // A server that is loading its data is not ready; longer than this, and the connection is begun anew.
  enableReadyCheck: true,
  maxLoadingRetryTime: 10_000,
  // No socketTimeout: its timer would end the connection of a process that stood still itself, with the answer waiting to be read. A server
  // that vanished without closing (a failover) is noticed by the breaker.
  retryStrategy: (times) => Math.min(2_000, 50 * 2 ** Math.min(times, 10)) * (0.75 + Math.random() / 4),
  // The first word of an error reply is its code. READONLY: after a failover this is a replica; the name leads to the new primary.
  reconnectOnError: (error) => error.message.startsWith('READONLY '),
};

/**
 * Begins to connect and never stops trying, at least every 2 s. `rediss:` means TLS. Does not throw when the server is away:
 * commands fail at once until it is there. `onError` gets each connection error.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, options);
  redis.on('error', onError);
  // The failure itself arrives as an 'error' event, and the attempts go on.
  redis.connect().catch(() => undefined);
  return redis;
}

/** Ends a connection in good order, or after `limitMs` in any. Never throws. */
export async function disconnectRedis(redis: Redis, limitMs: number): Promise<void> {
  if (redis.status === 'ready') {
    await withTimeout(limitMs, () => redis.quit()).catch(() => undefined);
  }
  redis.disconnect();
}
