import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ReleaseGate } from '../release/release-gate.js';
import { EndpointPace } from './endpoint-pace.js';

/** What a permit is held for. */
export interface Holder {
  readonly appId: string;
  readonly endpointId: string;
}

/** Where work comes from, by how much of the permits it may use: retries and the queue must not starve. */
const SHARE = { handoff: 0.75, queue: 0.9, scanner: 1 } as const;
export type Source = keyof typeof SHARE;

/** An application is "waiting" for this long after it was last seen with work. */
const SEEN_FOR_MS = 2_000;

/**
 * The places of this process's worker: a permit is held from before the claim until the outcome is committed, so a slow
 * database slows down the intake by itself. Counts by application and endpoint, so that none of them takes all.
 */
@Injectable()
export class Permits {
  private readonly byApp = new Map<string, number>();
  private readonly byEndpoint = new Map<string, number>();
  private readonly seen = new Map<string, number>();
  private readonly waiters: (() => void)[] = [];
  private held = 0;
  /** Of these, what the queue brought and the scanner found. */
  private fetched = 0;
  private mostFetched = 1;
  private isEnded = false;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly pace: EndpointPace,
    gate: ReleaseGate,
  ) {
    gate.onChange((share) => this.limitFetching(share));
    this.limitFetching(gate.share);
  }

  get inUse(): number {
    return this.held;
  }

  get ended(): boolean {
    return this.isEnded;
  }

  get all(): number {
    return this.config.delivery.concurrency;
  }

  /** How many deliveries this source may have under way when nothing else is. */
  most(source: Source): number {
    if (source === 'handoff') return this.ofAll(source);
    return Math.max(1, Math.floor(this.mostFetched * SHARE[source]));
  }

  /** How many more deliveries this source may start now. The queue and the scanner share what the release gate allows. */
  free(source: Source): number {
    const left = this.ofAll(source) - this.held;
    return Math.max(0, source === 'handoff' ? left : Math.min(left, this.most(source) - this.fetched));
  }

  /** Whether one more delivery of this application and endpoint fits its share. Says that the application has work. */
  fits({ appId, endpointId }: Holder): boolean {
    return this.room(endpointId) > 0 && this.appFits(appId);
  }

  take({ appId, endpointId }: Holder, source: Source): void {
    this.held++;
    if (source !== 'handoff') this.fetched++;
    add(this.byApp, appId, 1);
    add(this.byEndpoint, endpointId, 1);
  }

  give({ appId, endpointId }: Holder, source: Source): void {
    this.held--;
    if (source !== 'handoff') this.fetched--;
    add(this.byApp, appId, -1);
    add(this.byEndpoint, endpointId, -1);
    this.wake();
  }

  /** Resolves when this source may start at least `count` deliveries, or after `end()`: ask again how many. */
  async waitFor(source: Source, count: number): Promise<void> {
    while (!this.isEnded && this.free(source) < count) await this.change();
  }

  /** Nobody waits for room any longer: the process stops. */
  end(): void {
    this.isEnded = true;
    this.wake();
  }

  /** Resolves when no permit is held: everything that was claimed, also by a commit that was under way, is settled. */
  async idle(): Promise<void> {
    while (this.held > 0) await this.change();
  }

  private ofAll(source: Source): number {
    return Math.floor(this.config.delivery.concurrency * SHARE[source]);
  }

  /** At 0 nothing is fetched any more; what was fetched before goes on within the share that it came by. */
  private limitFetching(share: number): void {
    if (share > 0) this.mostFetched = Math.max(1, Math.floor(share * this.config.delivery.concurrency));
    this.wake();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private room(endpointId: string): number {
    return this.pace.cap(endpointId, this.config.delivery.concurrency) - (this.byEndpoint.get(endpointId) ?? 0);
  }

  /** Half of the permits are an application's most while others have work too. */
  private appFits(appId: string): boolean {
    const now = performance.now();
    this.seen.delete(appId);
    this.seen.set(appId, now);
    for (const [other, at] of this.seen) {
      if (now - at <= SEEN_FOR_MS) break;
      this.seen.delete(other);
    }
    return this.seen.size === 1 || (this.byApp.get(appId) ?? 0) < this.config.delivery.concurrency / 2;
  }

  private wake(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
