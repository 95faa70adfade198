import { describe, expect, it } from '@jest/globals';
import { FairnessRig } from './fairness-rig.js';

const TIMEOUT_MS = 15_000;

describe('an endpoint', () => {
  const aRig = () => {
    const rig = new FairnessRig(100);
    return { pace: rig.pace, time: rig.time, goesBy: (ms: number) => rig.goesBy(ms) };
  };

  it('is unknown until it has answered or hung', () => {
    const { pace, goesBy } = aRig();
    const request = pace.began('ep');
    goesBy(300);
    expect(pace.standing('ep')).toBe('unknown');
    pace.ended(request, 300, false);
    expect(pace.standing('ep')).toBe('fast');
  });

  it('counts as slow while its first request hangs, long before the time limit', () => {
    const { pace, goesBy } = aRig();
    pace.began('ep');
    goesBy(600);
    expect(pace.standing('ep')).toBe('slow');
    expect(pace.slow).toBe(1);
  });

  it('that answers its first request late, but within a second, is fast', () => {
    const { pace, goesBy } = aRig();
    const request = pace.began('ep');
    goesBy(800);
    pace.ended(request, 800, false);
    expect(pace.standing('ep')).toBe('fast');
    expect(pace.slow).toBe(0);
  });

  it('that was fast counts as slow when it has said nothing since a request began that hangs', () => {
    const { pace, goesBy } = aRig();
    pace.ended(pace.began('ep'), 20, false);
    goesBy(100);
    pace.began('ep');
    goesBy(400);
    expect(pace.standing('ep')).toBe('slow');
  });

  it('stays fast with one request that hangs, while it answers others', () => {
    const { pace, goesBy } = aRig();
    pace.ended(pace.began('ep'), 20, false);
    pace.began('ep');
    for (let n = 0; n < 20; n++) {
      const other = pace.began('ep');
      goesBy(50);
      pace.ended(other, 50, false);
    }
    expect(pace.standing('ep')).toBe('fast');
  });

  it('counts as slow when most of its requests hang, though it answers some', () => {
    const { pace, goesBy } = aRig();
    pace.ended(pace.began('ep'), 20, false);
    for (let n = 0; n < 12; n++) {
      pace.began('ep');
      const answered = pace.began('ep');
      goesBy(50);
      pace.ended(answered, 50, false);
    }
    expect(pace.standing('ep')).toBe('slow');
  });

  it('counts as slow when its answers take more than a second on average', () => {
    const { pace, goesBy } = aRig();
    for (let n = 0; n < 5; n++) {
      const request = pace.began('ep');
      goesBy(2_000);
      pace.ended(request, 2_000, false);
    }
    expect(pace.standing('ep')).toBe('slow');
  });

  it('that hung for a long time is fast again after two quick answers, though old requests still run into their limit', () => {
    const { pace, goesBy } = aRig();
    for (let n = 0; n < 3; n++) {
      const request = pace.began('ep');
      goesBy(TIMEOUT_MS);
      pace.ended(request, TIMEOUT_MS, true);
    }
    const old = [pace.began('ep'), pace.began('ep')];
    goesBy(5_000);
    for (let n = 0; n < 2; n++) pace.ended(pace.began('ep'), 20, false);
    expect(pace.standing('ep')).toBe('fast');
    goesBy(10_000);
    for (const request of old) pace.ended(request, TIMEOUT_MS, true);
    expect(pace.standing('ep')).toBe('fast');
  });

  it('is not taken for slow because this process stood still', () => {
    const { pace, time } = aRig();
    pace.ended(pace.began('known'), 20, false);
    const requests = [pace.began('known'), pace.began('unknown')];
    time.advance(20_000);
    expect([pace.standing('known'), pace.standing('unknown')]).toEqual(['fast', 'unknown']);
    for (const request of requests) pace.ended(request, 20_000, false);
    expect([pace.standing('known'), pace.standing('unknown')]).toEqual(['fast', 'fast']);
    expect(pace.averageMs('known')).toBeLessThan(200);
  });

  it('is not known better by a time limit that ran out while this process stood still', () => {
    const { pace, time } = aRig();
    const request = pace.began('ep');
    time.advance(20_000);
    pace.ended(request, 20_000, true);
    expect(pace.standing('ep')).toBe('unknown');
  });

  it('that nothing was sent to for minutes after it hung is unknown again', () => {
    const { pace, goesBy } = aRig();
    const request = pace.began('ep');
    goesBy(TIMEOUT_MS);
    pace.ended(request, TIMEOUT_MS, true);
    goesBy(301_000);
    expect(pace.standing('ep')).toBe('unknown');
    expect(pace.slow).toBe(0);
  });
});
