/** Deliveries may be so late before new messages make room for them: a process that was just started has this much to catch up. */
const LATE_MS = 5_000;
/** As late as this, new messages get the least. */
const VERY_LATE_MS = 20_000;
const LEAST_SHARE = 0.25;

/**
 * Deliveries go before new messages: the share of the usual rate at which new messages are accepted, by how late the oldest due delivery is. It
 * falls from all to a quarter, so the deliveries catch up and nobody is shut out.
 */
export function shareFor(deliveryLagMs: number): number {
  if (deliveryLagMs <= LATE_MS) return 1;
  return Math.max(LEAST_SHARE, 1 - ((1 - LEAST_SHARE) * (deliveryLagMs - LATE_MS)) / (VERY_LATE_MS - LATE_MS));
}
