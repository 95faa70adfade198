import { Inject, Injectable } from '@nestjs/common';
import { Batcher } from '../async/batcher.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ApplicationCache } from '../database/engine/application-cache.js';
import {
  EngineStore,
  isQuarantined,
  MAX_UNSETTLED_CLAIMS,
  QUARANTINE_MS,
  unsettledClaims,
  WORKER_LOST,
  type ClaimedRow,
  type Settlement,
} from '../database/engine/engine-store.js';
import { deliveryKey, type ClaimedDelivery, type DeliveryRef, type UnsealedEndpoint } from '../domain/delivery.js';
import { newId } from '../domain/ids.js';
import { mismatch } from '../domain/matching.js';
import { ENDPOINT_UNREADABLE, pauseOfUnreadable } from '../domain/unreadable.js';
import { errorFields, Log } from '../observability/log.js';
import { attemptEvent } from './attempt-event.js';
import { Settler } from './settler.js';

/** The most deliveries of one claim: what one statement may lock, and load messages of. */
export const MAX_PER_CLAIM = 200;

/** What a claim has won of a caller's deliveries. */
interface Won {
  rows: ClaimedRow[];
  /** Of all rows of the claim, by id. */
  endpoints: Map<string, UnsealedEndpoint>;
  /** On the monotonic clock. */
  leaseEnds: number;
}

/**
 * Claims deliveries. One that another process has claimed is left out; that is normal, and not logged. One that is claimed but has nothing to
 * send any more is settled as failed, with its reason and without an attempt.
 *
 * While a claim is under way, what other pollers and the scanner ask for joins the next one: the database has fewer, larger statements.
 *
 * If the process dies after the claim, or the endpoints can't be read then: the lease ends, and a scanner claims the rows again.
 */
@Injectable()
export class Claimer {
  private readonly batcher = new Batcher<readonly DeliveryRef[], Won>({
    run: (callers) => this.claimTogether(callers),
    maxItems: MAX_PER_CLAIM,
    maxWeight: MAX_PER_CLAIM,
    weightOf: (refs) => refs.length,
    concurrency: 1,
  });
  private readonly unsent = new Set<Promise<void>>();

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: EngineStore,
    private readonly applications: ApplicationCache,
    private readonly settler: Settler,
    private readonly log: Log,
  ) {}

  /** Throws a database error; what was claimed nevertheless is left to its lease. */
  async claim(refs: readonly DeliveryRef[]): Promise<ClaimedDelivery[]> {
    if (refs.length === 0) return [];
    const { rows, endpoints, leaseEnds } = await this.batcher.add(refs);
    const traces = new Map(refs.flatMap((ref) => (ref.trace ? [[deliveryKey(ref), ref.trace] as const] : [])));
    const claimed = rows.flatMap((row) => this.trySendable(row, endpoints.get(row.endpointId), leaseEnds));
    return traces.size === 0 ? claimed : claimed.map((one) => ({ ...one, trace: traces.get(deliveryKey(one)) }));
  }

  /** The process stops: no outcome is kept for longer than its lease. */
  stopWaiting(): void {
    this.settler.stopWaiting();
  }

  /** Resolves when the deliveries that ended without a request are settled. */
  async unsentSettled(): Promise<void> {
    while (this.unsent.size > 0) await Promise.all(this.unsent);
  }

  /**
   * One statement claims the deliveries of all callers. A second one reads endpoints that are not in memory, or are older there than the
   * application's version that the claim has read: so nothing is sent to an old URL. If two callers ask for the same delivery, the first gets it.
   */
  private async claimTogether(callers: (readonly DeliveryRef[])[]): Promise<Won[]> {
    const callerOf = new Map<string, number>();
    const wanted = callers.flatMap((refs, caller) => refs.filter((ref) => assign(callerOf, fencedKey(ref, ref.fence), caller)));
    // The lease counts from before the statement is sent, so it ends here before it ends in the database.
    const leaseEnds = performance.now() + this.config.delivery.leaseMs;
    const rows = await this.store.claim(wanted, this.config.delivery.leaseMs);
    const endpoints = await this.applications.endpointsOf(rows);
    const byCaller = Map.groupBy(rows, (row) => callerOf.get(fencedKey(row, row.fence - 1)));
    return callers.map((_, caller) => ({ rows: byCaller.get(caller) ?? [], endpoints, leaseEnds }));
  }

  /** A row that can't be understood (written by hand, say) must not take the other claims with it. It is left to its lease. */
  private trySendable(row: ClaimedRow, endpoint: UnsealedEndpoint | undefined, leaseEnds: number): ClaimedDelivery[] {
    try {
      return this.sendable(row, endpoint, leaseEnds);
    } catch (error) {
      const { appId, msgId, endpointId } = row;
      this.log.error('delivery.row_unreadable', { appId, msgId, endpointId, ...errorFields(error) });
      return [];
    }
  }

  private sendable(row: ClaimedRow, endpoint: UnsealedEndpoint | undefined, leaseEnds: number): ClaimedDelivery[] {
    const reason = reasonToEnd(row, endpoint);
    const { appId, msgId, endpointId, run, fence, attempts, message } = row;
    if (reason === null && isQuarantined(row)) {
      this.quarantine(row, leaseEnds);
      return [];
    }
    if (reason !== null || !endpoint || !message?.payload) {
      this.failUnsent(row, reason ?? 'message expunged', leaseEnds);
      return [];
    }
    if (endpoint.unreadable !== null) {
      // While it is to wait, the throttle has usually postponed it; if not, another process may send it after the lease.
      if (pauseOfUnreadable(row, endpoint, this.config.delivery.retrySchedule, Date.now()) === null)
        this.failUnreadable(row, endpoint, leaseEnds);
      return [];
    }
    const { eventType, payload, contentType } = message;
    return [{ appId, msgId, endpointId, run, fence, attempts, leaseEnds, eventType, payload, contentType, endpoint }];
  }

  /** Its workers died again and again: it waits, and is tried alone then (quarantine.ts). */
  private quarantine({ appId, msgId, endpointId, run, fence }: ClaimedRow, leaseEnds: number): void {
    const ref = { appId, msgId, endpointId, run, fence };
    this.log.warn('delivery.quarantined', { ...ref, waitMs: QUARANTINE_MS });
    this.settleUnsent({ ...ref, next: { kind: 'retry', delayMs: QUARANTINE_MS }, attempt: null }, leaseEnds);
  }

  private failUnsent(
    row: ClaimedRow,
    reason: string,
    leaseEnds: number,
    more: Pick<Settlement, 'attempt' | 'event'> | null = null,
  ): void {
    const { appId, msgId, endpointId, run, fence } = row;
    const ref = { appId, msgId, endpointId, run, fence };
    this.log.warn('delivery.ended', { ...ref, reason });
    this.settleUnsent({ ...ref, next: { kind: 'failed', reason }, ...(more ?? { attempt: null }) }, leaseEnds);
  }

  private settleUnsent(settlement: Settlement, leaseEnds: number): void {
    const settling = this.settler.settle(settlement, leaseEnds).finally(() => this.unsent.delete(settling));
    this.unsent.add(settling);
  }

  /** The reason stands in the list of attempts, because the owner of the endpoint looks for it there. */
  private failUnreadable(row: ClaimedRow, { shownUrl, unreadable }: UnsealedEndpoint, leaseEnds: number): void {
    const attempt = { id: newId('atmpt_'), url: shownUrl, statusCode: 0, durationMs: 0, response: `not sent: ${unreadable}` };
    const failed = { kind: 'failed', reason: ENDPOINT_UNREADABLE } as const;
    const event = attemptEvent(row, attempt, failed, this.config.operationalWebhooks.url !== null);
    this.failUnsent(row, ENDPOINT_UNREADABLE, leaseEnds, { attempt, event });
  }
}

/** Why a claimed delivery is not sent, null if it is. A manual attempt ignores what the endpoint filters by. */
function reasonToEnd(row: ClaimedRow, endpoint: UnsealedEndpoint | undefined): string | null {
  const { message, run } = row;
  // The next claim after these let it wait, the one after that tried it alone.
  if (unsettledClaims(row) > MAX_UNSETTLED_CLAIMS + 2) return WORKER_LOST;
  if (!message) return 'message gone';
  if (!message.payload) return 'message expunged';
  if (row.appVersion === null || !endpoint || endpoint.deleted || endpoint.appId !== row.appId) return 'endpoint gone';
  if (run === 0) return mismatch(endpoint, message);
  return endpoint.disabled ? 'endpoint disabled' : null;
}

/** Names a delivery row at a fence. */
function fencedKey(ref: DeliveryRef, fence: number): string {
  return `${deliveryKey(ref)} ${fence}`;
}

/** The first caller of a key gets it. Answers whether this one did. */
function assign(callerOf: Map<string, number>, key: string, caller: number): boolean {
  if (callerOf.has(key)) return false;
  callerOf.set(key, caller);
  return true;
}
