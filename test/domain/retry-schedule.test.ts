import { describe, expect, it } from '@jest/globals';
import { parseRetryAfter, retryDelayMs } from '../../src/domain/retry-schedule.js';

const NOW = Date.UTC(2024, 4, 15, 12, 0, 0);
const SCHEDULE = [5, 300, 1800];
const base = { step: 0, schedule: SCHEDULE, timedOut: false, retryAfter: null, nowMs: NOW, random: () => 0.5 };

describe('Retry-After', () => {
  it.each([
    ['120', 120],
    ['0', 0],
    ['120.0', 120],
    ['120.1', 121],
    ['120.6', 121],
    ['.5', 1],
    [' 7 ', 7],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['Wed, 15 May 2024 12:02:00 GMT', 120],
    ['Wed, 15 May 2024 12:02:00 +0000', 120],
    ['Wed, 15 May 2024 14:02:00 +0200', 120],
    ['15 May 2024 12:02:00 +0000', 120],
    ['15 May 2024 12:02 UT', 120],
    ['Wed, 15 May 2024 08:02:00 EDT', 120],
    ['Wednesday, 15-May-24 12:02:00 GMT', 120],
    ['Wed May 15 12:02:00 2024', 120],
    ['Sun Jun  2 12:00:00 2024', 18 * 86_400],
    ['Wed, 15 May 2024 12:00:00 GMT', 0],
  ])('%s asks for %i seconds', (value, seconds) => {
    expect(parseRetryAfter(value, NOW)).toBe(seconds);
  });

  it('is rounded up to whole seconds for a date too', () => {
    expect(parseRetryAfter('Wed, 15 May 2024 12:02:00 GMT', NOW + 1)).toBe(120);
    expect(parseRetryAfter('Wed, 15 May 2024 12:02:00 GMT', NOW + 999)).toBe(120);
    expect(parseRetryAfter('Wed, 15 May 2024 12:02:00 GMT', NOW + 1000)).toBe(119);
  });

  it.each([
    '',
    '-1',
    '+5',
    '1e3',
    '0x10',
    'Infinity',
    'NaN',
    'soon',
    '12 minutes',
    '2024-05-15T12:02:00Z',
    'Wed, 15 May 2024 11:59:59 GMT',
    'Wed, 15 Mai 2024 12:02:00 GMT',
    'Wed, 45 May 2024 12:02:00 GMT',
    'Wed, 15 May 2024 12:02:00',
  ])('%j is ignored', (value) => {
    expect(parseRetryAfter(value, NOW)).toBeNull();
  });
});

describe('the retry delay', () => {
  it.each([
    ['is the step of the schedule', { step: 1 }, 300],
    ['is at least a minute after a timeout', { timedOut: true }, 60],
    ['is the longer step after a timeout', { step: 1, timedOut: true }, 300],
    ['follows Retry-After up to the double', { step: 1, retryAfter: '450' }, 450],
    ['does not go beyond the double', { step: 1, retryAfter: '86400' }, 600],
    ['does not fall below the step', { step: 1, retryAfter: '1' }, 300],
    ['ignores a Retry-After that makes no sense', { step: 1, retryAfter: 'soon' }, 300],
    ['ignores a Retry-After in the past', { step: 1, retryAfter: 'Wed, 15 May 2024 11:00:00 GMT' }, 300],
    ['reads Retry-After against the given clock', { step: 1, retryAfter: 'Wed, 15 May 2024 12:06:40 GMT' }, 400],
    ['doubles the minute of a timeout at most', { timedOut: true, retryAfter: '1000' }, 120],
    ['can be nothing', { schedule: [0], retryAfter: '10' }, 0],
  ])('%s', (_, changes, seconds) => {
    expect(retryDelayMs({ ...base, ...changes })).toBe(seconds * 1000);
  });

  it('ends with the schedule', () => {
    expect(retryDelayMs({ ...base, step: 3 })).toBeNull();
    expect(retryDelayMs({ ...base, schedule: [] })).toBeNull();
  });

  it('is spread by a fifth to both sides, also behind a Retry-After', () => {
    expect(retryDelayMs({ ...base, step: 1, random: () => 0 })).toBe(240_000);
    expect(retryDelayMs({ ...base, step: 1, random: () => 0.999999 })).toBeCloseTo(360_000, -1);
    expect(retryDelayMs({ ...base, step: 1, retryAfter: '600', random: () => 0 })).toBe(480_000);
  });

  it('is a whole number of milliseconds', () => {
    for (let i = 0; i < 100; i++) {
      expect(Number.isInteger(retryDelayMs({ ...base, schedule: [0.0137], random: Math.random }))).toBe(true);
    }
  });
});
