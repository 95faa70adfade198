import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

const MOST_ENDPOINTS = 20_000;
const FAST_MS = 1_000;
/** Taken for an endpoint that has not answered yet. */
const ASSUMED_MS = 200;
const WEIGHT_OF_NEWEST = 0.2;

/** How fast endpoints answer, and what follows for how many requests one may have under way. */
@Injectable()
export class EndpointPace {
  private readonly averageMs = new LRUCache<string, number>({ max: MOST_ENDPOINTS });

  answered(endpointId: string, durationMs: number): void {
    const before = this.averageMs.get(endpointId) ?? durationMs;
    this.averageMs.set(endpointId, before + (durationMs - before) * WEIGHT_OF_NEWEST);
  }

  /**
   * Half of the permits for an endpoint that answers within a second, an eighth for one that doesn't or was never heard of:
   * several hanging endpoints together must not stop everybody else.
   */
  cap(endpointId: string, permits: number): number {
    const average = this.averageMs.get(endpointId);
    const share = average !== undefined && average < FAST_MS ? 2 : 8;
    return Math.max(2, Math.floor(permits / share));
  }

  /** When the delivery that is `position` places too many may be tried again, in ms. */
  delayFor(endpointId: string, position: number, permits: number): number {
    const average = this.averageMs.get(endpointId) ?? ASSUMED_MS;
    return Math.max(25, (position * average) / this.cap(endpointId, permits));
  }
}
