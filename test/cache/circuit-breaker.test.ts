import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from '../../src/cache/circuit-breaker.js';
import { createLog } from '../../src/observability/log.js';
import { until } from '../support/until.js';

const never = () => new Promise<never>(() => {});

/** A server that answers, is silent, or is not there, as the test says. */
class Cache {
  state: 'well' | 'silent' | 'gone' = 'well';
  trials = 0;
  reconnects = 0;
  said = 0;

  ask(): Promise<string> {
    if (this.state === 'gone') return Promise.reject(new Error('Connection is closed.'));
    return this.state === 'well' ? Promise.resolve('answer') : never();
  }
  trial(): Promise<string> {
    this.trials += 1;
    return this.ask();
  }
  received(): number {
    return this.said;
  }
  reconnect(): void {
    this.reconnects += 1;
  }
  recovered(): void {}
}

describe('the breaker of the cache', () => {
  let cache: Cache;
  let breaker: CircuitBreaker;
  let lines: { level: string; msg: string; awayMs?: number }[];

  beforeEach(() => {
    cache = new Cache();
    lines = [];
    breaker = new CircuitBreaker(cache, createLog('info', { write: (line) => lines.push(JSON.parse(line)) }));
  });
  afterEach(() => breaker.stop());

  const ask = () => breaker.run(() => cache.ask());
  const events = () => lines.map(({ level, msg }) => `${level} ${msg}`);

  it('lets through what is answered', async () => {
    expect(await ask()).toBe('answer');
    expect(events()).toEqual([]);
  });

  it('opens when the server is silent, and then asks it nothing for a request', async () => {
    cache.state = 'silent';
    expect(await ask()).toBeNull();

    let asked = 0;
    const answers = await Promise.all(Array.from({ length: 100 }, () => breaker.run(async () => (asked += 1))));

    expect(answers).toEqual(Array(100).fill(null));
    expect(asked).toBe(0);
    expect(events()).toEqual(['warn cache.away']);
  });

  it('closes by itself when a trial is answered, without a request that had to wait', async () => {
    cache.state = 'silent';
    await ask();
    await until(() => cache.trials >= 2, 20_000, 'two trials');
    cache.state = 'well';

    await until(async () => (await ask()) === 'answer', 20_000, 'an answer');
    expect(events()).toEqual(['warn cache.away', 'info cache.back']);
  });

  it('stays closed while a process of ours stands still with the answer waiting', async () => {
    const answer = breaker.run(() => new Promise<string>((resolve) => setTimeout(resolve, 10, 'answer')));
    const until = performance.now() + 500;
    while (performance.now() < until);

    expect(await answer).toBe('answer');
    expect(events()).toEqual([]);
  });

  it('waits for a server that says much, but not yet this', async () => {
    const talk = setInterval(() => (cache.said += 1), 5);
    const answer = await breaker.run(() => new Promise<string>((resolve) => setTimeout(resolve, 120, 'answer')));
    clearInterval(talk);

    expect(answer).toBe('answer');
  });

  it('has a connection made anew on which nothing is answered any more, not one that is missing', async () => {
    cache.state = 'silent';
    await ask();
    await until(() => cache.reconnects > 0, 25_000, 'a new connection');
    expect(cache.trials).toBe(15);

    cache.state = 'gone';
    const from = cache.trials;
    await until(() => cache.trials >= from + 5, 25_000, 'more trials');
    expect(cache.reconnects).toBe(1);
  });

  it('tries less often when it was of no use to close', async () => {
    for (let outage = 0; outage < 3; outage++) {
      cache.state = 'silent';
      await ask();
      cache.state = 'well';
      await until(async () => (await ask()) === 'answer', 20_000, 'an answer');
    }
    const away = lines.filter(({ msg }) => msg === 'cache.back').map(({ awayMs }) => awayMs!);

    // A busy machine makes an outage longer, never shorter than the pause before its only trial, but for a timer's rounding.
    expect(away.map((ms, time) => ms >= [250, 500, 1_000][time]! - 2)).toEqual([true, true, true]);
    expect(cache.trials).toBe(3);
  });

  it.each([
    [
      'a refusal',
      Object.assign(new Error("NOPERM this user has no permissions to run the 'eval' command"), { name: 'ReplyError' }),
    ],
    ['a mistake of ours', new TypeError('undefined is not a function')],
  ])('says %s as an error, with its words', async (_, error) => {
    expect(await breaker.run(() => Promise.reject(error))).toBeNull();

    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', msg: 'cache.refused', error: `${error.name}: ${error.message}` }),
    ]);
  });
});
