import type { ClaimedDelivery, DeliveryRef } from './delivery.js';

/** What a permit is held for. */
export interface PermitHolder {
  readonly orgId: string;
  readonly appId: string;
  readonly endpointId: string;
}

/** The delivery must wait: its row comes due after `delayMs`, and no task is sent. Others wait for its slow endpoint already. */
export interface MustWait {
  readonly delayMs: number;
}

/** A delivery that waits for a permit. `rate`: its endpoint's limit per second, null if it has none. */
export type WaitingDelivery = DeliveryRef & { orgId: string; rate: number | null; paced?: boolean };

/**
 * The way from a group commit straight to the worker of the same process. `ingest` calls it and `delivery` implements it, so neither
 * imports the other; app.module connects the two.
 */
export abstract class HandOff {
  /**
   * For each delivery its permit, or how long it must wait; null if it must go through the queue: the worker is busy, the endpoint has its part,
   * the process drains.
   */
  abstract reserve(deliveries: readonly PermitHolder[]): (PermitHolder | MustWait | null)[];

  /** Gives back permits that were reserved and not used. */
  abstract cancel(permits: readonly PermitHolder[]): void;

  /** Sends deliveries whose rows are claimed already, under their permits. Never throws. */
  abstract start(claimed: readonly ClaimedDelivery[]): void;

  /** Committed deliveries that must wait. */
  abstract wait(waiting: readonly WaitingDelivery[]): void;
}

/** What was reserved for a delivery, by its two possible parts. */
export function permitOrDelay(reserved: PermitHolder | MustWait | null): { permit: PermitHolder | null; delayMs: number | null } {
  if (reserved === null) return { permit: null, delayMs: null };
  return 'delayMs' in reserved ? { permit: null, delayMs: reserved.delayMs } : { permit: reserved, delayMs: null };
}

/** The hand-off of a process without a worker: every delivery goes through the queue. */
export class NoHandOff extends HandOff {
  reserve(deliveries: readonly PermitHolder[]): null[] {
    return deliveries.map(() => null);
  }

  cancel(): void {}

  start(): void {}

  wait(): void {}
}
