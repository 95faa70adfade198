import { describe, expect, it } from '@jest/globals';
import {
  LEARNING_MS,
  FIRST_RATE,
  fits,
  hasPartLeft,
  limitOf,
  MAX_BYTES,
  MAX_IN_FLIGHT,
  MIN_IN_FLIGHT,
  rateAfter,
  rateAtRest,
  weightOf,
} from '../../../src/ingest/admission-rule.js';

const noBytes = { bytes: 0, ownBytes: 0 };
const alone = (all: number) => ({ all, own: all, owners: 1, ...noBytes });

const LONG = 10 * LEARNING_MS;

describe('how many messages may be in flight', () => {
  it('is what is answered within 400 ms', () => {
    expect(limitOf(1_200)).toBe(480);
  });

  it('has a least and a most', () => {
    expect(limitOf(0)).toBe(MIN_IN_FLIGHT);
    expect(limitOf(1_000_000)).toBe(MAX_IN_FLIGHT);
  });

  it('follows a higher rate within a second, and a lower one within some seconds', () => {
    let rate = 500;
    for (let tick = 0; tick < 10; tick++) rate = rateAfter(rate, 200, 100, LONG);
    expect(rate).toBeGreaterThan(1_900);
    for (let tick = 0; tick < 10; tick++) rate = rateAfter(rate, 1, 100, LONG);
    expect(rate).toBeGreaterThan(1_000);
    for (let tick = 0; tick < 50; tick++) rate = rateAfter(rate, 1, 100, LONG);
    expect(limitOf(rate)).toBe(MIN_IN_FLIGHT);
  });

  it('follows a lower rate as soon as a higher one right after a rest, when it is a guess', () => {
    let rate = FIRST_RATE;
    for (let busyMs = 0; busyMs < 500; busyMs += 100) rate = rateAfter(rate, 27, 100, busyMs);
    expect(limitOf(rate)).toBeLessThan(250);
  });

  it('follows as soon if it is measured seldom, because the process gets little CPU time', () => {
    let often = 2_000;
    for (let tick = 0; tick < 20; tick++) often = rateAfter(often, 10, 100, LONG);
    expect(rateAfter(2_000, 200, 2_000, LONG)).toBeCloseTo(often);
  });

  it('stays while nothing at all is answered: that is an outage', () => {
    expect(rateAfter(1_500, 0, 100, LONG)).toBe(1_500);
  });

  it('comes back within seconds when the process has little to do', () => {
    let rate = 10;
    for (let tick = 0; tick < 50; tick++) rate = rateAtRest(rate);
    expect(rate).toBeGreaterThan(0.9 * FIRST_RATE);
    expect(rateAtRest(4_000)).toBe(4_000);
  });
});

describe('work that may begin', () => {
  it('of one organisation alone fills the limit', () => {
    expect(fits(alone(599), 1, 600)).toBe(true);
    expect(fits(alone(600), 1, 600)).toBe(false);
  });

  it('of one organisation is at most half while another has work', () => {
    expect(fits({ all: 305, own: 299, owners: 2, ...noBytes }, 1, 600)).toBe(true);
    expect(fits({ all: 306, own: 300, owners: 2, ...noBytes }, 1, 600)).toBe(false);
  });

  it('of an organisation with less than an equal part begins although others have filled the limit', () => {
    expect(fits({ all: 600, own: 0, owners: 2, ...noBytes }, 1, 600)).toBe(true);
    expect(fits({ all: 900, own: 150, owners: 4, ...noBytes }, 1, 600)).toBe(false);
  });

  it('has no more payload bytes than there is memory for', () => {
    expect(fits({ ...alone(3), bytes: MAX_BYTES + 1, ownBytes: MAX_BYTES + 1 }, 1, 600)).toBe(false);
  });

  it('of an organisation with few bytes begins although another has taken all of them', () => {
    const other = { all: 40, own: 2, owners: 2, bytes: MAX_BYTES + 1, ownBytes: 1_000 };
    expect(fits(other, 1, 600)).toBe(true);
  });

  it('always begins while there is little of it, whoever sends it', () => {
    expect(fits({ all: MIN_IN_FLIGHT - 1, own: MIN_IN_FLIGHT - 2, owners: 2, ...noBytes }, 1, MIN_IN_FLIGHT)).toBe(true);
  });

  it('weighs as many messages as it has, but a large batch fits as long as a quarter is free', () => {
    expect(weightOf(10, 600)).toBe(10);
    expect(fits(alone(450), weightOf(1_000, 600), 600)).toBe(true);
    expect(fits(alone(451), weightOf(1_000, 600), 600)).toBe(false);
  });
});

describe('a batch without a message that can be stored', () => {
  it('weighs something too, so that its organisation is counted as long as it is there', () => {
    expect(weightOf(0, 600)).toBe(1);
  });
});

describe('what is left beside late deliveries', () => {
  it('is not used up by one organisation', () => {
    expect(hasPartLeft({ own: 5, owners: 2 }, 40)).toBe(true);
    expect(hasPartLeft({ own: 20, owners: 2 }, 40)).toBe(false);
  });

  it('is one message for each organisation at least', () => {
    expect(hasPartLeft({ own: 0, owners: 100 }, 10)).toBe(true);
    expect(hasPartLeft({ own: 1, owners: 100 }, 10)).toBe(false);
  });
});
