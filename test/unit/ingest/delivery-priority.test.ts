import { describe, expect, it } from '@jest/globals';
import { shareFor } from '../../../src/ingest/delivery-priority.js';

describe('the share of new messages beside late deliveries', () => {
  it('is everything while deliveries are in time', () => {
    expect(shareFor(0)).toBe(1);
    expect(shareFor(5_000)).toBe(1);
  });

  it('falls with the lag, down to a quarter', () => {
    expect(shareFor(12_500)).toBeCloseTo(0.625);
    expect(shareFor(20_000)).toBe(0.25);
    expect(shareFor(3_600_000)).toBe(0.25);
  });
});
