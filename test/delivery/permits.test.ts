import { describe, expect, it } from '@jest/globals';
import type { RequestUnderWay } from '../../src/delivery/endpoint-speed.js';
import { FairnessRig, names } from './fairness-rig.js';

const TIMEOUT_MS = 15_000;

describe('the permits of slow endpoints', () => {
  it.each([1, 12, 40, 100, 500])('are a quarter for %s of them together', (count) => {
    const rig = new FairnessRig(1_024);
    const ids = names(count);
    for (let round = 0; round < 60; round++) {
      for (const id of ids) rig.startsMany(20, id);
      rig.goesBy(100);
    }
    expect(rig.permits.inUseOf('unknown') + rig.permits.inUseOf('slow')).toBe(rig.permits.inUse);
    expect(rig.permits.inUse).toBeLessThanOrEqual(Math.max(256, count));
    expect(rig.starts('healthy and new')).not.toBeNull();
  });

  it('leave a place for a new endpoint of another organisation, however many hang in one', () => {
    const rig = new FairnessRig(1_024);
    rig.starts('ep of another', { org: 'other' });
    for (let n = 0; n < 5_000; n++) {
      rig.starts(`ep_${n}`);
      if (n % 100 === 0) rig.goesBy(100);
    }
    expect(rig.permits.inUse).toBeLessThanOrEqual(512);
    expect(rig.starts('new', { org: 'other' })).not.toBeNull();
  });

  it('are shared: one that hangs takes no more than it leaves', () => {
    const rig = new FairnessRig(1_024);
    rig.starts('a');
    rig.goesBy(600);
    expect(rig.startsMany(1_000, 'a')).toBe(127);
    rig.starts('b');
    rig.goesBy(600);
    expect(rig.startsMany(1_000, 'b')).toBeGreaterThan(30);
  });

  it('are counted apart as soon as a request hangs', () => {
    const rig = new FairnessRig(100);
    for (const id of names(25)) rig.starts(id);
    expect(rig.starts('one more')).toBeNull();
    rig.goesBy(600);
    expect([rig.permits.inUseOf('unknown'), rig.permits.inUseOf('slow')]).toEqual([0, 25]);
    expect(rig.starts('one more')).not.toBeNull();
  });

  it('come back as those of a fast endpoint when it answers again', () => {
    const rig = new FairnessRig(100);
    rig.hasAnswered('ep');
    const requests = Array.from({ length: 10 }, () => rig.starts('ep') as RequestUnderWay);
    rig.goesBy(600);
    expect(rig.permits.inUseOf('slow')).toBe(10);
    for (const request of requests) rig.ends(request, 600);
    expect([rig.permits.inUse, rig.permits.inUseOf('slow'), rig.permits.inUseOf('fast')]).toEqual([0, 0, 0]);
    expect(rig.startsMany(30, 'ep')).toBe(30);
  });
});

describe('an unknown endpoint', () => {
  it('gets one permit at once, and no second before it has answered', () => {
    const rig = new FairnessRig(100);
    const first = rig.starts('new');
    expect(first).not.toBeNull();
    expect(rig.starts('new')).toBeNull();
    rig.ends(first!, 20);
    expect(rig.startsMany(10, 'new')).toBe(10);
  });

  it.each([1, 2, 4, 10, 16])('gets it with %s permits in all', (concurrency) => {
    const rig = new FairnessRig(concurrency);
    expect(rig.starts('new')).not.toBeNull();
  });

  it.each([4, 10, 16])('gets it while one endpoint hangs, with %s permits in all', (concurrency) => {
    const rig = new FairnessRig(concurrency);
    for (let n = 0; n < 20; n++) {
      rig.startsMany(10, 'hangs');
      rig.goesBy(100);
    }
    expect(rig.starts('new')).not.toBeNull();
  });
});

describe('endpoints that answered until now', () => {
  it.each([12, 40, 100])('and hang all at once, %s of them, leave permits to others before they are found out', (count) => {
    const rig = new FairnessRig(1_024);
    const ids = names(count);
    rig.hasAnswered(...ids, 'healthy');
    for (let round = 0; round < 300; round++) for (const id of ids) rig.starts(id);
    const first = rig.starts('healthy');
    expect(first).not.toBeNull();
    expect(rig.starts('new')).not.toBeNull();
    rig.ends(first!, 20);
    rig.goesBy(400);
    for (const id of ids) expect(rig.starts(id)).toBeNull();
    expect(rig.starts('healthy')).not.toBeNull();
    expect(rig.starts('also new')).not.toBeNull();
  });

  it('may have half of the permits where only one is busy', () => {
    const rig = new FairnessRig(1_024);
    rig.hasAnswered('busy');
    expect(rig.startsMany(2_000, 'busy')).toBe(512);
  });

  it('of one application may have nearly all that the hand-off has', () => {
    const rig = new FairnessRig(1_024);
    const ids = names(50);
    rig.hasAnswered(...ids);
    for (let round = 0; round < 100; round++) for (const id of ids) rig.starts(id, { app: 'app' });
    expect(rig.permits.inUse).toBeGreaterThan(650);
    expect(rig.permits.inUse).toBeLessThanOrEqual(768);
  });
});

describe('an organisation', () => {
  const aFlood = (rig: FairnessRig, of: { app?: string; org: string }) => {
    const ids = names(40, of.org);
    rig.hasAnswered(...ids);
    for (let round = 0; round < 100; round++) for (const id of ids) rig.starts(id, of);
  };

  it('holds half of the permits while others have work', () => {
    const rig = new FairnessRig(1_000);
    rig.starts('new', { org: 'other' });
    aFlood(rig, { org: 'flooding' });
    expect(rig.permits.inUse).toBe(1 + 500);
  });

  it('holds what it can use while nobody else has work', () => {
    const rig = new FairnessRig(1_000);
    aFlood(rig, { org: 'alone' });
    expect(rig.permits.inUse).toBeGreaterThan(600);
  });

  it('has applications of which none holds more than half while others have work', () => {
    const rig = new FairnessRig(1_000);
    rig.starts('new', { app: 'other' });
    aFlood(rig, { app: 'flooding', org: 'org' });
    expect(rig.permits.inUse).toBe(1 + 500);
  });
});

describe('what the release gate lets a process fetch', () => {
  it('is divided likewise, so that hanging endpoints do not take all of it', () => {
    const rig = new FairnessRig(1_000, 0.1);
    for (let n = 0; n < 30; n++) {
      for (const id of names(20)) rig.startsMany(5, id, { source: 'queue' });
      rig.goesBy(100);
    }
    expect(rig.permits.inUse).toBeLessThanOrEqual(25);
    rig.hasAnswered('healthy');
    expect(rig.startsMany(5, 'healthy', { source: 'queue' })).toBe(5);
  });

  it('is all given back', () => {
    const rig = new FairnessRig(100);
    const requests = names(5).map((id) => rig.starts(id, { source: 'queue' })!);
    rig.goesBy(600);
    for (const request of requests) rig.ends(request, TIMEOUT_MS, { source: 'queue' });
    expect([rig.permits.inUse, rig.permits.inUseOf('slow'), rig.permits.inUseOf('unknown')]).toEqual([0, 0, 0]);
  });
});

describe('whoever waits for permits', () => {
  it('hears when an endpoint begins to count as something else', async () => {
    const rig = new FairnessRig(100);
    rig.starts('ep');
    const heard = rig.permits.changedSince(rig.permits.changes);
    rig.goesBy(600);
    await expect(heard).resolves.toBeUndefined();
  });
});
