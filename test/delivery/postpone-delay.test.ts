import { describe, expect, it } from '@jest/globals';
import type { AppConfig } from '../../src/config/config.js';
import { MAX_LINE_MS, PostponeDelay } from '../../src/delivery/postpone-delay.js';
import { FairnessRig, names } from './fairness-rig.js';

describe('when deliveries come back that were put off', () => {
  const aRig = () => {
    const rig = new FairnessRig(1_024);
    return { rig, postpone: new PostponeDelay({ delivery: { concurrency: 1_024 } } as AppConfig, rig.speeds) };
  };
  const hang = (rig: FairnessRig, ids: string[]) => {
    const requests = ids.map((id) => rig.speeds.requestStarted(id));
    rig.goesBy(15_000);
    for (const request of requests) rig.speeds.requestEnded(request, 15_000, true);
  };

  it.each([1, 10, 100])('those of %s slow endpoints come at no more than 500 a second together', (count) => {
    const { rig, postpone } = aRig();
    const ids = names(count);
    hang(rig, ids);
    const delays = Array.from({ length: 10_000 }, (_, n) => postpone.delayFor(ids[n % count]!, 1));
    const inTheSecond = (from: number) => delays.filter((ms) => ms >= from && ms < from + 1_000).length;
    for (const from of [1_000, 5_000, 10_000]) expect(inTheSecond(from)).toBeLessThanOrEqual(520);
    expect(Math.max(...delays)).toBeLessThanOrEqual(MAX_LINE_MS);
  });

  it('those of a slow endpoint come as fast as its permits can take them, and behind a minute of that at any time within it', () => {
    const { rig, postpone } = aRig();
    hang(rig, ['ep']);
    const delays = Array.from({ length: 10_000 }, () => postpone.delayFor('ep', 1));
    const apartMs = rig.speeds.averageMs('ep') / 256;
    expect(delays[999]! / 1_000).toBeCloseTo(apartMs, 0);
    const behind = delays.slice(Math.ceil(MAX_LINE_MS / apartMs));
    for (const [from, to] of [
      [0, 20_000],
      [20_000, 40_000],
      [40_000, 60_001],
    ] as const)
      expect(behind.filter((ms) => ms >= from && ms < to).length / behind.length).toBeGreaterThan(0.2);
  });

  it('those of slow endpoints wake nobody before the next usual scan', () => {
    const { rig, postpone } = aRig();
    hang(rig, ['ep']);
    expect(postpone.delayFor('ep', 1)).toBeGreaterThanOrEqual(500);
  });

  it('those of an endpoint that answers again do not stand behind its old ones', () => {
    const { rig, postpone } = aRig();
    hang(rig, ['ep']);
    for (let n = 0; n < 10_000; n++) postpone.delayFor('ep', 1);
    rig.hasAnswered('ep', 'ep');
    expect(postpone.delayFor('ep', 1)).toBeLessThan(100);
  });

  it('those behind the first request to a new endpoint come soon', () => {
    const { postpone } = aRig();
    expect(postpone.delayFor('new', 1)).toBe(100);
    expect(postpone.delayFor('new', 100)).toBe(100);
  });
});
