import { describe, expect, it } from '@jest/globals';
import { firstPauseMs, isThrottled, periodMs, type Questions } from '../../src/release/question-pace.js';
import { defaultTiming } from '../../src/release/release-timing.js';

const TIMING = defaultTiming();
const period = (questions: Partial<Questions>, random = 0.5) =>
  periodMs(TIMING, { answers: 'several', throttled: 0, ...questions }, () => random);
/** The most calls that fall into any second, for tasks that ask at these times (ms). */
const mostInOneSecond = (times: number[]) =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));

describe('the pace of the questions to the load balancer', () => {
  it('is ten seconds with an answer, two before', () => {
    expect([0, 0.99].map((random) => period({}, random))).toEqual([10_000, 10_000]);
    expect([0, 0.99].map((random) => period({ answers: 'none' }, random))).toEqual([2_000, 2_000]);
  });

  it('spreads tasks that start in the same moment', () => {
    const tasks = Array.from({ length: 40 }, () => {
      const first = firstPauseMs(TIMING, Math.random);
      return { first, second: first + period({ answers: 'first' }, Math.random()) };
    });
    const firsts = tasks.map(({ first }) => first);

    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...firsts)).toBeLessThan(2_000);
    // Four a second on average. 40 at once is what the load balancer's API takes.
    expect(mostInOneSecond(tasks.map(({ second }) => second))).toBeLessThan(20);
    expect(Math.max(...tasks.map(({ second }) => second))).toBeLessThan(12_000);
  });

  it.each<[answers: Questions['answers'], random: number, periods: number[]]>([
    ['several', 0, [20_000, 30_000, 30_000]],
    ['several', 1, [10_000, 15_000, 15_000]],
    ['none', 0, [4_000, 8_000, 10_000]],
    ['none', 1, [2_000, 4_000, 5_000]],
  ])('gets slower with each throttled question (answers: %s, random: %d)', (answers, random, periods) => {
    expect([1, 2, 3].map((throttled) => period({ answers, throttled }, random))).toEqual(periods);
  });

  it.each(['Throttling', 'ThrottlingException', 'RequestThrottled', 'TooManyRequestsException', 'RequestLimitExceeded'])(
    'knows %s',
    (name) => {
      expect(isThrottled(Object.assign(new Error('Rate exceeded'), { name }))).toBe(true);
    },
  );

  it('knows the status 429, and takes no other error for it', () => {
    expect(isThrottled(Object.assign(new Error(), { $metadata: { httpStatusCode: 429 } }))).toBe(true);
    expect(isThrottled(Object.assign(new Error(), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }))).toBe(false);
    expect(isThrottled(null)).toBe(false);
  });
});
