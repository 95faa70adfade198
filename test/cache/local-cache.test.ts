import { describe, expect, it } from '@jest/globals';
import { LocalCache } from '../../src/cache/local-cache.js';
import { keepsTheContract } from './shared-cache.contract.js';

describe('LocalCache', () => {
  keepsTheContract(() => Promise.resolve(new LocalCache()));

  it('stays within its bounds of bytes, oldest first', async () => {
    const cache = new LocalCache();
    const answer = 'x'.repeat(1024 * 1024);
    for (let n = 0; n < 100; n += 1) {
      await cache.lock(`key ${n}`, 'owner', 60_000);
      await cache.saveAnswer(`key ${n}`, 'owner', answer, 60_000);
    }
    expect(await cache.lock('key 0', 'other', 60_000)).toEqual({ state: 'mine' });
    expect((await cache.lock('key 99', 'other', 60_000)).state).toBe('done');
  });

  it('stays within its bounds of entries', async () => {
    const cache = new LocalCache();
    for (let n = 0; n <= 100_000; n += 1) await cache.lock(`key ${n}`, 'owner', 60_000);
    expect(await cache.lock('key 0', 'other', 60_000)).toEqual({ state: 'mine' });
    expect(await cache.lock('key 100000', 'other', 60_000)).toEqual({ state: 'running', owner: 'owner' });
  });

  it('is never away', async () => {
    const cache = new LocalCache();
    await cache.ping();
    cache.onInvalidation();
    cache.publish();
    expect(cache.unprotected).toBe(0);
    await cache.close();
  });
});
