import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { partsOf } from '../domain/permit-parts.js';
import { EndpointSpeed } from './endpoint-speed.js';

const MAX_ENDPOINTS = 20_000;
const MIN_MS = 25;
/** An unknown endpoint's first request is under way. Usually it is answered within this time; if not, the delivery is postponed again. */
const UNKNOWN_MS = 100;
/** The scanner's usual pause between scans. A postponed delivery to a slow endpoint causes no scan before that. */
export const SCAN_PAUSE_MS = 500;
/**
 * The longest line of a slow endpoint. What is behind comes due at any time within this, so that no delivery waits for much longer if the
 * process that remembers it dies.
 */
export const MAX_LINE_MS = 60_000;
/** How many of those come due in a second, at the most. */
const SLOW_PER_SECOND = 500;

/** Says when a postponed delivery comes due. Kept in the process: if it is lost, deliveries come due together and are postponed again. */
@Injectable()
export class PostponeDelay {
  /** When the last postponed delivery of each slow endpoint comes due, on the monotonic clock. */
  private readonly lastDueAt = new LRUCache<string, number>({ max: MAX_ENDPOINTS });
  /** The same of all deliveries behind the lines, if there are so many. */
  private behindAt = 0;
  private readonly permits: number;
  private readonly slowPermits: number;

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly speeds: EndpointSpeed,
  ) {
    this.permits = config.delivery.concurrency;
    this.slowPermits = partsOf(this.permits).slow;
  }

  /**
   * The delay in ms of a delivery that is the `position`-th of its batch for which the endpoint has no permit. Deliveries to slow endpoints come
   * due one after the other, as fast as their permits can take them. More often would cost the database work for nothing. Usually they are
   * taken up before (waiting-lines.ts): all of them at once if the endpoint recovers.
   */
  delayFor(endpointId: string, position: number): number {
    const speed = this.speeds.of(endpointId);
    const averageMs = this.speeds.averageMs(endpointId);
    if (speed === 'slow') return this.nextInLine(endpointId, averageMs);
    this.lastDueAt.delete(endpointId);
    return Math.max(speed === 'unknown' ? UNKNOWN_MS : MIN_MS, (position * averageMs * 2) / this.permits);
  }

  private nextInLine(endpointId: string, averageMs: number): number {
    const now = performance.now();
    const endpoints = Math.max(1, this.speeds.slow);
    const at = Math.max(this.lastDueAt.get(endpointId) ?? 0, now) + (endpoints * averageMs) / this.slowPermits;
    if (at - now > MAX_LINE_MS) return this.behindTheLine(now);
    this.lastDueAt.set(endpointId, at);
    return Math.max(SCAN_PAUSE_MS, at - now);
  }

  private behindTheLine(now: number): number {
    this.behindAt = Math.max(this.behindAt, now) + 1_000 / SLOW_PER_SECOND;
    return Math.max(SCAN_PAUSE_MS, this.behindAt - now, Math.random() * MAX_LINE_MS);
  }
}
