import { describe, expect, it } from '@jest/globals';
import { OutOfTime, retry, until, within } from '../../hooks/deadline.mjs';

const never = () => new Promise<never>(() => undefined);
const signalAfter = (ms: number) => AbortSignal.timeout(ms);

describe('within', () => {
  it('answers what the work answers, and leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    expect(await within(60_000, async () => 'done')).toBe('done');
    expect(timers()).toBe(before);
  });

  it('aborts the work at the limit, and ends although the work does not heed it', async () => {
    let heard: AbortSignal | undefined;
    const startedAt = performance.now();
    const work = within(50, (signal) => {
      heard = signal;
      return never();
    });
    await expect(work).rejects.toThrow(OutOfTime);
    expect(heard!.aborted).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(45);
  });

  it('rejects with the error of the work', async () => {
    await expect(within(1_000, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it.each([0, -5_000])('has no time with a limit of %i ms', async (limit) => {
    await expect(within(limit, never)).rejects.toThrow(OutOfTime);
  });
});

describe('until', () => {
  it('asks again, with a pause, as long as the answer is null', async () => {
    let asked = 0;
    const startedAt = performance.now();
    expect(await until(signalAfter(5_000), 20, async () => (++asked < 3 ? null : false))).toBe(false);
    expect(asked).toBe(3);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(35);
  });

  it('ends when the signal aborts, also in a pause', async () => {
    await expect(until(signalAfter(30), 60_000, async () => null)).rejects.toThrow(/abort/i);
  });

  it('throws what is thrown when it asks', async () => {
    await expect(until(signalAfter(1_000), 1, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });
});

describe('retry', () => {
  const failing = (times: number) => {
    let tried = 0;
    return async () => {
      if (++tried <= times) throw new Error(`try ${tried}`);
      return tried;
    };
  };

  it('tries so often, with a pause, and answers the first success', async () => {
    const startedAt = performance.now();
    expect(await retry(3, 20, failing(2))).toBe(3);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(35);
  });

  it('throws the last error, after no more than so many tries', async () => {
    await expect(retry(3, 1, failing(3))).rejects.toThrow('try 3');
  });
});
