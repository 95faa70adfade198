import type { Server } from 'node:http';
import { getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SQSClient } from '@aws-sdk/client-sqs';
import { APP_CONFIG, type AppConfig } from '../../src/config/config.js';
import { ADDRESS_LIMIT_MS, setNetworkDefaults } from '../../src/config/network-defaults.js';
import { connectRedis } from '../../src/cache/redis-connection.js';
import { dataSourceOptions, POOL_LIMITS } from '../../src/database/data-source.js';
import { CONNECT_LIMIT_MS, limitedPool } from '../../src/database/mysql-limits.js';
import { QueueClient } from '../../src/queue/queue-client.js';
import { startApp, type TestApp } from '../support/app.js';

const ADDRESS_LIMIT = getDefaultAutoSelectFamilyAttemptTimeout();

describe('the limits that libraries keep', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterEach(() => setDefaultAutoSelectFamilyAttemptTimeout(ADDRESS_LIMIT));
  afterAll(() => app?.stop());

  it('are said for the HTTP server, where a waiting connection outlives the load balancer’s minute', () => {
    const server = app.nest.getHttpServer() as Server;

    expect(server).toMatchObject({ headersTimeout: 30_000, requestTimeout: 30_000, keepAliveTimeout: 75_000, timeout: 90_000 });
    expect(server.maxRequestsPerSocket).toBe(0);
  });

  it('are said for the addresses of a name', () => {
    setNetworkDefaults();

    expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBe(ADDRESS_LIMIT_MS);
  });

  it('are said for the pools of the database', () => {
    const config = app.nest.get<AppConfig>(APP_CONFIG, { strict: false });
    const database = { ...config.database, mysqlUrl: 'mysql://nobody@127.0.0.1:1/none', poolSize: 10 };

    const limits = { enableKeepAlive: true, keepAliveInitialDelay: 30_000, queueLimit: 0 };
    const driver = { createPool: expect.any(Function) };
    expect(dataSourceOptions({ ...config, database })).toMatchObject({ extra: limits, driver });
    expect(POOL_LIMITS).toMatchObject(limits);
    // The driver's own timer would count our lateness too.
    const pool = limitedPool({ uri: database.mysqlUrl }, () => undefined) as unknown as { config: object; end(): void };
    pool.end();
    expect(pool.config).toMatchObject({ connectionConfig: { connectTimeout: 0, stream: expect.any(Function) } });
    expect(CONNECT_LIMIT_MS).toBe(3_000);
  });

  it('are said for Redis', () => {
    const redis = connectRedis('redis://127.0.0.1:1', () => undefined);
    redis.disconnect();

    expect(redis.options).toMatchObject({
      connectTimeout: 2_000,
      disconnectTimeout: 2_000,
      keepAlive: 30_000,
    });
    // The breaker's, which doesn't count our own lateness.
    expect(redis.options).not.toHaveProperty('socketTimeout');
    expect(redis.options).toMatchObject({ maxRetriesPerRequest: 0, maxLoadingRetryTime: 1_000 });
  });

  it('are said for the queue', async () => {
    const client = app.nest.get(QueueClient, { strict: false }).sqs;
    expect(client).toBeInstanceOf(SQSClient);
    await app.nest.get(QueueClient, { strict: false }).attributes();
    const handler = client.config.requestHandler as unknown as { config: Record<string, unknown> };

    expect(await client.config.maxAttempts()).toBe(2);
    expect(handler.config).toMatchObject({ connectionTimeout: 1_000, requestTimeout: 30_000, throwOnRequestTimeout: true });
  });
});
