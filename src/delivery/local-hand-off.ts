import { Injectable } from '@nestjs/common';
import type { ClaimedDelivery } from '../domain/delivery.js';
import { HandOff, type PermitHolder } from '../domain/hand-off.js';
import { LoopDelay } from '../observability/loop-delay.js';
import { Drain } from '../release/drain.js';
import { Dispatcher } from './dispatcher.js';
import { Permits } from './permits.js';

/** If the event loop is later than this, deliveries go through the queue, where another process may take them. */
const MAX_LOOP_DELAY_MS = 50;

/** Gives a group commit permits of this process's worker. A delivery that gets one is inserted as already claimed by this process. */
@Injectable()
export class LocalHandOff extends HandOff {
  /** Set by the worker: nothing is reserved before it runs or after it stops. */
  open = false;

  constructor(
    private readonly permits: Permits,
    private readonly dispatcher: Dispatcher,
    private readonly drain: Drain,
    private readonly loopDelay: LoopDelay,
  ) {
    super();
  }

  reserve(deliveries: readonly PermitHolder[]): (PermitHolder | null)[] {
    const isClosed = !this.open || this.drain.isDraining || this.loopDelay.p99Ms > MAX_LOOP_DELAY_MS;
    if (isClosed) return deliveries.map(() => null);
    return deliveries.map((holder) => {
      if (this.permits.mayStart(holder, 'handoff') !== 'fits') return null;
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
}
