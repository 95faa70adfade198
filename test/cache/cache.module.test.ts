import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CacheModule } from '../../src/cache/cache.module.js';
import { SharedCache } from '../../src/cache/shared-cache.js';
import { APP_CONFIG } from '../../src/config/config.js';
import { createLog, Log } from '../../src/observability/log.js';

function surroundings(redisUrl: string | null) {
  @Global()
  @Module({
    providers: [
      { provide: APP_CONFIG, useValue: { cache: { redisUrl } } },
      { provide: Log, useValue: createLog('silent') },
    ],
    exports: [APP_CONFIG, Log],
  })
  class Surroundings {}
  return Surroundings;
}

describe('CacheModule', () => {
  it.each([
    ['the memory of the process without Redis', null, 'LocalCache'],
    ['Redis where it is configured, though it is away', 'redis://127.0.0.1:1', 'RedisCache'],
  ])('provides %s', async (_, redisUrl, name) => {
    const app = await Test.createTestingModule({ imports: [surroundings(redisUrl), CacheModule] }).compile();
    expect(app.get(SharedCache).constructor.name).toBe(name);
    await app.close();
  });
});
