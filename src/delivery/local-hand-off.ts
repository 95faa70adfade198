import { Injectable } from '@nestjs/common';
import type { Claimed } from '../domain/claimed.js';
import { LoopDelay } from '../observability/loop-delay.js';
import { Drain } from '../release/drain.js';
import { Intake } from './intake.js';
import { Permits } from './permits.js';
import type { Holder } from './seats.js';

/** A busier event loop than this has no business taking work without a detour. */
const LATEST_LOOP_MS = 50;

/** The near end of ingest's hand-off: permits for what the next group commit will claim by its INSERT. */
@Injectable()
export class LocalHandOff {
  /** Set by the worker: nothing is taken before it runs and after it stops. */
  open = false;

  constructor(
    private readonly permits: Permits,
    private readonly intake: Intake,
    private readonly drain: Drain,
    private readonly loopDelay: LoopDelay,
  ) {}

  reserve(deliveries: readonly Holder[]): (Holder | null)[] {
    if (!this.open || this.drain.isDraining || this.loopDelay.p99Ms > LATEST_LOOP_MS) return deliveries.map(() => null);
    return deliveries.map((holder) => {
      if (this.permits.asks(holder, 'handoff') !== 'fits') return null;
      this.permits.take(holder, 'handoff');
      return holder;
    });
  }

  cancel(permits: readonly Holder[]): void {
    for (const permit of permits) this.permits.give(permit, 'handoff');
  }

  start(claimed: readonly Claimed[]): void {
    this.intake.start(claimed);
  }
}
