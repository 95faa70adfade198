import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Log } from '../observability/log.js';
import { CacheInvalidation } from './cache-invalidation.js';
import { LocalCache } from './local-cache.js';
import { SharedCache } from './shared-cache.js';

/**
 * Provides the SharedCache (in Redis if it is configured, otherwise in the process's memory) and the invalidation of caches. Needs
 * APP_CONFIG and Log to be provided globally.
 */
@Module({
  providers: [{ provide: SharedCache, inject: [APP_CONFIG, Log], useFactory: sharedCache }, CacheInvalidation],
  exports: [SharedCache, CacheInvalidation],
})
export class CacheModule implements OnApplicationShutdown {
  constructor(private readonly cache: SharedCache) {}

  async onApplicationShutdown(): Promise<void> {
    await this.cache.close();
  }
}

async function sharedCache(config: AppConfig, log: Log): Promise<SharedCache> {
  if (config.cache.redisUrl === null) return new LocalCache();
  const { RedisCache } = await import('./redis-cache.js');
  return new RedisCache(config.cache.redisUrl, log);
}
