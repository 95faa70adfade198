import { Inject, Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ApplicationCache } from '../database/engine/application-cache.js';
import type { Postponed } from '../database/engine/engine-store.js';
import type { DeliveryRef } from '../domain/delivery.js';
import type { WaitingDelivery } from '../domain/hand-off.js';
import { pauseOfUnreadable } from '../domain/unreadable.js';
import { Permits, type Source } from './permits.js';
import { WaitingLines } from './waiting-lines.js';

/** A delivery that is to be claimed; `paced`: it has its slot of the endpoint's rate, kept in the row until it is claimed. */
export type Candidate = DeliveryRef & { paced?: boolean };

/** A candidate whose endpoint was looked up: its organisation, and the endpoint's rate if it has one. */
export type KnownCandidate = WaitingDelivery;

/**
 * Says which deliveries may be claimed now and which are postponed: by their endpoint's rate, and by the permits of slow endpoints,
 * applications and organisations (permits.ts). A postponed delivery costs no attempt.
 */
@Injectable()
export class Throttle {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly applications: ApplicationCache,
    private readonly cache: SharedCache,
    private readonly permits: Permits,
    private readonly lines: WaitingLines,
  ) {}

  /** Round robin over the applications, so that none waits behind the backlog of another. */
  roundRobin(refs: readonly Candidate[]): Candidate[] {
    const byApp = [...Map.groupBy(refs, (ref) => ref.appId).values()];
    if (byApp.length < 2) return [...refs];
    const longest = Math.max(...byApp.map((own) => own.length));
    return Array.from({ length: longest }, (_, at) => byApp.flatMap((own) => own[at] ?? [])).flat();
  }

  /** Postpones deliveries whose endpoint's rate does not allow them yet. */
  async limitRates(refs: readonly Candidate[]): Promise<{ now: KnownCandidate[]; later: Postponed[] }> {
    const { now, later, limited } = await this.lookUp(refs);
    for (const [endpointId, own] of limited) {
      // Without Redis each process keeps the rate on its own.
      const slots = await this.cache.slots(endpointId, own[0]!.rate!, own.length);
      own.forEach((ref, at) => {
        const delayMs = slots[at] ?? 0;
        if (delayMs > 0) later.push({ ...ref, delayMs, paced: true });
        else now.push({ ...ref, paced: true });
      });
    }
    return { now, later };
  }

  /**
   * Takes a permit for each delivery that may go now. `later`: its endpoint, application or organisation has its part; it is postponed
   * until there may be room. `waiting`: the source has no permit left.
   */
  takePermits(
    refs: readonly KnownCandidate[],
    source: Source,
  ): { now: KnownCandidate[]; later: Postponed[]; waiting: KnownCandidate[] } {
    const later: Postponed[] = [];
    const waiting: KnownCandidate[] = [];
    const tooMany = new Map<string, number>();
    const now = refs.filter((ref) => {
      const answer = this.lines.mustWait(ref.endpointId, source) ? 'too many' : this.permits.mayStart(ref, source);
      if (answer === 'fits') {
        this.permits.take(ref, source);
        this.lines.leave(ref);
      } else if (answer === 'full') waiting.push(ref);
      else {
        const position = (tooMany.get(ref.endpointId) ?? 0) + 1;
        tooMany.set(ref.endpointId, position);
        later.push({ ...ref, delayMs: this.lines.delayFor(ref.endpointId, position), paced: ref.paced ?? false });
        this.lines.add(ref);
      }
      return answer === 'fits';
    });
    return { now, later, waiting };
  }

  /** Whether deliveries wait for a permit of their slow endpoint. */
  get hasWaiting(): boolean {
    return this.lines.size > 0;
  }

  /** Takes permits for the oldest of them that may go now, at most so many. */
  takeWaiting(most: number, source: Source): KnownCandidate[] {
    return this.lines.take(most, (ref) => {
      if (this.permits.mayStart(ref, source) !== 'fits') return false;
      this.permits.take(ref, source);
      return true;
    });
  }

  /** Looks up the endpoints. `limited`: by endpoint, the deliveries that need a slot of its rate. */
  private async lookUp(
    refs: readonly Candidate[],
  ): Promise<{ now: KnownCandidate[]; later: Postponed[]; limited: Map<string, KnownCandidate[]> }> {
    const endpoints = await this.applications.endpointsOf(refs);
    const [now, later, limited]: [KnownCandidate[], Postponed[], KnownCandidate[]] = [[], [], []];
    for (const ref of refs) {
      const endpoint = endpoints.get(ref.endpointId);
      // One that has waited for long enough, or is not sent to any more, ends at its claim.
      const unreadable = endpoint?.unreadable && !endpoint.disabled;
      const pause = unreadable ? pauseOfUnreadable(ref, endpoint, this.config.delivery.retrySchedule, Date.now()) : null;
      if (pause !== null) {
        later.push({ ...ref, delayMs: pause, paced: ref.paced ?? false });
        continue;
      }
      // A delivery without an endpoint ends at its claim; until then it counts for its own application. It does not wait for a rate.
      const rate = endpoint?.deleted || unreadable ? null : (endpoint?.throttleRate ?? null);
      const known = { ...ref, orgId: endpoint?.orgId ?? ref.appId, rate };
      (rate !== null && !ref.paced ? limited : now).push(known);
    }
    return { now, later, limited: Map.groupBy(limited, (ref) => ref.endpointId) };
  }
}
