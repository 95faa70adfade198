import { expect, it } from '@jest/globals';
import { LocalBuckets } from '../../src/cache/local-buckets.js';
import type { SharedCache } from '../../src/cache/shared-cache.js';
import type { BucketRate } from '../../src/cache/token-bucket.js';
import { loadConfig } from '../../src/config/config.js';
import type { OrganizationLimits } from '../../src/limits/organization-limits.js';
import { RequestThrottle } from '../../src/limits/request-throttle.js';
import { RunningTasks } from '../../src/release/running-tasks.js';

const CALLER = { orgId: 'org_1', keyId: 'key_1' };

/** Without `buckets` Redis is away. */
function aThrottle(settings: Record<string, string>, buckets: LocalBuckets | null, tasks = 1): RequestThrottle {
  const { limits } = loadConfig(settings, () => ({ jwtSecret: 'x', encryptionKey: Buffer.alloc(32).toString('base64') }));
  const cache = {
    takeTokens: (key: string, rate: BucketRate, want: number, back: number) =>
      Promise.resolve(buckets?.take(key, rate, want, back) ?? null),
  };
  const running = new RunningTasks();
  running.learn(tasks);
  const own = { of: () => limits, hasRates: true };
  return new RequestThrottle(own as unknown as OrganizationLimits, cache as unknown as SharedCache, running);
}

async function passed(throttle: RequestThrottle, requests: number): Promise<number> {
  let count = 0;
  for (let n = 0; n < requests; n++) if ((await throttle.check(CALLER))?.refusedBy === null) count++;
  return count;
}

it('lets a share of the burst through while Redis is away: that of one of the running tasks', async () => {
  expect(await passed(aThrottle({ THROTTLE_RATE: '1', THROTTLE_BURST: '100' }, null, 4), 200)).toBe(25);
});

it('lets at least one request through in each process while Redis is away', async () => {
  expect(await passed(aThrottle({ THROTTLE_RATE: '1', THROTTLE_BURST: '1' }, null, 4), 5)).toBe(1);
});

it('answers by the tightest limit, and does not take a token from the other one', async () => {
  const buckets = new LocalBuckets();
  const settings = { THROTTLE_RATE: '1', THROTTLE_BURST: '10', THROTTLE_KEY_RATE: '1', THROTTLE_KEY_BURST: '2' };
  const throttle = aThrottle(settings, buckets);
  expect(await passed(throttle, 20)).toBe(2);
  expect((await throttle.check(CALLER))?.refusedBy?.name).toBe('key');
  expect((await throttle.check({ ...CALLER, keyId: 'key_2' }))?.states[0]).toMatchObject({ name: 'organization', left: 7 });
});

it('has nothing to say without a rate', async () => {
  expect(await aThrottle({}, new LocalBuckets()).check(CALLER)).toBeNull();
});
