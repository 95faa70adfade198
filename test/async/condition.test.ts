import { describe, expect, it } from '@jest/globals';
import { Condition } from '../../src/async/condition.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a condition', () => {
  it('resolves at once where it is met already', async () => {
    expect(await new Condition().until(() => true)).toBeUndefined();
  });

  it('wakes those whose need is met, and leaves the others waiting', async () => {
    const condition = new Condition();
    let count = 0;
    const woken: number[] = [];
    for (const need of [1, 2]) void condition.until(() => count >= need).then(() => woken.push(need));

    count = 1;
    condition.changed();
    await turn();
    expect(woken).toEqual([1]);

    count = 2;
    condition.changed();
    await turn();
    expect(woken).toEqual([1, 2]);
  });

  it('ends the wait when it is stopped, and asks no more', async () => {
    const condition = new Condition();
    const stop = new AbortController();
    let asked = 0;
    const waiting = condition.until(() => (asked++, false), stop.signal);

    stop.abort();
    await waiting;
    condition.changed();

    expect(asked).toBe(1);
  });
});
