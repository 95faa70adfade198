import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/domain/ids.js';
import { pauseOfUnreadable } from '../../src/domain/unreadable.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const waiting = (ageMs: number, schedule: number[] = [], run = 0, keyAway = false) =>
  pauseOfUnreadable({ msgId: newId('msg_', NOW - ageMs), run }, { keyAway }, schedule, NOW);

describe('a delivery to an endpoint that can not be opened', () => {
  it.each([
    [0, 30_000],
    [2 * 60_000, 60_000],
    [HOUR, 15 * 60_000],
    [24 * HOUR, 15 * 60_000],
  ])('%d ms after its message waits for %d ms', (age, pause) => {
    expect(waiting(age)).toBe(pause);
  });

  it('fails after a day', () => {
    expect(waiting(24 * HOUR + 1_000)).toBeNull();
  });

  it('waits as long as its retries would take, if that is longer', () => {
    expect(waiting(47 * HOUR, [24 * 3_600, 24 * 3_600])).not.toBeNull();
    expect(waiting(49 * HOUR, [24 * 3_600, 24 * 3_600])).toBeNull();
  });

  it('fails at once if a person asked for it', () => {
    expect(waiting(0, [], 7)).toBeNull();
  });

  it.each([0, 7])('waits for its data key while AWS KMS is away, however long that lasts (run %d)', (run) => {
    expect(waiting(49 * HOUR, [], run, true)).toBe(15_000);
  });
});
