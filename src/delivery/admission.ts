import { Inject, Injectable } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Directory } from '../database/directory.js';
import type { Parked } from '../database/engine-store.js';
import type { DeliveryRef } from '../domain/claimed.js';
import { EndpointPace } from './endpoint-pace.js';
import { Permits, type Source } from './permits.js';

/** A delivery that asks to be let in; `paced`: its turn under the endpoint's rate has come. */
export type Asking = DeliveryRef & { paced?: boolean };

/**
 * Who may go now and who is put off, before anything is claimed: an endpoint's rate, an endpoint's cap, an application's share.
 * Being put off costs no attempt.
 */
@Injectable()
export class Admission {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly directory: Directory,
    private readonly cache: SharedCache,
    private readonly permits: Permits,
    private readonly pace: EndpointPace,
  ) {}

  /** One of each application in turn, so that none stands behind another's backlog. */
  inTurns(refs: readonly Asking[]): Asking[] {
    const byApp = [...Map.groupBy(refs, (ref) => ref.appId).values()];
    if (byApp.length < 2) return [...refs];
    const longest = Math.max(...byApp.map((own) => own.length));
    return Array.from({ length: longest }, (_, at) => byApp.flatMap((own) => own[at] ?? [])).flat();
  }

  /** Takes those whose turn it is not yet under their endpoint's rate out of the line. */
  async paced(refs: readonly Asking[]): Promise<{ now: Asking[]; later: Parked[] }> {
    const rates = await this.rates(refs);
    if (rates.size === 0) return { now: [...refs], later: [] };
    const now = refs.filter((ref) => ref.paced || !rates.has(ref.endpointId));
    const later: Parked[] = [];
    const asking = Map.groupBy(
      refs.filter((ref) => !ref.paced && rates.has(ref.endpointId)),
      (ref) => ref.endpointId,
    );
    for (const [endpointId, own] of asking) {
      const slots = await this.cache.slots(endpointId, rates.get(endpointId)!, own.length);
      own.forEach((ref, at) => {
        const delayMs = slots[at] ?? 0;
        if (delayMs > 0) later.push({ ...ref, delayMs, paced: true });
        else now.push({ ...ref, paced: true });
      });
    }
    return { now, later };
  }

  /** Takes a permit for each that fits; the others are put off until the endpoint will have room, by its own pace. */
  permitted(refs: readonly Asking[], source: Source): { now: Asking[]; later: Parked[] } {
    const later: Parked[] = [];
    const tooMany = new Map<string, number>();
    const now = refs.filter((ref) => {
      if (this.permits.fits(ref)) {
        this.permits.take(ref, source);
        return true;
      }
      const position = (tooMany.get(ref.endpointId) ?? 0) + 1;
      tooMany.set(ref.endpointId, position);
      const delayMs = this.pace.delayFor(ref.endpointId, position, this.config.delivery.concurrency);
      later.push({ ...ref, delayMs, paced: ref.paced ?? false });
      return false;
    });
    return { now, later };
  }

  private async rates(refs: readonly Asking[]): Promise<Map<string, number>> {
    const rates = new Map<string, number>();
    for (const appId of new Set(refs.map((ref) => ref.appId))) {
      const entry = await this.directory.byId(appId);
      for (const target of entry?.targets ?? []) if (target.throttleRate !== null) rates.set(target.id, target.throttleRate);
    }
    return rates;
  }
}
