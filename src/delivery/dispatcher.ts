import { Injectable } from '@nestjs/common';
import { EngineStore, type Postponed } from '../database/engine/engine-store.js';
import type { ClaimedDelivery } from '../domain/delivery.js';
import { Throttle, type OwnedCandidate, type Candidate } from './throttle.js';
import { Claimer } from './claimer.js';
import { DeliveryRunner } from './delivery-runner.js';
import { Permits, type Source } from './permits.js';

/** Most deliveries of one claim. */
const MAX_CLAIMS = 200;

/**
 * The one way in for what the queue brings and the scanner finds: admission, permit, claim, then the courier.
 *
 * Dying after the claim leaves the rows to their lease; before it, to their task's visibility or the next scan.
 */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly store: EngineStore,
    private readonly admission: Throttle,
    private readonly permits: Permits,
    private readonly claims: Claimer,
    private readonly courier: DeliveryRunner,
  ) {}

  /** Hears of deliveries that were put off just now, and when they come due. */
  onPutOff: (later: readonly Postponed[]) => void = () => {};

  /**
   * Resolves with true when each of them is claimed, put off, or known to be somebody else's; with false if some were left alone,
   * because they are not `wanted` any longer, or would have to wait for a permit while the process stops. Throws a database error.
   */
  async take(refs: readonly Candidate[], source: Source, wanted = () => true): Promise<boolean> {
    const { now, later } = await this.admission.paced(this.admission.inTurns(refs));
    await this.putOff(later);
    for (let left = now; left.length > 0;) {
      if (!wanted()) return false;
      const { changes } = this.permits;
      const waiting = await this.admit(left.slice(0, MAX_CLAIMS), source);
      left = [...waiting, ...left.slice(MAX_CLAIMS)];
      if (waiting.length === 0) continue;
      if (this.permits.ended) return false;
      await this.permits.changedSince(changes);
    }
    return true;
  }

  /** Sends what is claimed and holds a permit already; the permits are given back one by one. */
  start(claimed: readonly ClaimedDelivery[]): void {
    for (const one of claimed) this.begin(one, 'handoff');
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    await this.permits.idle();
    await this.claims.ended();
  }

  /** Answers with those that wait for a permit. */
  private async admit(chunk: readonly OwnedCandidate[], source: Source): Promise<OwnedCandidate[]> {
    const { now, later, waiting } = this.admission.permitted(chunk, source);
    const held = new Set(now);
    try {
      await this.putOff(later);
      const claimed = await this.claims.claim(now);
      const byKey = new Map(now.map((ref) => [keyOf(ref), ref]));
      for (const one of claimed) {
        held.delete(byKey.get(keyOf(one))!);
        this.begin(one, source);
      }
      return waiting;
    } finally {
      // Lost races and endings without a request, or everything if the claim failed.
      for (const holder of held) this.permits.give(holder, source);
    }
  }

  private async putOff(later: readonly Postponed[]): Promise<void> {
    if (later.length === 0) return;
    await this.store.postpone(later);
    this.onPutOff(later);
  }

  /** A claim begins at once: nothing is ever claimed and waiting, that a stopping process would have to give back. */
  private begin(claimed: ClaimedDelivery, source: Source): void {
    void this.courier.deliver(claimed).finally(() => this.permits.give(claimed, source));
  }
}

function keyOf({ msgId, endpointId, run }: OwnedCandidate | ClaimedDelivery): string {
  return `${msgId} ${endpointId} ${run}`;
}
