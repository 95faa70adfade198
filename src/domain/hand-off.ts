import type { ClaimedDelivery } from './delivery.js';

/** A place in the worker, held for one delivery until that delivery is settled or given back. */
export interface Permit {
  readonly orgId: string;
  readonly appId: string;
  readonly endpointId: string;
}

/**
 * The way from a group commit straight to the worker of the same process. Given to ingest by app.module, so that the two
 * halves of the engine don't know each other.
 */
export abstract class HandOff {
  /** For each delivery a permit, or null where it has to go through the queue: busy, capped, throttled, draining. */
  abstract reserve(deliveries: readonly Permit[]): (Permit | null)[];

  /** Gives back what was reserved and not used. */
  abstract cancel(permits: readonly Permit[]): void;

  /** Sends deliveries whose rows are claimed already, under their permits. Never throws. */
  abstract start(claimed: readonly ClaimedDelivery[]): void;
}

/** Where no worker runs in this process: everything goes through the queue. */
export class NoHandOff extends HandOff {
  reserve(deliveries: readonly Permit[]): null[] {
    return deliveries.map(() => null);
  }

  cancel(): void {}

  start(): void {}
}
