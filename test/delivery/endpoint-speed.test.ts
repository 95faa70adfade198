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
    const request = speeds.requestStarted('ep');
    goesBy(300);
    expect(speeds.of('ep')).toBe('unknown');
    speeds.requestEnded(request, 300, false);
    expect(speeds.of('ep')).toBe('fast');
  });

  it('says nothing of itself by a request that did not get as far as it', () => {
    const { speeds, goesBy } = aRig();
    const first = speeds.requestStarted('ep');
    goesBy(600);
    expect(speeds.of('ep')).toBe('slow');
    speeds.requestNotSent(first);
    expect(speeds.of('ep')).toBe('unknown');
    expect(speeds.slow).toBe(0);

    speeds.requestEnded(speeds.requestStarted('ep'), 20, false);
    speeds.requestNotSent(speeds.requestStarted('ep'));
    expect(speeds.of('ep')).toBe('fast');
    expect(speeds.averageMs('ep')).toBe(20);
  });

  it('counts as slow while its first request hangs, long before the time limit', () => {
    const { speeds, goesBy } = aRig();
    speeds.requestStarted('ep');
    goesBy(600);
    expect(speeds.of('ep')).toBe('slow');
    expect(speeds.slow).toBe(1);
  });

  it('that answers its first request late, but within a second, is fast', () => {
    const { speeds, goesBy } = aRig();
    const request = speeds.requestStarted('ep');
    goesBy(800);
    speeds.requestEnded(request, 800, false);
    expect(speeds.of('ep')).toBe('fast');
    expect(speeds.slow).toBe(0);
  });

  it('that was fast counts as slow when it has said nothing since a request began that hangs', () => {
    const { speeds, goesBy } = aRig();
    speeds.requestEnded(speeds.requestStarted('ep'), 20, false);
    goesBy(100);
    speeds.requestStarted('ep');
    goesBy(400);
    expect(speeds.of('ep')).toBe('slow');
  });

  it('stays fast with one request that hangs, while it answers others', () => {
    const { speeds, goesBy } = aRig();
    speeds.requestEnded(speeds.requestStarted('ep'), 20, false);
    speeds.requestStarted('ep');
    for (let n = 0; n < 20; n++) {
      const other = speeds.requestStarted('ep');
      goesBy(50);
      speeds.requestEnded(other, 50, false);
    }
    expect(speeds.of('ep')).toBe('fast');
  });

  it('counts as slow when most of its requests hang, though it answers some', () => {
    const { speeds, goesBy } = aRig();
    speeds.requestEnded(speeds.requestStarted('ep'), 20, false);
    for (let n = 0; n < 12; n++) {
      speeds.requestStarted('ep');
      const answered = speeds.requestStarted('ep');
      goesBy(50);
      speeds.requestEnded(answered, 50, false);
    }
    expect(speeds.of('ep')).toBe('slow');
  });

  it('counts as slow when its answers take more than a second on average', () => {
    const { speeds, goesBy } = aRig();
    for (let n = 0; n < 5; n++) {
      const request = speeds.requestStarted('ep');
      goesBy(2_000);
      speeds.requestEnded(request, 2_000, false);
    }
    expect(speeds.of('ep')).toBe('slow');
  });

  it('that hung for a long time is fast again after two quick answers, though old requests still run into their limit', () => {
    const { speeds, goesBy } = aRig();
    for (let n = 0; n < 3; n++) {
      const request = speeds.requestStarted('ep');
      goesBy(TIMEOUT_MS);
      speeds.requestEnded(request, TIMEOUT_MS, true);
    }
    const old = [speeds.requestStarted('ep'), speeds.requestStarted('ep')];
    goesBy(5_000);
    for (let n = 0; n < 2; n++) speeds.requestEnded(speeds.requestStarted('ep'), 20, false);
    expect(speeds.of('ep')).toBe('fast');
    goesBy(10_000);
    for (const request of old) speeds.requestEnded(request, TIMEOUT_MS, true);
    expect(speeds.of('ep')).toBe('fast');
  });

  it('is not taken for slow because this process stood still', () => {
    const { speeds, time } = aRig();
    speeds.requestEnded(speeds.requestStarted('known'), 20, false);
    const requests = [speeds.requestStarted('known'), speeds.requestStarted('unknown')];
    time.advance(20_000);
    expect([speeds.of('known'), speeds.of('unknown')]).toEqual(['fast', 'unknown']);
    for (const request of requests) speeds.requestEnded(request, 20_000, false);
    expect([speeds.of('known'), speeds.of('unknown')]).toEqual(['fast', 'fast']);
    expect(speeds.averageMs('known')).toBeLessThan(200);
  });

  it('is not known better by a time limit that ran out while this process stood still', () => {
    const { speeds, time } = aRig();
    const request = speeds.requestStarted('ep');
    time.advance(20_000);
    speeds.requestEnded(request, 20_000, true);
    expect(speeds.of('ep')).toBe('unknown');
  });

  it('that nothing was sent to for minutes after it hung is unknown again', () => {
    const { speeds, goesBy } = aRig();
    const request = speeds.requestStarted('ep');
    goesBy(TIMEOUT_MS);
    speeds.requestEnded(request, TIMEOUT_MS, true);
    goesBy(301_000);
    expect(speeds.of('ep')).toBe('unknown');
    expect(speeds.slow).toBe(0);
  });
});
