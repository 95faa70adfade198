/**
 * Latencies are counted in slots. This is the longest latency of each slot, in ms; the last slot has everything that is longer. Stored counts depend
 * on these numbers: other ones would need other columns.
 */
export const SLOT_LIMITS_MS = [5, 10, 20, 40, 70, 100, 150, 250, 400, 700, 1_000, 2_000, 4_000, 8_000, 16_000] as const;
export const SLOTS = SLOT_LIMITS_MS.length + 1;
/** No attempt lasts longer than this. */
const LONGEST_MS = 32_000;

/**
 * An attempt without an answer counts as a latency only if it lasted so long, in ms. A time-out says how slow an endpoint is. A refused connection does
 * not: with it, an endpoint that is down would look fast.
 */
export const LEAST_UNANSWERED_MS = 1_000;

/** How many attempts were delivered and failed, and their latencies by slot. */
export interface AttemptCounts {
  delivered: number;
  failed: number;
  slots: number[];
}

/** No attempts. */
export function noAttempts(): AttemptCounts {
  return { delivered: 0, failed: 0, slots: Array.from({ length: SLOTS }, () => 0) };
}

/** Adds counts to others. */
export function addCounts(sum: AttemptCounts, more: AttemptCounts): void {
  sum.delivered += more.delivered;
  sum.failed += more.failed;
  for (let slot = 0; slot < SLOTS; slot++) sum.slots[slot]! += more.slots[slot]!;
}

/** The limits of a slot in ms. */
export function slotRange(slot: number): { from: number; to: number } {
  return { from: SLOT_LIMITS_MS[slot - 1] ?? 0, to: SLOT_LIMITS_MS[slot] ?? LONGEST_MS };
}

/**
 * The latency in ms that a share of the attempts does not exceed, such as 0.95; null if no latency was counted. Within a slot, latencies count as
 * spread evenly.
 */
export function quantile({ slots }: AttemptCounts, share: number): number | null {
  const total = slots.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  const rank = total * share;
  const slot = slots.findIndex((count) => (below += count) >= rank && count > 0);
  const { from, to } = slotRange(slot);
  const inside = (rank - (below - slots[slot]!)) / slots[slot]!;
  return Math.round(from + (to - from) * inside);
}
