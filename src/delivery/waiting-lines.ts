import { Injectable } from '@nestjs/common';
import { deliveryKey, type DeliveryRef } from '../domain/delivery.js';
import type { WaitingDelivery } from '../domain/hand-off.js';
import { EndpointSpeed } from './endpoint-speed.js';
import type { Source } from './permits.js';
import { PostponeDelay } from './postpone-delay.js';

/** The most deliveries that a process remembers, of all endpoints together: some megabytes. */
const MAX_REMEMBERED = 20_000;
/** The most endpoints that one call of `take` looks at. The next call goes on behind them. */
const MAX_LOOKED_AT = 200;

/**
 * Deliveries that wait for a permit of their slow endpoint, oldest first. A permit that is given back goes to the oldest of them, without a scan.
 * So the rows need not come due again and again.
 *
 * This is a memory of rows, nothing more: each row has a time at which it comes due, for every process. If the process dies, or there are
 * more than it remembers, scanners find the rows at that time. If another process was faster, the claim finds nothing.
 */
@Injectable()
export class WaitingLines {
  private readonly byEndpoint = new Map<string, Map<string, WaitingDelivery>>();
  private remembered = 0;

  constructor(
    private readonly speeds: EndpointSpeed,
    private readonly delays: PostponeDelay,
  ) {}

  /** How many deliveries wait here. */
  get size(): number {
    return this.remembered;
  }

  /** Whether a new delivery to this endpoint must wait, because others were here before it. What the scanner found may be older than those. */
  mustWait(endpointId: string, source: Source): boolean {
    return source !== 'scanner' && this.byEndpoint.has(endpointId) && this.isSlow(endpointId);
  }

  isSlow(endpointId: string): boolean {
    return this.speeds.of(endpointId) === 'slow';
  }

  /** @param position of the deliveries of a batch for which the endpoint has no permit */
  delayFor(endpointId: string, position: number): number {
    return this.delays.delayFor(endpointId, position);
  }

  /** Remembers a postponed delivery if its endpoint is slow. One that is remembered already keeps its place. */
  add(ref: WaitingDelivery): void {
    if (this.remembered >= MAX_REMEMBERED || !this.isSlow(ref.endpointId)) return;
    const line = this.byEndpoint.get(ref.endpointId) ?? new Map<string, WaitingDelivery>();
    this.byEndpoint.set(ref.endpointId, line);
    const key = deliveryKey(ref);
    if (!line.has(key)) this.remembered++;
    line.set(key, ref);
  }

  /** It is claimed without its place in the line. */
  leave(ref: DeliveryRef): void {
    const line = this.byEndpoint.get(ref.endpointId);
    if (line) this.remove(ref.endpointId, line, deliveryKey(ref));
  }

  /** Takes deliveries out for as long as `mayStart` answers true, endpoint by endpoint, at most so many. */
  take(most: number, mayStart: (ref: WaitingDelivery) => boolean): WaitingDelivery[] {
    const taken: WaitingDelivery[] = [];
    const endpointIds = firstOf(this.byEndpoint.keys(), MAX_LOOKED_AT);
    for (const endpointId of endpointIds) {
      const line = this.byEndpoint.get(endpointId)!;
      for (const [key, ref] of line) {
        if (taken.length === most || !mayStart(ref)) break;
        taken.push(ref);
        this.remove(endpointId, line, key);
      }
      // The next call begins with another endpoint.
      if (this.byEndpoint.delete(endpointId)) this.byEndpoint.set(endpointId, line);
      if (taken.length === most) break;
    }
    return taken;
  }

  private remove(endpointId: string, line: Map<string, WaitingDelivery>, key: string): void {
    if (!line.delete(key)) return;
    this.remembered--;
    if (line.size === 0) this.byEndpoint.delete(endpointId);
  }
}

function firstOf<T>(values: Iterable<T>, most: number): T[] {
  const first: T[] = [];
  for (const value of values) if (first.push(value) === most) break;
  return first;
}
