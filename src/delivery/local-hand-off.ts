import { Injectable } from '@nestjs/common';
import type { ClaimedDelivery } from '../domain/delivery.js';
import { LoopDelay } from '../observability/loop-delay.js';
import { Drain } from '../release/drain.js';
import { Dispatcher } from './dispatcher.js';
import { Permits } from './permits.js';
import type { Holder } from './permit-counts.js';

/** A busier event loop than this has no business taking work without a detour. */
const MAX_LOOP_DELAY_MS = 50;

/** The near end of ingest's hand-off: permits for what the next group commit will claim by its INSERT. */
@Injectable()
export class LocalHandOff {
  /** Set by the worker: nothing is taken before it runs and after it stops. */
  open = false;

  constructor(
    private readonly permits: Permits,
    private readonly intake: Dispatcher,
    private readonly drain: Drain,
    private readonly loopDelay: LoopDelay,
  ) {}

  reserve(deliveries: readonly Holder[]): (Holder | null)[] {
    if (!this.open || this.drain.isDraining || this.loopDelay.p99Ms > MAX_LOOP_DELAY_MS) return deliveries.map(() => null);
    return deliveries.map((holder) => {
      if (this.permits.asks(holder, 'handoff') !== 'fits') return null;
      this.permits.take(holder, 'handoff');
      return holder;
    });
  }

  cancel(permits: readonly Holder[]): void {
    for (const permit of permits) this.permits.give(permit, 'handoff');
  }

  start(claimed: readonly ClaimedDelivery[]): void {
    this.intake.start(claimed);
  }
}
