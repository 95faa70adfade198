import { describe, expect, it } from '@jest/globals';
import { Batcher, type BatcherOptions } from '../../src/async/batcher.js';

const turn = () => new Promise((next) => setImmediate(next));

/** A batcher whose batches end when the test says so; each item's result is the item. */
function aBatcher(options: Partial<BatcherOptions<number, number>> = {}) {
  const batches: number[][] = [];
  const ends: (() => void)[] = [];
  const run = async (items: number[]) => {
    batches.push(items);
    await new Promise<void>((end) => ends.push(end));
    return items;
  };
  const batcher = new Batcher<number, number>({ run, maxItems: 10, concurrency: 1, ...options });
  const add = (...items: number[]) => items.map((item) => batcher.add(item));
  return { batcher, batches, add, end: () => ends.shift()!() };
}

describe('Batcher', () => {
  it('runs a lone item at the end of the turn, and what comes meanwhile together', async () => {
    const { batches, add, end } = aBatcher();
    const results = add(1);
    await turn();
    expect(batches).toEqual([[1]]);
    results.push(...add(2, 3));
    await turn();
    expect(batches).toEqual([[1]]);
    end();
    await turn();
    await turn();
    expect(batches).toEqual([[1], [2, 3]]);
    end();
    expect(await Promise.all(results)).toEqual([1, 2, 3]);
  });

  it('keeps to its limits of items and of weight; an item that is too heavy runs alone', async () => {
    const { batches, add } = aBatcher({ maxItems: 3, maxWeight: 10, weightOf: (item) => item, concurrency: 9 });
    void Promise.all(add(1, 1, 1, 9, 2, 11, 1));
    await turn();
    expect(batches).toEqual([[1, 1, 1], [9], [2], [11], [1]]);
  });

  it('lets owners take turns, each in the order of its own items', async () => {
    const { batches, add, end } = aBatcher({ maxItems: 1, ownerOf: (item) => String(Math.floor(item / 10)) });
    const results = add(10, 11, 12, 13, 20, 21);
    const runNext = async () => {
      end();
      await turn();
      await turn();
    };
    await turn();
    await runNext();
    await runNext();
    results.push(...add(30, 22));
    for (let n = 0; n < 6; n++) await runNext();

    expect(await Promise.all(results)).toEqual([10, 11, 12, 13, 20, 21, 30, 22]);
    expect(batches.flat()).toEqual([10, 20, 11, 30, 21, 12, 22, 13]);
  });

  it('lets the number of waiting items decide how many batches run', async () => {
    const { batches, add, end } = aBatcher({ maxItems: 2, concurrency: (waiting) => (waiting < 2 ? 1 : 3) });
    void Promise.all(add(1, 2, 3, 4, 5));
    await turn();
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
    void Promise.all(add(6));
    await turn();
    expect(batches.at(-1)).toEqual([5, 6]);
    end();
  });

  it('runs the items of a failed batch alone, unless the error is transient', async () => {
    const transient = new Error('transient');
    const run = (items: number[]) => {
      if (items.includes(0)) return Promise.reject(transient);
      return items.includes(13) ? Promise.reject(new RangeError('13')) : Promise.resolve(items);
    };
    const batcher = new Batcher<number, number>({
      run,
      maxItems: 9,
      concurrency: 1,
      isTransient: (error) => error === transient,
    });
    const settled = await Promise.allSettled([1, 13, 2].map((item) => batcher.add(item)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const failed = await Promise.allSettled([0, 1].map((item) => batcher.add(item)));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('flushes when nothing waits or runs, and can drop what waits', async () => {
    const { batcher, add, end } = aBatcher({ maxItems: 1 });
    await batcher.flush();
    const results = add(1, 2, 3);
    let flushed = false;
    await turn();
    const flush = batcher.flush().then(() => (flushed = true));
    expect(batcher.waiting).toBe(2);
    expect(batcher.dropWaiting(-1)).toBe(2);
    await turn();
    expect(flushed).toBe(false);
    end();
    await flush;
    expect(await Promise.all(results)).toEqual([1, -1, -1]);
  });

  it('rejects what has waited for too many looks and is in no batch yet, and does not run it', async () => {
    const { batcher, batches, add, end } = aBatcher({ maxItems: 1 });
    const late = () => new Error('late');
    const [running, waiting] = add(1, 2);
    await turn();
    batcher.dropLate(2, late);
    const [younger] = add(3);
    batcher.dropLate(2, late);
    batcher.dropLate(2, late);
    await expect(waiting).rejects.toThrow('late');
    end();
    expect(await running).toBe(1);
    await turn();
    await turn();
    end();
    expect(await younger).toBe(3);
    expect(batches).toEqual([[1], [3]]);
  });
});
