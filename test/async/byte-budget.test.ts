import { describe, expect, it } from '@jest/globals';
import { ByteBudget, type Share } from '../../src/async/byte-budget.js';

const LIMITS = { bytes: 100, bytesPerOwner: 60, waitMs: 60_000, maxWaiting: 3, maxWaitingPerOwner: 3 };

/** The names of the requests that have got their share, in that order. */
function asking(budget: ByteBudget) {
  const got: string[] = [];
  const ask = (name: string, owner: string, bytes: number) =>
    budget.take(owner, bytes).then((share) => {
      got.push(share === null ? `no ${name}` : name);
      return share;
    });
  const settled = () => new Promise((resolve) => setImmediate(resolve)).then(() => got);
  return { ask, settled };
}

describe('bytes that requests share', () => {
  it('are given while there are any, and later to the first who waits', async () => {
    const budget = new ByteBudget(LIMITS);
    const { ask, settled } = asking(budget);
    const first = (await ask('first', 'a', 60)) as Share;
    void ask('second', 'b', 50);
    void ask('third', 'c', 30);

    expect(await settled()).toEqual(['first']);
    first.release();
    expect(await settled()).toEqual(['first', 'second', 'third']);
    expect(budget.used).toBe(80);
  });

  it('are not all taken by one owner, who does not hold up the others', async () => {
    const { ask, settled } = asking(new ByteBudget(LIMITS));
    void ask('first', 'a', 50);
    void ask('second', 'a', 20);
    void ask('third', 'b', 40);

    expect(await settled()).toEqual(['first', 'third']);
  });

  it('are given once to a request that wants more than there are', async () => {
    const budget = new ByteBudget(LIMITS);
    const share = await budget.take('a', 1_000);

    expect(budget.used).toBe(60);
    share!.resize(500);
    expect(budget.used).toBe(500);
    share!.release();
    share!.release();
    share!.resize(50);
    expect(budget.used).toBe(0);
  });

  it('leave a place to wait for the others', async () => {
    const { ask, settled } = asking(new ByteBudget({ ...LIMITS, maxWaitingPerOwner: 2 }));
    for (const name of ['first', 'second', 'third', 'fourth']) void ask(name, 'a', 60);
    void ask('fifth', 'b', 40);

    expect(await settled()).toEqual(['first', 'no fourth', 'fifth']);
  });

  it('are refused after the wait, and to those who find too many waiting', async () => {
    const budget = new ByteBudget({ ...LIMITS, waitMs: 20 });
    const { ask, settled } = asking(budget);
    await ask('first', 'a', 60);
    const waiting = ['second', 'third', 'fourth'].map((name) => ask(name, 'b', 60));
    void ask('fifth', 'b', 60);

    expect(await settled()).toEqual(['first', 'no fifth']);
    expect(await Promise.all(waiting)).toEqual([null, null, null]);
  });

  it('go to a small request when the large one before it gives up', async () => {
    const { ask, settled } = asking(new ByteBudget({ ...LIMITS, waitMs: 20 }));
    await ask('first', 'a', 60);
    const large = ask('large', 'b', 50);
    void ask('small', 'c', 30);

    expect(await settled()).toEqual(['first']);
    await large;
    expect(await settled()).toEqual(['first', 'no large', 'small']);
  });
});
