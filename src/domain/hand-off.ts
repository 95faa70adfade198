import type { ClaimedDelivery } from './delivery.js';

/** What a permit is held for. */
export interface PermitHolder {
  readonly orgId: string;
  readonly appId: string;
  readonly endpointId: string;
}

/**
 * The way from a group commit straight to the worker of the same process. `ingest` calls it and `delivery` implements it, so neither
 * imports the other; app.module connects the two.
 */
export abstract class HandOff {
  /** For each delivery its permit, or null if it must go through the queue: the worker is busy, the endpoint has its part, the process drains. */
  abstract reserve(deliveries: readonly PermitHolder[]): (PermitHolder | null)[];

  /** Gives back permits that were reserved and not used. */
  abstract cancel(permits: readonly PermitHolder[]): void;

  /** Sends deliveries whose rows are claimed already, under their permits. Never throws. */
  abstract start(claimed: readonly ClaimedDelivery[]): void;
}

/** The hand-off of a process without a worker: every delivery goes through the queue. */
export class NoHandOff extends HandOff {
  reserve(deliveries: readonly PermitHolder[]): null[] {
    return deliveries.map(() => null);
  }

  cancel(): void {}

  start(): void {}
}
