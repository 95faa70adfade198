import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { partsOf, type PermitParts } from '../domain/permit-parts.js';
import { ReleaseGate } from '../release/release-gate.js';
import { EndpointSpeed, type Speed } from './endpoint-speed.js';
import { PermitCounts, type Holder, type Use } from './permit-counts.js';
import { FairShare } from './fair-share.js';

/** Where work comes from, by how much of the permits it may use: retries and the queue must not starve. */
const SHARE = { handoff: 0.75, queue: 0.9, scanner: 1 } as const;
export type Source = keyof typeof SHARE;

/** An endpoint's most, in permits that it leaves to its source. */
const TIMES_WHAT_IS_LEFT = 3;

/** For an organisation that had the process to itself for so long, nothing is kept free for another's new endpoints. */
const ALONE_MS = 600_000;
/** How much of what unknown endpoints may have is one organisation's most, if there are others. */
const OF_ONE_ORGANISATION = 0.75;

/**
 * `full`: the source has no permit left, or leaves the last ones to others; worth waiting for. `too many`: its endpoint, application
 * or organisation has its part already, and for how long nobody knows.
 */
export type Admitted = 'fits' | 'full' | 'too many';

/**
 * The places of this process's worker: a permit is held from before the claim until the outcome is committed, so a slow
 * database slows down the intake by itself.
 *
 * Who may have how many of them, so that nobody's webhooks wait for somebody else's receivers:
 * - All slow endpoints together: a quarter. One of them: what it leaves to the others of that, so half of it where it is alone.
 * - An endpoint of which nothing is known yet: one permit, from a quarter of their own. Once its request hangs, it counts as slow.
 *   One organisation: three quarters of that, if there are others.
 * - Both together: half, where endpoints were not fast before they hung.
 * - Any other endpoint: half, and three times what its source has left; so it makes room while many are busy. A sixteenth
 *   is left to those with nothing under way.
 * - An application, and an organisation: half while others have work.
 * What the release gate allows the queue and the scanner to fetch is divided likewise.
 */
@Injectable()
export class Permits {
  private readonly apps = new FairShare();
  private readonly orgs = new FairShare();
  private readonly seats = new PermitCounts();
  private readonly waiters: (() => void)[] = [];
  private held = 0;
  /** Of these, what the queue brought and the scanner found. */
  private fetched = 0;
  private mostFetched = 1;
  private readonly parts: PermitParts;
  private fetchedParts = partsOf(1);
  private isEnded = false;
  private changeCount = 0;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly pace: EndpointSpeed,
    gate: ReleaseGate,
  ) {
    this.parts = partsOf(config.delivery.concurrency);
    pace.onChange = (endpointId, standing) => {
      this.seats.move(endpointId, standing);
      this.wake();
    };
    gate.onChange((share) => this.limitFetching(share));
    this.limitFetching(gate.share);
  }

  get inUse(): number {
    return this.held;
  }

  /** Goes up whenever somebody who did not fit might fit now. */
  get changes(): number {
    return this.changeCount;
  }

  get ended(): boolean {
    return this.isEnded;
  }

  get all(): number {
    return this.config.delivery.concurrency;
  }

  /** How many are held for endpoints that count as this. */
  inUseOf(standing: Speed): number {
    return this.seats.of(standing).held;
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

  /** Whether one more delivery may start. Says that the application and its organisation have work. */
  asks(holder: Holder, source: Source): Admitted {
    const half = this.all / 2;
    const appFits = this.apps.asks(holder.appId, half);
    const orgFits = this.orgs.asks(holder.orgId, half);
    const standing = this.pace.standing(holder.endpointId);
    if (!appFits || !orgFits || (standing !== 'fast' && !this.doubtfulFits(holder, standing, source))) return 'too many';
    const own = this.seats.held(holder.endpointId);
    if (standing === 'fast' && own >= half) return 'too many';
    const free = this.free(source);
    if (standing !== 'fast' || own === 0) return free > 0 ? 'fits' : 'full';
    return own < TIMES_WHAT_IS_LEFT * (free - this.partsFor(source).firsts) ? 'fits' : 'full';
  }

  take(holder: Holder, source: Source): void {
    const orgId = this.seats.take(holder, this.pace.standing(holder.endpointId), source !== 'handoff');
    this.count(holder.appId, orgId, source, 1);
  }

  give({ appId, endpointId }: Omit<Holder, 'orgId'>, source: Source): void {
    const orgId = this.seats.give(endpointId, source !== 'handoff');
    this.count(appId, orgId, source, -1);
    this.wake();
  }

  /** Resolves when this source may start at least `count` deliveries, or after `end()`: ask again how many. */
  async waitFor(source: Source, count: number): Promise<void> {
    while (!this.isEnded && this.free(source) < count) await this.change();
  }

  /** Resolves in the turn of the event loop after the one in which `changes` is no longer `count`. */
  async changedSince(count: number): Promise<void> {
    while (this.changeCount === count) await this.change();
    await new Promise((resolve) => setImmediate(resolve));
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
    return Math.max(1, Math.floor(this.config.delivery.concurrency * SHARE[source]));
  }

  /** At 0 nothing is fetched any more; what was fetched before goes on within the share that it came by. */
  private limitFetching(share: number): void {
    if (share > 0) this.mostFetched = Math.max(1, Math.floor(share * this.config.delivery.concurrency));
    this.fetchedParts = partsOf(this.mostFetched);
    this.wake();
  }

  private count(appId: string, orgId: string, source: Source, change: number): void {
    this.held += change;
    if (source !== 'handoff') this.fetched += change;
    this.apps.add(appId, change);
    this.orgs.add(orgId, change);
  }

  private doubtfulFits(holder: Holder, standing: 'unknown' | 'slow', source: Source): boolean {
    const fits = (parts: PermitParts, which: keyof Use) =>
      standing === 'slow' ? this.slowFits(holder, parts, which) : this.firstFits(holder, parts, which);
    return fits(this.parts, 'held') && (source === 'handoff' || fits(this.fetchedParts, 'fetched'));
  }

  private slowFits({ endpointId }: Holder, parts: PermitParts, which: keyof Use): boolean {
    const [slow, unknown] = [this.seats.of('slow')[which], this.seats.of('unknown')[which]];
    return this.seats.held(endpointId) < Math.min(parts.slow - slow, parts.doubtful - slow - unknown);
  }

  /** Endpoints that were fast and hang all at once may hold more than their part: the unknown ones' part is there all the same. */
  private firstFits({ endpointId, orgId }: Holder, parts: PermitParts, which: keyof Use): boolean {
    const [slow, unknown] = [this.seats.of('slow')[which], this.seats.of('unknown')[which]];
    if (this.seats.held(endpointId) > 0 || unknown >= parts.unknown) return false;
    const { firsts } = this.seats;
    const most = Math.max(parts.unknown, parts.doubtful - (slow + unknown - firsts));
    const mostOfOrg = this.orgs.isAlone(ALONE_MS) ? most : Math.ceil(OF_ONE_ORGANISATION * most);
    return firsts < most && this.seats.firstsOf(orgId) < mostOfOrg;
  }

  private partsFor(source: Source): PermitParts {
    return source === 'handoff' ? this.parts : this.fetchedParts;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private wake(): void {
    this.changeCount++;
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}
