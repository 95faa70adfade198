import { describe, expect, it } from '@jest/globals';
import { addCounts, noAttempts, quantile, SLOT_LIMITS_MS, SLOTS, slotRange } from '../../src/domain/attempt-counts.js';

/** Counts of these latencies. */
function counted(latencies: readonly number[]) {
  const counts = noAttempts();
  for (const ms of latencies) {
    const slot = SLOT_LIMITS_MS.findIndex((limit) => ms <= limit);
    counts.slots[slot < 0 ? SLOTS - 1 : slot]!++;
  }
  return counts;
}

describe('a quantile of counted latencies', () => {
  it('is none where nothing was counted', () => {
    expect(quantile(noAttempts(), 0.5)).toBeNull();
  });

  it('lies in the slot of the latency that it stands for', () => {
    const latencies = Array.from({ length: 1_000 }, (_, n) => Math.round(3 * 1.009 ** n)).filter((ms) => ms < 30_000);
    for (const share of [0.01, 0.5, 0.9, 0.95, 0.99, 1]) {
      const exact = latencies[Math.max(0, Math.ceil(latencies.length * share) - 1)]!;
      const { from, to } = slotRange(
        SLOT_LIMITS_MS.findIndex((limit) => exact <= limit) === -1
          ? SLOTS - 1
          : SLOT_LIMITS_MS.findIndex((limit) => exact <= limit),
      );

      expect(quantile(counted(latencies), share)).toBeGreaterThanOrEqual(from);
      expect(quantile(counted(latencies), share)).toBeLessThanOrEqual(to);
    }
  });

  it('is exact where latencies are spread evenly in their slot', () => {
    const latencies = Array.from({ length: 100 }, (_, n) => 151 + n);

    expect(quantile(counted(latencies), 0.5)).toBe(200);
    expect(quantile(counted(latencies), 0.95)).toBe(245);
  });

  it('is that of few among many', () => {
    expect(quantile(counted([...Array.from({ length: 95 }, () => 3), ...Array.from({ length: 5 }, () => 15_000)]), 0.95)).toBe(5);
    expect(
      quantile(counted([...Array.from({ length: 94 }, () => 3), ...Array.from({ length: 6 }, () => 15_000)]), 0.95),
    ).toBeGreaterThan(8_000);
  });
});

it('counts are added number by number', () => {
  const sum = { delivered: 1, failed: 2, slots: Array.from({ length: SLOTS }, (_, n) => n) };
  addCounts(sum, { delivered: 10, failed: 20, slots: Array.from({ length: SLOTS }, () => 100) });

  expect(sum).toEqual({ delivered: 11, failed: 22, slots: Array.from({ length: SLOTS }, (_, n) => n + 100) });
});
