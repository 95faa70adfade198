import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { SharedCache } from '../../src/cache/shared-cache.js';
import { patient } from '../support/until.js';
import { eventually } from './eventually.js';

const LONG = 60_000;

/** What every shared cache does, whatever it is made of. */
export function keepsTheContract(open: () => Promise<SharedCache>): void {
  let cache: SharedCache;
  const aKey = () => randomUUID();

  beforeAll(async () => {
    cache = await open();
    await eventually(() => cache.ping());
  });
  afterAll(() => cache.close());

  it('gives a key to the first owner only', async () => {
    const key = aKey();
    expect(await cache.lock(key, 'first', LONG)).toEqual({ state: 'mine' });
    expect(await cache.lock(key, 'second', LONG)).toEqual({ state: 'running', owner: 'first' });
    expect(await cache.lock(key, 'first', LONG)).toEqual({ state: 'mine' });
  });

  it('gives one key to one of many who ask at once', async () => {
    const key = aKey();
    const locks = await Promise.all(Array.from({ length: 50 }, (_, n) => cache.lock(key, `owner ${n}`, LONG)));
    expect(locks.filter(({ state }) => state === 'mine')).toHaveLength(1);
    expect(locks.filter(({ state }) => state === 'running')).toHaveLength(49);
  });

  it('replays the answer, whatever characters it has', async () => {
    const [key, answer] = [aKey(), '{"id":"msg_1","text":"LA ✉️ \\u0000"}\n'];
    await cache.lock(key, 'owner', LONG);
    await cache.saveAnswer(key, 'owner', answer, LONG);
    expect(await cache.lock(key, 'owner', LONG)).toEqual({ state: 'done', answer });
    expect(await cache.lock(key, 'other', LONG)).toEqual({ state: 'done', answer });
  });

  it('lets only the owner save an answer', async () => {
    const key = aKey();
    await cache.saveAnswer(key, 'nobody', 'answer', LONG);
    await cache.lock(key, 'owner', LONG);
    await cache.saveAnswer(key, 'other', 'answer', LONG);
    expect(await cache.lock(key, 'other', LONG)).toEqual({ state: 'running', owner: 'owner' });
  });

  it('lets only the owner unlock, and nobody remove an answer', async () => {
    const key = aKey();
    await cache.lock(key, 'owner', LONG);
    await cache.unlock(key, 'other');
    expect(await cache.lock(key, 'other', LONG)).toEqual({ state: 'running', owner: 'owner' });
    await cache.unlock(key, 'owner');
    expect(await cache.lock(key, 'other', LONG)).toEqual({ state: 'mine' });
    await cache.saveAnswer(key, 'other', 'answer', LONG);
    await cache.unlock(key, 'other');
    expect(await cache.lock(key, 'owner', LONG)).toEqual({ state: 'done', answer: 'answer' });
  });

  it('lets a lock and an answer run out, and their late owner change nothing', async () => {
    const key = aKey();
    await cache.lock(key, 'late', 20);
    await eventually(async () => expect(await cache.lock(key, 'next', LONG)).toEqual({ state: 'mine' }));
    await cache.unlock(key, 'late');
    await cache.saveAnswer(key, 'late', 'late answer', LONG);
    expect(await cache.lock(key, 'late', LONG)).toEqual({ state: 'running', owner: 'next' });
    await cache.saveAnswer(key, 'next', 'answer', 20);
    await eventually(async () => expect(await cache.lock(key, 'late', LONG)).toEqual({ state: 'mine' }));
  });

  it('spreads events evenly at a low rate', async () => {
    const key = aKey();
    const started = performance.now();
    expect(await cache.slots(key, 2, 4)).toEqual([0, 500, 1000, 1500]);
    const [next] = await cache.slots(key, 2, 1);
    const passed = performance.now() - started;
    expect(next).toBeGreaterThanOrEqual(Math.max(0, Math.floor(2000 - passed)));
    expect(next).toBeLessThanOrEqual(2000);
    expect(await cache.slots(key, 2, 0)).toEqual([]);
    expect(await cache.slots(aKey(), 2, 1)).toEqual([0]);
  });

  it('lets a tenth of a second go together at a high rate', async () => {
    const waits = await cache.slots(aKey(), 1000, 300);
    expect(waits.slice(0, 100)).toEqual(Array(100).fill(0));
    expect(waits.slice(100, 103)).toEqual([1, 2, 3]);
    expect(waits.at(-1)).toBe(200);
  });

  it('keeps the rate over many small reservations', async () => {
    const key = aKey();
    const started = performance.now();
    const arrivals: number[] = [];
    for (let n = 0; n < 200; n += 1) {
      const [wait] = await cache.slots(key, 100, 1);
      arrivals.push(performance.now() - started + wait!);
    }
    // 200 events at 100 a second, of which 10 may go at once.
    expect(arrivals.at(-1)).toBeGreaterThan(1850);
    const passed = performance.now() - started;
    expect(arrivals.at(-1)).toBeLessThan(Math.max(2000, passed + 1));
  });

  it('forgets the past of a rate that was not used up', async () => {
    const key = aKey();
    await cache.slots(key, 100, 1);
    await eventually(async () => expect(await cache.slots(key, 100, 1)).toEqual([0]));
  });

  it('gives the tokens of a bucket until it is empty, and says how long to wait', async () => {
    const key = aKey();
    const rate = { perSecond: 0.5, burst: 10 };
    expect(await cache.takeTokens(key, rate, 4, 0)).toEqual({ granted: 4, left: 6, waitMs: 0 });
    const all = await cache.takeTokens(key, rate, 100, 0);
    expect(all).toMatchObject({ granted: 6, left: 0 });
    expect(all!.waitMs).toBeGreaterThan(1_000);
    expect(all!.waitMs).toBeLessThanOrEqual(2_000);
    expect(await cache.takeTokens(key, rate, 1, 0)).toMatchObject({ granted: 0, left: 0 });
  });

  it('takes tokens back, and never has more than the burst', async () => {
    const key = aKey();
    const rate = { perSecond: 0.01, burst: 10 };
    await cache.takeTokens(key, rate, 10, 0);
    expect(await cache.takeTokens(key, rate, 2, 5)).toMatchObject({ granted: 2, left: 3 });
    expect(await cache.takeTokens(key, rate, 0, 50)).toMatchObject({ granted: 0, left: 10 });
  });

  it('fills a bucket at its rate', async () => {
    const key = aKey();
    const rate = { perSecond: 100, burst: 5 };
    const started = performance.now();
    let granted = 0;
    // A full bucket fills no further, so a pause of this process loses some. How long it takes to get them is not judged.
    const deadline = started + patient(5_000);
    while (granted < 30 && performance.now() < deadline) granted += (await cache.takeTokens(key, rate, 1, 0))!.granted;
    const passed = performance.now() - started;
    expect(granted).toBe(30);
    expect(granted).toBeLessThanOrEqual(5 + passed / 10 + 1);
  });

  it('gives the units of counters until the tightest is at its limit', async () => {
    const [day, month] = [aKey(), aKey()];
    const counters = [
      { key: day, limit: 10, keepMs: LONG },
      { key: month, limit: 15, keepMs: LONG },
    ];
    expect(await cache.takeUnits(counters, 4, 0, null)).toBe('unknown');
    expect(await cache.takeUnits(counters, 4, 0, [0, 3])).toEqual({ granted: 4, left: 6, tightest: 0 });
    expect(await cache.takeUnits(counters, 4, 0, [9, 9])).toEqual({ granted: 4, left: 2, tightest: 0 });
    expect(await cache.takeUnits(counters, 9, 1, null)).toEqual({ granted: 3, left: 0, tightest: 0 });
    expect(await cache.takeUnits([counters[1]!], 9, 0, null)).toEqual({ granted: 2, left: 0, tightest: 0 });
    expect(await cache.takeUnits(counters, 9, 1, null)).toEqual({ granted: 1, left: 0, tightest: 0 });
    expect(await cache.takeUnits(counters, 0, -5, null)).toEqual({ granted: 0, left: 0, tightest: 0 });
  });
}
