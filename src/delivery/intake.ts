import { Injectable } from '@nestjs/common';
import { EngineStore } from '../database/engine-store.js';
import type { Claimed } from '../domain/claimed.js';
import { Admission, type Asking } from './admission.js';
import { Claims } from './claims.js';
import { Courier } from './courier.js';
import { Permits, type Holder, type Source } from './permits.js';

/** Most deliveries of one claim. */
const MOST_CLAIMS = 200;

/**
 * The one way in for what the queue brings and the scanner finds: admission, permit, claim, then the courier.
 *
 * Dying after the claim leaves the rows to their lease; before it, to their task's visibility or the next scan.
 */
@Injectable()
export class Intake {
  /** What is claimed and not settled yet; a stopping process waits for it. */
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly store: EngineStore,
    private readonly admission: Admission,
    private readonly permits: Permits,
    private readonly claims: Claims,
    private readonly courier: Courier,
  ) {}

  /** Resolves when each of them is claimed, put off, or known to be somebody else's. Throws a database error otherwise. */
  async take(refs: readonly Asking[], source: Source): Promise<void> {
    const { now, later } = await this.admission.paced(this.admission.inTurns(refs));
    await this.store.park(later);
    for (let at = 0; at < now.length;) {
      await this.permits.waitFor(source, 1);
      const chunk = now.slice(at, at + Math.min(MOST_CLAIMS, this.permits.free(source)));
      at += chunk.length;
      await this.admit(chunk);
    }
  }

  /** Sends what is claimed and holds a permit already; the permits are given back one by one. */
  start(claimed: readonly Claimed[]): void {
    for (const one of claimed) this.begin(one);
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  get size(): number {
    return this.underWay.size;
  }

  private async admit(chunk: readonly Asking[]): Promise<void> {
    const { now, later } = this.admission.permitted(chunk);
    const held = new Set<Holder>(now);
    try {
      await this.store.park(later);
      const claimed = await this.claims.claim(now);
      const byKey = new Map(now.map((ref) => [keyOf(ref), ref]));
      for (const one of claimed) {
        held.delete(byKey.get(keyOf(one))!);
        this.begin(one);
      }
    } finally {
      // Lost races and endings without a request, or everything if the claim failed.
      for (const holder of held) this.permits.give(holder);
    }
  }

  private begin(claimed: Claimed): void {
    const delivery = this.courier.deliver(claimed).finally(() => {
      this.permits.give(claimed);
      this.underWay.delete(delivery);
    });
    this.underWay.add(delivery);
  }
}

function keyOf({ msgId, endpointId, run }: Asking | Claimed): string {
  return `${msgId} ${endpointId} ${run}`;
}
