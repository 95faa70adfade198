import { afterEach, describe, expect, it } from '@jest/globals';
import { noteServerTime, serverNow } from '../../portal/src/clock.js';

const HOUR_MS = 3_600_000;
const dateAt = (ms: number) => new Date(ms).toUTCString();
const aheadMs = () => serverNow() - Date.now();

describe("the server's time", () => {
  afterEach(() => noteServerTime(dateAt(Date.now()), Date.now()));

  it.each([26 * HOUR_MS, -2 * HOUR_MS])('is learned from an answer, whatever the clock of the device says (%s ms)', (ahead) => {
    noteServerTime(dateAt(Date.now() + ahead), Date.now());

    expect(Math.abs(aheadMs() - ahead)).toBeLessThan(2_000);
  });

  it('is that of the device, if that is right to the second', () => {
    noteServerTime(dateAt(Date.now()), Date.now());

    expect(aheadMs()).toBe(0);
  });

  it('is not learned from an answer that was long on its way', () => {
    noteServerTime(dateAt(Date.now() - 19_000), Date.now() - 20_000);

    expect(aheadMs()).toBe(0);
  });

  it.each([null, '', 'yesterday'])('is not learned from the header %s', (date) => {
    noteServerTime(date, Date.now());

    expect(aheadMs()).toBe(0);
  });
});
