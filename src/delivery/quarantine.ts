import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { EngineStore, isQuarantined, type DueRow } from '../database/engine/engine-store.js';
import { errorFields, Log } from '../observability/log.js';
import { Claimer } from './claimer.js';
import { DeliveryRunner } from './delivery-runner.js';
import { Permits } from './permits.js';
import { Throttle, type KnownCandidate } from './throttle.js';

/** What waits for its turn comes due again after this time, and each further one a second later. */
const TURN_PAUSE_MS = 10_000;
/** Beyond the time limit of a delivery: for the outcomes of those that were under way. */
const SETTLE_MS = 5_000;
/** After a try alone the next one waits for so many times as long as the others were held back: they lose a tenth of their time, or a little more after a long wait. */
const REST_FACTOR = 10;
const MIN_REST_MS = 1_000;
/** Many deliveries may wait for their try after a crash loop. */
const MAX_REST_MS = 30_000;

/**
 * Tries deliveries alone whose workers died again and again, before they are given up. Such a delivery may kill its worker, or may only have
 * been under way beside one that does. So it is sent when this process has nothing else under way: if the process dies then, this
 * delivery was it. One at a time in a process; meanwhile no other delivery is started.
 *
 * If the process dies over it: its next claim gives it up as "worker lost". If the others do not end in time: it comes due again, and has not
 * lost its try.
 */
@Injectable()
export class Quarantine {
  private isBusy = false;
  private restUntil = 0;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: EngineStore,
    private readonly throttle: Throttle,
    private readonly permits: Permits,
    private readonly claimer: Claimer,
    private readonly runner: DeliveryRunner,
    private readonly log: Log,
  ) {}

  /** Takes those that are to be tried alone out of what a scan found, and answers the others. Throws a database error. */
  async sort(rows: DueRow[]): Promise<DueRow[]> {
    if (!rows.some(isQuarantined)) return rows;
    const alone = rows.filter(isQuarantined);
    const isFree = !this.isBusy && performance.now() >= this.restUntil;
    // Neither this process nor another one finds them meanwhile.
    const firstMs = isFree ? this.drainMs + this.config.delivery.timeoutMs : TURN_PAUSE_MS;
    await this.store.postpone(
      alone.map((row, at) => ({ ...row, paced: false, delayMs: at === 0 ? firstMs : TURN_PAUSE_MS + at * 1_000 })),
    );
    if (isFree) void this.tryAlone(alone[0]!);
    return rows.filter((row) => !isQuarantined(row));
  }

  private get drainMs(): number {
    return this.config.delivery.timeoutMs + SETTLE_MS;
  }

  /** Never rejects. */
  private async tryAlone(ref: DueRow): Promise<void> {
    const { appId, msgId, endpointId, run, fence } = ref;
    const startedAt = performance.now();
    this.isBusy = true;
    this.permits.holdBack(true);
    try {
      if (!(await this.permits.idleWithin(this.drainMs)) || this.permits.isStopping) return;
      const { now, later } = await this.throttle.limitRates([ref]);
      if (later.length > 0) await this.store.postpone(later);
      // Asked again: its try would be lost if the process ended before it.
      if (now[0] && !this.permits.isStopping) await this.run(now[0]);
    } catch (error) {
      this.log.warn('delivery.alone_failed', { appId, msgId, endpointId, run, fence, ...errorFields(error) });
    } finally {
      this.permits.holdBack(false);
      const now = performance.now();
      this.restUntil = now + Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, REST_FACTOR * (now - startedAt)));
      this.isBusy = false;
    }
  }

  private async run(ref: KnownCandidate): Promise<void> {
    this.permits.take(ref, 'scanner');
    try {
      const [claimed] = await this.claimer.claim([ref]);
      if (!claimed) return;
      const { appId, msgId, endpointId, run, fence } = claimed;
      this.log.warn('delivery.alone', { appId, msgId, endpointId, run, fence });
      await this.runner.run(claimed);
    } finally {
      this.permits.giveBack(ref, 'scanner');
    }
  }
}
