import { afterEach, describe, expect, it } from '@jest/globals';
import type { Log } from '../../src/observability/log.js';
import type { LoadBalancer } from '../../src/release/load-balancer.js';
import { ReleaseGate } from '../../src/release/release-gate.js';
import { until } from '../support/until.js';

const EVERY_MS = 200;
const TIMING = { everyMs: EVERY_MS, untilFirstMs: 50, limitMs: 1_000, reportAfterMs: 60_000 };
const SILENT = { info: () => {}, warn: () => {}, error: () => {} } as unknown as Log;
/** Timers may fire a little early. */
const TOLERANCE_MS = 5;

describe('the release gate', () => {
  let gate: ReleaseGate;
  let askedAt: number[];
  let answer: () => Promise<number>;

  const start = (random: number) => {
    askedAt = [];
    const loadBalancer = {
      share: () => {
        askedAt.push(performance.now());
        return answer();
      },
      close: () => {},
    } as unknown as LoadBalancer;
    gate = new ReleaseGate(loadBalancer, TIMING, SILENT, () => random);
    gate.onApplicationBootstrap();
  };
  const asked = (times: number) => until(() => askedAt.length >= times, 10_000, `${times} questions`);
  /** Time from each question to the next. */
  const periods = () => askedAt.slice(1).map((at, index) => at - askedAt[index]! + TOLERANCE_MS);
  const throttled = () => Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'Throttling' }));

  afterEach(() => gate.onApplicationShutdown());

  it('waits for a random part of its pause after the first answer, and for the whole one from then on', async () => {
    answer = () => Promise.resolve(1);
    // More than a random number can be: timers fire late, but not early.
    start(3);
    await asked(4);

    const [first, second, third] = periods();
    expect(first).toBeGreaterThanOrEqual(EVERY_MS * 3);
    expect(second).toBeGreaterThanOrEqual(EVERY_MS);
    expect(third).toBeGreaterThanOrEqual(EVERY_MS);
  });

  it('waits longer after each throttled question, and keeps the share', async () => {
    answer = () => Promise.resolve(0.1);
    start(0);
    await until(() => gate.state === 'answered', 10_000, 'the first answer');
    const before = askedAt.length;
    answer = throttled;
    await asked(before + 4);

    const [first, second, third] = periods().slice(-3);
    expect(first).toBeGreaterThanOrEqual(EVERY_MS * 2);
    expect(second).toBeGreaterThanOrEqual(EVERY_MS * 3);
    expect(third).toBeGreaterThanOrEqual(EVERY_MS * 3);
    expect({ share: gate.share, state: gate.state }).toEqual({ share: 0.1, state: 'answered' });
  });

  it('takes nothing, and is not ready, while its first questions are throttled', async () => {
    answer = throttled;
    start(0);
    await asked(3);

    expect({ share: gate.share, state: gate.state }).toEqual({ share: 0, state: 'waiting' });
    answer = () => Promise.resolve(1);
    await until(() => gate.share === 1, 10_000, 'the share');
  });
});
