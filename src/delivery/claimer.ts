import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { EngineStore, MAX_LOST_CLAIMS, WORKER_LOST, type ClaimedRow, type Settlement } from '../database/engine/engine-store.js';
import { EndpointUnsealer } from '../database/engine/endpoint-unsealer.js';
import type { ClaimedDelivery, DeliveryRef } from '../domain/delivery.js';
import { mismatch } from '../domain/matching.js';
import { errorFields, Log } from '../observability/log.js';
import { Settler } from './settler.js';

/**
 * Turns references into claims. A reference that somebody else claimed first drops out without a word: that is what the fence is
 * for. What was won but has nothing to send any more is settled with its reason and without an attempt.
 */
@Injectable()
export class Claimer {
  private readonly endings = new Set<Promise<void>>();

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: EngineStore,
    private readonly endpoints: EndpointUnsealer,
    private readonly settler: Settler,
    private readonly log: Log,
  ) {}

  /** One statement for all of them. Throws a database error when nothing could be claimed. */
  async claim(refs: readonly DeliveryRef[]): Promise<ClaimedDelivery[]> {
    // The lease is measured from before the statement leaves.
    const leaseEnds = performance.now() + this.config.delivery.leaseMs;
    const rows = await this.store.claim(refs, this.config.delivery.leaseMs);
    const traces = new Map(refs.flatMap((ref) => (ref.trace ? [[keyOf(ref), ref.trace] as const] : [])));
    const claimed = rows.flatMap((row) => this.opened(row, leaseEnds));
    return traces.size === 0 ? claimed : claimed.map((one) => ({ ...one, trace: traces.get(keyOf(one)) }));
  }

  /** Resolves when what ended without a request is settled. */
  async ended(): Promise<void> {
    while (this.endings.size > 0) await Promise.all(this.endings);
  }

  private opened(row: ClaimedRow, leaseEnds: number): ClaimedDelivery[] {
    const { appId, msgId, endpointId, run, fence, attempts, message } = row;
    const reason = reasonToEnd(row);
    if (reason || !message?.payload || !row.endpoint) {
      this.end(row, reason ?? 'message expunged', leaseEnds);
      return [];
    }
    try {
      const endpoint = this.endpoints.open(row.endpoint);
      const filteredOut = run === 0 ? mismatch(endpoint, message) : endpoint.disabled ? 'endpoint disabled' : null;
      if (!filteredOut) {
        return [
          {
            appId,
            msgId,
            endpointId,
            run,
            fence,
            attempts,
            leaseEnds,
            eventType: message.eventType,
            payload: message.payload,
            contentType: message.contentType ?? null,
            endpoint,
          },
        ];
      }
      this.end(row, filteredOut, leaseEnds);
    } catch (error) {
      // Sealed with a key that this process was not given: another process, or this one set up rightly, sends it after the lease.
      this.log.error('delivery.endpoint_unreadable', { appId, msgId, endpointId, ...errorFields(error) });
    }
    return [];
  }

  private end(row: ClaimedRow, reason: string, leaseEnds: number): void {
    const { appId, msgId, endpointId, run, fence } = row;
    const settlement: Settlement = { appId, msgId, endpointId, run, fence, next: { kind: 'failed', reason }, attempt: null };
    this.log.warn('delivery.ended', { appId, msgId, endpointId, run, fence, reason });
    const ending = this.settler.settle(settlement, leaseEnds).finally(() => this.endings.delete(ending));
    this.endings.add(ending);
  }
}

function keyOf({ msgId, endpointId, run }: DeliveryRef): string {
  return `${msgId} ${endpointId} ${run}`;
}

function reasonToEnd({ fence, attempts, message, endpoint }: ClaimedRow): string | null {
  if (fence - attempts > MAX_LOST_CLAIMS) return WORKER_LOST;
  if (!message) return 'message gone';
  if (!message.payload) return 'message expunged';
  if (!endpoint || endpoint.deleted) return 'endpoint gone';
  return null;
}
