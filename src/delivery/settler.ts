import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Batcher } from '../async/batcher.js';
import { EngineStore, type Settlement } from '../database/engine/engine-store.js';
import { isAway, isLockConflict, isOutage } from '../database/errors.js';
import { WriteState } from '../database/write-state.js';
import { errorFields, Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';

const MAX_SETTLEMENTS = 200;
const MAX_BYTES = 4 * 1024 * 1024;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
/** How many deliveries with a lost fence one log line names. */
const MAX_NAMED = 20;

/**
 * Writes outcomes in groups: the attempts, and the deliveries, each under its fence. If the fence was lost, the attempt is written and the delivery
 * stays as the other process made it.
 *
 * If an answer is lost: it tries again until the lease ends. Then another process claims the delivery and sends it again, with the same id. If
 * the process dies between the request and the COMMIT: the same.
 *
 * If the database is away or can't be written (`WriteState`): it tries again for as long as that lasts, also after the lease, so that each request
 * that was answered is listed. Usually no other process can claim meanwhile either; one that does takes the fence. What waits here holds its permit,
 * so it is limited.
 */
@Injectable()
export class Settler {
  private readonly batcher: Batcher<Settlement, void>;
  private readonly outage = new Outage();
  private stopping = false;
  /** How many outcomes were written, by kind, those with a lost fence too; `ended`: without a request. */
  readonly outcomes = { delivered: 0, retry: 0, failed: 0, ended: 0 };
  /** How many outcomes changed nothing, because another process had claimed the delivery meanwhile. */
  lostFences = 0;

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly store: EngineStore,
    private readonly log: Log,
    private readonly writes: WriteState,
  ) {
    this.batcher = new Batcher<Settlement, void>({
      run: (settlements) => this.run(settlements),
      maxItems: MAX_SETTLEMENTS,
      maxWeight: MAX_BYTES,
      weightOf: ({ attempt }) => 200 + (attempt ? attempt.response.length + attempt.url.length : 0),
      concurrency: config.database.mysqlUrl ? 2 : 1,
      isTransient: (error) => isAway(error) || isLockConflict(error),
    });
  }

  /** The process stops: no outcome is kept for longer than its lease. */
  stopWaiting(): void {
    this.stopping = true;
  }

  /** Resolves when the outcome is committed, or given up at the end of the lease (`leaseEnds`, on the monotonic clock). Never throws. */
  async settle(settlement: Settlement, leaseEnds: number): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        await this.batcher.add(settlement);
        return;
      } catch (error) {
        const { msgId, endpointId } = settlement;
        const isKept = (this.writes.failed(error) || isOutage(error)) && !this.stopping;
        if (!isKept && performance.now() + pause > leaseEnds) {
          this.log.error('delivery.settle_given_up', { msgId, endpointId, ...errorFields(error) });
          return;
        }
        const level = this.outage.failed(error);
        if (level) this.log[level]('delivery.settle_failed', { msgId, endpointId, nextTryMs: pause, ...errorFields(error) });
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  private async run(settlements: Settlement[]): Promise<void[]> {
    const lost = await this.store.settle(settlements);
    this.writes.succeeded();
    const awayMs = this.outage.over();
    if (awayMs !== null) this.log.info('delivery.settle_back', { awayMs });
    for (const { attempt, next } of settlements) this.outcomes[attempt === null && next.kind !== 'retry' ? 'ended' : next.kind]++;
    if (lost > 0) {
      this.lostFences += lost;
      this.log.warn('delivery.fence_lost', { lost, of: settlements.length, ...(await this.lostAmong(settlements)) });
    }
    return settlements.map(() => undefined);
  }

  /** Names the deliveries with a lost fence, by one more read. The outcomes are committed already: if the read fails, only the names are missing. */
  private async lostAmong(settlements: Settlement[]): Promise<Record<string, unknown>> {
    try {
      const refs = await this.store.withLostFence(settlements);
      const named = refs
        .slice(0, MAX_NAMED)
        .map(({ appId, msgId, endpointId, run, fence }) => ({ appId, msgId, endpointId, run, fence }));
      return { deliveries: named, ...(refs.length > named.length ? { notNamed: refs.length - named.length } : {}) };
    } catch (error) {
      return { deliveriesUnknown: errorFields(error).error };
    }
  }
}
