import { describe, expect, it } from '@jest/globals';
import { entityTime, firstIdAt, isId, lastIdAt, newId, timeOf } from '../../src/domain/ids.js';

const T = 1_700_000_000_123;
const EARLIEST = 1_400_000_000_000;
const LATEST = EARLIEST + 0xffff_ffff * 1000 + 999;

/** The slow and obvious way, to hold the fast one against. */
function bigIntOf(id: string): bigint {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const digits = id.slice(id.indexOf('_') + 1).split('');
  return digits.reduce((sum, digit) => sum * 62n + BigInt(alphabet.indexOf(digit)), 0n);
}

describe('ids', () => {
  it('bound the slot of a moment by the known vectors', () => {
    expect(firstIdAt('msg_', T)).toBe('msg_2YBXZIko2xmy0s5Rm9N5U7PhHgu');
    expect(lastIdAt('msg_', T)).toBe('msg_2YBXZImh2UIGzRJtoVgteTuU1dP');
  });

  it('are a prefix and the bits of time and chance in base62', () => {
    for (let i = 0; i < 2000; i++) {
      const ms = EARLIEST + Math.floor(Math.random() * (LATEST - EARLIEST));
      const bits = bigIntOf(newId('ep_', ms));
      expect(Number(bits >> 128n)).toBe(Math.floor((ms - EARLIEST) / 1000));
      expect(Number((bits >> 120n) & 0xffn)).toBe(Math.floor((ms % 1000) / 4));
    }
  });

  it.each([0, 1, 3, 4, 123, 999])('give back their time to 4 ms (%i ms into the second)', (ms) => {
    const id = newId('atmpt_', 1_700_000_000_000 + ms);
    expect(timeOf(id)).toBe(1_700_000_000_000 + Math.floor(ms / 4) * 4);
    expect(entityTime(id)).toEqual(new Date(timeOf(id)));
  });

  it('take the present time by default', () => {
    const before = Date.now();
    const time = timeOf(newId('app_'));
    expect(time).toBeGreaterThan(before - 4);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it('sort by time, whatever the random part', () => {
    const ids = Array.from({ length: 500 }, (_, i) => newId('msg_', T + i * 4));
    expect(ids.toSorted()).toEqual(ids);
  });

  it('do not repeat, also beyond one filling of the random pool', () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => newId('msg_', T)));
    expect(ids.size).toBe(20_000);
    for (const id of ids) {
      expect(id >= firstIdAt('msg_', T) && id <= lastIdAt('msg_', T)).toBe(true);
    }
  });

  it('go up within one 4 ms slot too, and stay inside it', () => {
    const ids = Array.from({ length: 5_000 }, () => newId('msg_', T));
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.at(-1)! <= lastIdAt('msg_', T)).toBe(true);
  });

  it('use every random bit, but for the highest, which is room for what goes up', () => {
    let [zeros, ones] = [0n, (1n << 120n) - 1n];
    for (let i = 0; i < 200; i++) {
      const bits = bigIntOf(newId('msg_', T + 4 * i)) & ((1n << 120n) - 1n);
      zeros |= bits;
      ones &= bits;
    }
    expect(zeros).toBe((1n << 119n) - 1n);
    expect(ones).toBe(0n);
  });

  it.each([
    ['before the first representable time', 0, EARLIEST],
    ['at negative infinity', -Infinity, EARLIEST],
    ['after the last representable time', LATEST + 1e9, LATEST],
    ['at infinity', Infinity, LATEST],
  ])('are clamped %s', (_, ms, clamped) => {
    expect(firstIdAt('msg_', ms)).toBe(firstIdAt('msg_', clamped));
    expect(lastIdAt('msg_', ms)).toBe(lastIdAt('msg_', clamped));
    expect(isId('msg_', newId('msg_', ms))).toBe(true);
  });

  it('refuse a time that is no number', () => {
    expect(() => newId('msg_', NaN)).toThrow(RangeError);
    expect(() => firstIdAt('msg_', new Date('nonsense').getTime())).toThrow(RangeError);
  });
});

describe('reading an id', () => {
  it.each([
    ['the largest 160 bits', 'aWgEPTl1tmebfsQzFP4bxwgy80V', true],
    ['all zero', '0'.repeat(27), true],
    ['one more than 160 bits', 'aWgEPTl1tmebfsQzFP4bxwgy80W', false],
    ['the largest digits', 'z'.repeat(27), false],
    ['a character short', '2YBXZIko2xmy0s5Rm9N5U7PhHg', false],
    ['a character long', '2YBXZIko2xmy0s5Rm9N5U7PhHguu', false],
    ['nothing', '', false],
    ['a dash', '2YBXZIko2xmy0s5Rm9N5U7PhH-u', false],
    ['a letter beyond ASCII', '2YBXZIko2xmy0s5Rm9N5U7PhHéu', false],
    ['a second underscore', '_YBXZIko2xmy0s5Rm9N5U7PhHgu', false],
  ])('%s', (_, text, valid) => {
    expect(isId('msg_', `msg_${text}`)).toBe(valid);
    if (valid) expect(typeof timeOf(`msg_${text}`)).toBe('number');
    else expect(() => timeOf(`msg_${text}`)).toThrow(RangeError);
  });

  it('tells the kinds apart', () => {
    expect(isId('app_', newId('msg_'))).toBe(false);
    expect(isId('msg_', newId('msg_').slice(4))).toBe(false);
  });
});

it('messages of one moment are in order although other ids are made between them', () => {
  const standing = Date.now() + 60_000;
  const ids = Array.from({ length: 1_000 }, () => (newId('audit_'), newId('msg_', standing)));

  expect(ids).toEqual(ids.toSorted());
});
