import { describe, expect, it } from '@jest/globals';
import { FairnessRig } from './fairness-rig.js';

const TIMEOUT_MS = 15_000;

describe('an endpoint', () => {
  const aRig = () => {
    const rig = new FairnessRig(100);
    return { speeds: rig.speeds, time: rig.time, goesBy: (ms: number) => rig.goesBy(ms) };
  };

  it('is unknown until it has answered or hung', () => {
    const { speeds, goesBy } = aRig();
    const request = speeds.began('ep');
    goesBy(300);
    expect(speeds.of('ep')).toBe('unknown');
    speeds.ended(request, 300, false);
    expect(speeds.of('ep')).toBe('fast');
  });

  it('counts as slow while its first request hangs, long before the time limit', () => {
    const { speeds, goesBy } = aRig();
    speeds.began('ep');
    goesBy(600);
    expect(speeds.of('ep')).toBe('slow');
    expect(speeds.slow).toBe(1);
  });

  it('that answers its first request late, but within a second, is fast', () => {
    const { speeds, goesBy } = aRig();
    const request = speeds.began('ep');
    goesBy(800);
    speeds.ended(request, 800, false);
    expect(speeds.of('ep')).toBe('fast');
    expect(speeds.slow).toBe(0);
  });

  it('that was fast counts as slow when it has said nothing since a request began that hangs', () => {
    const { speeds, goesBy } = aRig();
    speeds.ended(speeds.began('ep'), 20, false);
    goesBy(100);
    speeds.began('ep');
    goesBy(400);
    expect(speeds.of('ep')).toBe('slow');
  });

  it('stays fast with one request that hangs, while it answers others', () => {
    const { speeds, goesBy } = aRig();
    speeds.ended(speeds.began('ep'), 20, false);
    speeds.began('ep');
    for (let n = 0; n < 20; n++) {
      const other = speeds.began('ep');
      goesBy(50);
      speeds.ended(other, 50, false);
    }
    expect(speeds.of('ep')).toBe('fast');
  });

  it('counts as slow when most of its requests hang, though it answers some', () => {
    const { speeds, goesBy } = aRig();
    speeds.ended(speeds.began('ep'), 20, false);
    for (let n = 0; n < 12; n++) {
      speeds.began('ep');
      const answered = speeds.began('ep');
      goesBy(50);
      speeds.ended(answered, 50, false);
    }
    expect(speeds.of('ep')).toBe('slow');
  });

  it('counts as slow when its answers take more than a second on average', () => {
    const { speeds, goesBy } = aRig();
    for (let n = 0; n < 5; n++) {
      const request = speeds.began('ep');
      goesBy(2_000);
      speeds.ended(request, 2_000, false);
    }
    expect(speeds.of('ep')).toBe('slow');
  });

  it('that hung for a long time is fast again after two quick answers, though old requests still run into their limit', () => {
    const { speeds, goesBy } = aRig();
    for (let n = 0; n < 3; n++) {
      const request = speeds.began('ep');
      goesBy(TIMEOUT_MS);
      speeds.ended(request, TIMEOUT_MS, true);
    }
    const old = [speeds.began('ep'), speeds.began('ep')];
    goesBy(5_000);
    for (let n = 0; n < 2; n++) speeds.ended(speeds.began('ep'), 20, false);
    expect(speeds.of('ep')).toBe('fast');
    goesBy(10_000);
    for (const request of old) speeds.ended(request, TIMEOUT_MS, true);
    expect(speeds.of('ep')).toBe('fast');
  });

  it('is not taken for slow because this process stood still', () => {
    const { speeds, time } = aRig();
    speeds.ended(speeds.began('known'), 20, false);
    const requests = [speeds.began('known'), speeds.began('unknown')];
    time.advance(20_000);
    expect([speeds.of('known'), speeds.of('unknown')]).toEqual(['fast', 'unknown']);
    for (const request of requests) speeds.ended(request, 20_000, false);
    expect([speeds.of('known'), speeds.of('unknown')]).toEqual(['fast', 'fast']);
    expect(speeds.averageMs('known')).toBeLessThan(200);
  });

  it('is not known better by a time limit that ran out while this process stood still', () => {
    const { speeds, time } = aRig();
    const request = speeds.began('ep');
    time.advance(20_000);
    speeds.ended(request, 20_000, true);
    expect(speeds.of('ep')).toBe('unknown');
  });

  it('that nothing was sent to for minutes after it hung is unknown again', () => {
    const { speeds, goesBy } = aRig();
    const request = speeds.began('ep');
    goesBy(TIMEOUT_MS);
    speeds.ended(request, TIMEOUT_MS, true);
    goesBy(301_000);
    expect(speeds.of('ep')).toBe('unknown');
    expect(speeds.slow).toBe(0);
  });
});
