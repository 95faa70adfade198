import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { partsOf } from '../domain/permit-parts.js';
import { EndpointSpeed } from './endpoint-speed.js';

const MAX_ENDPOINTS = 20_000;
/** The shortest time to come back. */
const MIN_MS = 25;
/** The first request to an endpoint is under way: soon it has answered, or counts as slow. */
const UNKNOWN_MS = 100;
/** The scanner's own beat: what waits for a slow endpoint wakes nobody. */
const SLOW_MS = 500;
/** How often a second deliveries to all slow endpoints together come back to ask, if the permits don't allow for more. */
const LOOKS_PER_SECOND = 500;

/** When a delivery that was put off comes back. Kept in the process: what is forgotten only comes back together. */
@Injectable()
export class PostponeDelay {
  /** Up to when a slow endpoint's deliveries have their turns, on the monotonic clock. */
  private readonly bookedUntil = new LRUCache<string, number>({ max: MAX_ENDPOINTS });
  private readonly permits: number;
  private readonly slowPart: number;

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly pace: EndpointSpeed,
  ) {
    this.permits = config.delivery.concurrency;
    this.slowPart = partsOf(this.permits).slow;
  }

  /**
   * In how many ms the delivery may be tried again that is `position` places too many in its batch. Slow endpoints' deliveries come one
   * after the other, as the slow part can take them, but at least 500 a second together: more often would be work for the
   * database alone, less often would keep the backlog of an endpoint that has recovered.
   */
  delayFor(endpointId: string, position: number): number {
    const standing = this.pace.standing(endpointId);
    const averageMs = this.pace.averageMs(endpointId);
    if (standing === 'slow') return this.booked(endpointId, averageMs);
    this.bookedUntil.delete(endpointId);
    return Math.max(standing === 'unknown' ? UNKNOWN_MS : MIN_MS, (position * averageMs * 2) / this.permits);
  }

  private booked(endpointId: string, averageMs: number): number {
    const now = performance.now();
    const sharing = Math.max(1, this.pace.slow);
    const apartMs = sharing * Math.min(averageMs / this.slowPart, 1_000 / LOOKS_PER_SECOND);
    const at = Math.max(this.bookedUntil.get(endpointId) ?? 0, now) + apartMs;
    this.bookedUntil.set(endpointId, at);
    return Math.max(SLOW_MS, at - now);
  }
}
