import { Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { ApplicationCache, type CachedApplication } from '../database/engine/application-cache.js';
import type { Postponed } from '../database/engine/engine-store.js';
import type { DeliveryRef } from '../domain/delivery.js';
import { Permits, type Source } from './permits.js';
import { PostponeDelay } from './postpone-delay.js';

/** A delivery that wants to be let in; `paced`: its turn under the endpoint's rate has come. */
export type Candidate = DeliveryRef & { paced?: boolean };

/** The same, once it is known whose it is. */
export type OwnedCandidate = Candidate & { orgId: string };

/**
 * Who may go now and who is put off, before anything is claimed: an endpoint's rate, and what permits.ts says of slow endpoints,
 * applications and organisations. Being put off costs no attempt.
 */
@Injectable()
export class Throttle {
  constructor(
    private readonly applications: ApplicationCache,
    private readonly cache: SharedCache,
    private readonly permits: Permits,
    private readonly turns: PostponeDelay,
  ) {}

  /** One of each application in turn, so that none stands behind another's backlog. */
  inTurns(refs: readonly Candidate[]): Candidate[] {
    const byApp = [...Map.groupBy(refs, (ref) => ref.appId).values()];
    if (byApp.length < 2) return [...refs];
    const longest = Math.max(...byApp.map((own) => own.length));
    return Array.from({ length: longest }, (_, at) => byApp.flatMap((own) => own[at] ?? [])).flat();
  }

  /** Takes those whose turn it is not yet under their endpoint's rate out of the line. */
  async paced(refs: readonly Candidate[]): Promise<{ now: OwnedCandidate[]; later: Postponed[] }> {
    const entries = await this.entriesOf(refs);
    // A deleted application's deliveries end with their claim: until then they are nobody else's.
    const asking = refs.map((ref): OwnedCandidate => ({ ...ref, orgId: entries.get(ref.appId)?.orgId ?? ref.appId }));
    const rates = ratesOf(entries);
    if (rates.size === 0) return { now: asking, later: [] };
    const now = asking.filter((ref) => ref.paced || !rates.has(ref.endpointId));
    const later: Postponed[] = [];
    const limited = Map.groupBy(
      asking.filter((ref) => !ref.paced && rates.has(ref.endpointId)),
      (ref) => ref.endpointId,
    );
    for (const [endpointId, own] of limited) {
      const slots = await this.cache.slots(endpointId, rates.get(endpointId)!, own.length);
      own.forEach((ref, at) => {
        const delayMs = slots[at] ?? 0;
        if (delayMs > 0) later.push({ ...ref, delayMs, paced: true });
        else now.push({ ...ref, paced: true });
      });
    }
    return { now, later };
  }

  /**
   * Takes a permit for each that fits. Those of which there are too many are put off until there will be room for them;
   * `waiting` are those that want nothing but a permit of the source, of which there is none left.
   */
  permitted(
    refs: readonly OwnedCandidate[],
    source: Source,
  ): { now: OwnedCandidate[]; later: Postponed[]; waiting: OwnedCandidate[] } {
    const later: Postponed[] = [];
    const waiting: OwnedCandidate[] = [];
    const tooMany = new Map<string, number>();
    const now = refs.filter((ref) => {
      const answer = this.permits.asks(ref, source);
      if (answer === 'fits') this.permits.take(ref, source);
      else if (answer === 'full') waiting.push(ref);
      else {
        const position = (tooMany.get(ref.endpointId) ?? 0) + 1;
        tooMany.set(ref.endpointId, position);
        later.push({ ...ref, delayMs: this.turns.delayFor(ref.endpointId, position), paced: ref.paced ?? false });
      }
      return answer === 'fits';
    });
    return { now, later, waiting };
  }

  private async entriesOf(refs: readonly Candidate[]): Promise<Map<string, CachedApplication | null>> {
    const appIds = [...new Set(refs.map((ref) => ref.appId))];
    const entries = await Promise.all(appIds.map((appId) => this.applications.byId(appId)));
    return new Map(appIds.map((appId, at) => [appId, entries[at]!]));
  }
}

function ratesOf(entries: ReadonlyMap<string, CachedApplication | null>): Map<string, number> {
  const rates = new Map<string, number>();
  for (const entry of entries.values())
    for (const { id, throttleRate } of entry?.endpoints ?? []) if (throttleRate !== null) rates.set(id, throttleRate);
  return rates;
}
