import { Injectable } from '@nestjs/common';
import type { ClaimedDelivery } from '../domain/delivery.js';
import { HandOff, type MustWait, type PermitHolder, type WaitingDelivery } from '../domain/hand-off.js';
import { LoopDelay } from '../observability/loop-delay.js';
import { Drain } from '../release/drain.js';
import { Dispatcher } from './dispatcher.js';
import { Permits } from './permits.js';
import { WaitingLines } from './waiting-lines.js';

/** If the event loop is later than this, deliveries go through the queue, where another process may take them. */
const MAX_LOOP_DELAY_MS = 50;

/**
 * Gives a group commit permits of this process's worker. A delivery that gets one is inserted as already claimed by this process. One to a slow
 * endpoint that has its part is inserted as postponed: a task would only lead to the same, and costs more than the webhook.
 */
@Injectable()
export class LocalHandOff extends HandOff {
  /** Set by the worker: nothing is reserved before it runs or after it stops. */
  open = false;

  constructor(
    private readonly permits: Permits,
    private readonly dispatcher: Dispatcher,
    private readonly drain: Drain,
    private readonly loopDelay: LoopDelay,
    private readonly lines: WaitingLines,
  ) {
    super();
  }

  reserve(deliveries: readonly PermitHolder[]): (PermitHolder | MustWait | null)[] {
    if (!this.open || this.drain.isDraining) return deliveries.map(() => null);
    const isLate = this.loopDelay.p99Ms > MAX_LOOP_DELAY_MS;
    return deliveries.map((holder, at) => {
      const { endpointId } = holder;
      if (this.lines.mustWait(endpointId, 'handoff')) return this.later(endpointId, at);
      const answer = this.permits.mayStart(holder, 'handoff');
      if (answer === 'too many' && this.lines.isSlow(endpointId)) return this.later(endpointId, at);
      if (answer !== 'fits' || isLate) return null;
      this.permits.take(holder, 'handoff');
      return holder;
    });
  }

  cancel(permits: readonly PermitHolder[]): void {
    for (const permit of permits) this.permits.giveBack(permit, 'handoff');
  }

  start(claimed: readonly ClaimedDelivery[]): void {
    this.dispatcher.runHandedOff(claimed);
  }

  wait(waiting: readonly WaitingDelivery[]): void {
    for (const ref of waiting) this.lines.add(ref);
    this.dispatcher.resumeSoon();
  }

  /** A process that may not take up what waits leaves it to others, by the queue. */
  private later(endpointId: string, position: number): MustWait | null {
    return this.dispatcher.mayResume() ? { delayMs: this.lines.delayFor(endpointId, position) } : null;
  }
}
