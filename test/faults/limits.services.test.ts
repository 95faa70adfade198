import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startRedis, type Service } from '../support/services.js';
import { until } from '../support/until.js';
import { anInstallation, type Installation, type Server } from './installation.js';

const QUOTA = 400;
/** A hundredth of the quota: what a process has at most and has not used. */
const BLOCK = QUOTA / 100;

let redis: Service;
let installation: Installation;

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  redis.thaw();
  await installation?.remove();
  await redis.stop();
});

const flush = async () => {
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
};

async function started(settings: Record<string, string>, count = 2): Promise<{ servers: Server[]; appId: string }> {
  installation = await anInstallation({ REDIS_URL: redis.url, ...settings });
  const servers: Server[] = [];
  for (let n = 0; n < count; n++) servers.push(await installation.start());
  const { id } = (await servers[0]!.api.post('/app', { name: 'limits' })).body;
  return { servers, appId: id };
}

/** Sends `count` messages, 8 at a time, in turn to each of the servers. Answers how many were accepted. */
async function send(servers: readonly Server[], appId: string, count: number): Promise<number> {
  let sent = 0;
  let accepted = 0;
  const one = async () => {
    while (sent < count) {
      const server = servers[sent++ % servers.length]!;
      const answer = await server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} }).catch(() => null);
      if (answer?.status === 202) accepted++;
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return accepted;
}

const written = async () => {
  const [row] = await installation.sql<{ found: string | null }>('SELECT SUM(messages) AS found FROM organization_usage');
  return Number(row!.found ?? 0);
};

it('two processes share a quota exactly, also what one of them had taken and not used', async () => {
  const { servers, appId } = await started({ QUOTA_MESSAGES_PER_DAY: String(QUOTA) });
  let accepted = await send(servers, appId, QUOTA + 100);
  expect(accepted).toBeLessThanOrEqual(QUOTA);
  expect(accepted).toBeGreaterThanOrEqual(QUOTA - BLOCK);
  // Unused units go back within seconds.
  const all = async () => (accepted += await send([servers[0]!], appId, 5)) === QUOTA;
  await until(all, 10_000, 'the whole quota to be used');
  expect(await send(servers, appId, 20)).toBe(0);
});

it('a quota survives that Redis is flushed: what is written to the database counts', async () => {
  const { servers, appId } = await started({ QUOTA_MESSAGES_PER_DAY: String(QUOTA) });
  const before = await send(servers, appId, 300);
  expect(before).toBe(300);
  await until(async () => (await written()) === before, 15_000, 'the usage to be written');
  await flush();
  const after = await send(servers, appId, 300);
  // Each process may still use what it had taken before.
  expect(before + after).toBeLessThanOrEqual(QUOTA + 2 * BLOCK);
  expect(before + after).toBeGreaterThanOrEqual(QUOTA - 2 * BLOCK);
});

it('a quota is exceeded by no more than what was not written yet, when Redis is flushed and a process is killed', async () => {
  const { servers, appId } = await started({ QUOTA_MESSAGES_PER_DAY: String(QUOTA) });
  const before = await send(servers, appId, 200);
  await servers[1]!.kill();
  const known = await written();
  await flush();
  const after = await send([servers[0]!], appId, 600);
  expect(before + after).toBeLessThanOrEqual(QUOTA + (before - known) + 2 * BLOCK);
});

it('a killed process takes at most a block of the quota with it', async () => {
  const { servers, appId } = await started({ QUOTA_MESSAGES_PER_DAY: String(QUOTA) });
  const before = await send(servers, appId, 200);
  await servers[1]!.kill();
  const after = await send([servers[0]!], appId, 400);
  expect(before + after).toBeLessThanOrEqual(QUOTA);
  expect(before + after).toBeGreaterThanOrEqual(QUOTA - 2 * BLOCK);
});

it('a process that stops gives what it had not used back at once', async () => {
  const { servers, appId } = await started({ QUOTA_MESSAGES_PER_DAY: String(QUOTA) });
  const before = await send(servers, appId, 300);
  await servers[1]!.stop();
  expect(before + (await send([servers[0]!], appId, 200))).toBe(QUOTA);
});

it('a quota holds without Redis, and what was sent meanwhile counts when it is back', async () => {
  const { servers, appId } = await started({ QUOTA_MESSAGES_PER_DAY: String(QUOTA) }, 1);
  let accepted = await send(servers, appId, 100);
  redis.freeze();
  accepted += await send(servers, appId, 200);
  expect(accepted).toBe(300);
  redis.thaw();
  const back = () => servers[0]!.log.some((line) => line.includes('cache.back'));
  await until(back, 20_000, 'Redis to be back');
  accepted += await send(servers, appId, 300);
  expect(accepted).toBeLessThanOrEqual(QUOTA + BLOCK);
  expect(accepted).toBeGreaterThanOrEqual(QUOTA - 2 * BLOCK);
});

it('two processes share a rate within the stated bound', async () => {
  const [rate, burst] = [50, 20];
  const { servers } = await started({ THROTTLE_RATE: String(rate), THROTTLE_BURST: String(burst) });
  const begun = performance.now();
  let passed = 0;
  const one = async (server: Server) => {
    while (performance.now() - begun < 3_000) if ((await server.api.get('/event-type')).status === 200) passed++;
  };
  await Promise.all([...servers, ...servers].map(one));
  const seconds = (performance.now() - begun) / 1000;
  expect(passed).toBeLessThanOrEqual(rate * (seconds + 0.5) + burst);
  expect(passed).toBeGreaterThan(rate * 2);
});

it('a Redis that stands still makes no request wait, and each process keeps the rate by itself', async () => {
  const { servers } = await started({ THROTTLE_RATE: '20', THROTTLE_BURST: '20' }, 1);
  const [server] = servers;
  await server!.api.get('/event-type');
  redis.freeze();
  const begun = performance.now();
  let passed = 0;
  let longestMs = 0;
  for (let n = 0; n < 300; n++) {
    const asked = performance.now();
    if ((await server!.api.get('/event-type')).status === 200) passed++;
    longestMs = Math.max(longestMs, performance.now() - asked);
  }
  const seconds = (performance.now() - begun) / 1000;
  expect(passed).toBeGreaterThanOrEqual(20);
  expect(passed).toBeLessThanOrEqual(20 + 20 * (seconds + 0.5) + 20);
  // The cache gives up after 50 ms without an answer; the rest is for a slow machine.
  expect(longestMs).toBeLessThan(1_000);
});

it('usage is complete after a stop, and lacks at most what was counted since the last write after a kill', async () => {
  const { servers, appId } = await started({});
  expect(await send([servers[0]!], appId, 30)).toBe(30);
  await servers[0]!.stop();
  expect(await written()).toBe(30);
  expect(await send([servers[1]!], appId, 10)).toBe(10);
  await until(async () => (await written()) === 40, 15_000, 'the usage to be written');
  await send([servers[1]!], appId, 5);
  await servers[1]!.kill();
  const known = await written();
  expect(known).toBeGreaterThanOrEqual(40);
  expect(known).toBeLessThanOrEqual(45);
});

it('a limit of one organisation reaches the other process through Redis, and within seconds without it', async () => {
  const { servers } = await started({});
  const { signToken, claimsFor } = await import('../support/tokens.js');
  const { apiAt } = await import('../support/api.js');
  const operator = signToken(installation.env['JWT_SECRET']!, { ...claimsFor({ sub: 'operator' }), operator: true });
  const admin = apiAt(`${servers[0]!.url}/api/v1`, operator);
  const { sub: orgId } = JSON.parse(Buffer.from(servers[0]!.token.split('.')[1]!, 'base64url').toString());
  const limits = (throttleRate: number) => admin.put(`/admin/organization/${orgId}/limits`, { throttleRate });
  const policy = async () => (await servers[1]!.api.get('/event-type')).headers['ratelimit-policy'];
  await limits(1_000);
  await until(async () => (await policy()) === '"organization";q=1000;w=1', 5_000, 'the limit to arrive');
  redis.freeze();
  await limits(2_000);
  await until(async () => (await policy()) === '"organization";q=2000;w=1', 10_000, 'the limit to arrive without Redis');
});
