import { Inject, Injectable } from '@nestjs/common';
import { Condition } from '../async/condition.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { WriteState } from '../database/write-state.js';
import type { PermitHolder } from '../domain/hand-off.js';
import { partsOf, type PermitParts } from '../domain/permit-parts.js';
import { ReleaseGate } from '../release/release-gate.js';
import { EndpointSpeed, type Speed } from './endpoint-speed.js';
import { FairShare } from './fair-share.js';
import { PermitCounts, type Use } from './permit-counts.js';

/**
 * A source may start a delivery only while fewer than this share of all permits are in use, by any source. So the hand-off always leaves
 * some to the queue, and both leave some to the scanner.
 */
const SHARE = { handoff: 0.75, queue: 0.9, scanner: 1 } as const;
export type Source = keyof typeof SHARE;

/** A fast endpoint may hold so many times the permits that are free for its source. */
const TIMES_WHAT_IS_LEFT = 3;

/** If only one organisation had deliveries for so long, no permits are kept free for new endpoints of others. */
const ALONE_MS = 600_000;
/** How much of the unknown endpoints' part one organisation may have, if there are others. */
const OF_ONE_ORGANISATION = 0.75;

/**
 * `full`: the source has no permit left, or leaves the last ones to others; it is worth waiting. `too many`: the endpoint, application
 * or organisation has its part already; nobody knows for how long.
 */
export type Admitted = 'fits' | 'full' | 'too many';

/**
 * How many deliveries this process has under way, and who may start one more. A permit is held from before the claim until the outcome is
 * committed, so a slow database slows down what comes in. (A delivery that ends without a request gives it back at once.)
 *
 * The rules keep one customer's slow endpoints from delaying the webhooks of others:
 * - All slow endpoints together: a quarter. One slow endpoint may start one more while it holds less than what is free of that quarter, so it
 *   has an eighth if it is the only one.
 * - An endpoint of which nothing is known yet: one permit, from a quarter of their own. When its request hangs, it counts as slow.
 *   One organisation: three quarters of what they may have, if there are others.
 * - Slow and unknown endpoints together: half, unless endpoints were fast before they hung.
 * - A fast endpoint: half. With requests under way it may start one more while it holds less than three times the permits that are free for its
 *   source, not counting the last sixteenth. So it makes room while many are busy, and the sixteenth is left to other endpoints.
 * - An application, and an organisation: half, while others have work.
 * While the database can't be written, nobody may start a delivery: it would be sent, and could not be settled.
 * The release gate limits what the queue and the scanner have under way together. Of that, slow and unknown endpoints have the same parts,
 * and the sixteenth is kept.
 */
@Injectable()
export class Permits {
  private readonly apps = new FairShare();
  private readonly orgs = new FairShare();
  private readonly counts = new PermitCounts();
  private readonly room = new Condition();
  private held = 0;
  /** Of these, what came from the queue and the scanner. */
  private fetched = 0;
  private maxFetched = 1;
  private readonly parts: PermitParts;
  private fetchedParts = partsOf(1);
  private stopping = false;
  /** One delivery is tried alone: no other is started. */
  private isHeldBack = false;
  private changeCount = 0;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly speeds: EndpointSpeed,
    gate: ReleaseGate,
    private readonly writes: WriteState,
  ) {
    this.parts = partsOf(config.delivery.concurrency);
    speeds.onChange = (endpointId, speed) => {
      this.counts.move(endpointId, speed);
      this.changed();
    };
    gate.onChange((share) => this.limitFetching(share));
    this.limitFetching(gate.share);
    writes.onChange(() => this.changed());
  }

  get inUse(): number {
    return this.held;
  }

  /** Goes up whenever a delivery that did not fit might fit now. */
  get changes(): number {
    return this.changeCount;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  get all(): number {
    return this.config.delivery.concurrency;
  }

  /** How many are held for endpoints of this speed. */
  inUseOf(speed: Speed): number {
    return this.counts.of(speed).held;
  }

  /** How many deliveries this source may have under way when nothing else is. */
  max(source: Source): number {
    if (source === 'handoff') return this.ofAll(source);
    return Math.max(1, Math.floor(this.maxFetched * SHARE[source]));
  }

  /**
   * How many more deliveries this source may start now: none while the database can't be written, or one is tried alone. The queue and the
   * scanner share what the release gate allows.
   */
  free(source: Source): number {
    if (!this.isOpen) return 0;
    const left = this.ofAll(source) - this.held;
    return Math.max(0, source === 'handoff' ? left : Math.min(left, this.max(source) - this.fetched));
  }

  /** Whether one more delivery may start. This also notes that the application and its organisation have work. */
  mayStart(holder: PermitHolder, source: Source): Admitted {
    if (!this.isOpen) return 'full';
    const half = this.all / 2;
    const appFits = this.apps.fits(holder.appId, half);
    const orgFits = this.orgs.fits(holder.orgId, half);
    const speed = this.speeds.of(holder.endpointId);
    if (!appFits || !orgFits || (speed !== 'fast' && !this.fitsItsPart(holder, speed, source))) return 'too many';
    const own = this.counts.held(holder.endpointId);
    if (speed === 'fast' && own >= half) return 'too many';
    const free = this.free(source);
    if (speed !== 'fast' || own === 0) return free > 0 ? 'fits' : 'full';
    return own < TIMES_WHAT_IS_LEFT * (free - this.partsFor(source).idle) ? 'fits' : 'full';
  }

  take(holder: PermitHolder, source: Source): void {
    const orgId = this.counts.take(holder, this.speeds.of(holder.endpointId), source !== 'handoff');
    this.count(holder.appId, orgId, source, 1);
  }

  giveBack({ appId, endpointId }: Omit<PermitHolder, 'orgId'>, source: Source): void {
    const orgId = this.counts.giveBack(endpointId, source !== 'handoff');
    this.count(appId, orgId, source, -1);
    this.changed();
  }

  /** Resolves when this source may start at least `count` deliveries, which is asked after each change; or after `stopWaiting()` or `stop`. */
  waitFor(source: Source, count: () => number, stop?: AbortSignal): Promise<void> {
    return this.room.until(() => this.stopping || this.free(source) >= count(), stop);
  }

  /** Resolves one turn of the event loop after `changes` is no longer `count`: what else is given back in that turn counts too. */
  async changedSince(count: number): Promise<void> {
    await this.room.until(() => this.changeCount !== count);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The process stops: nobody waits for a permit any longer. */
  stopWaiting(): void {
    this.stopping = true;
    this.changed();
  }

  /** Whether nobody may start a delivery, because one is tried alone. Its own permit is taken without being asked for. */
  holdBack(isHeldBack: boolean): void {
    this.isHeldBack = isHeldBack;
    this.changed();
  }

  /** Waits at most so long until no permit is held. Answers whether that is so. */
  async idleWithin(ms: number): Promise<boolean> {
    await this.room.until(() => this.held === 0, AbortSignal.timeout(ms));
    return this.held === 0;
  }

  /** Resolves when no permit is held. */
  idle(): Promise<void> {
    return this.room.until(() => this.held === 0);
  }

  private get isOpen(): boolean {
    return this.writes.canWrite && !this.isHeldBack;
  }

  private ofAll(source: Source): number {
    return Math.max(1, Math.floor(this.config.delivery.concurrency * SHARE[source]));
  }

  /** At a share of 0 nothing more is fetched; what was fetched before goes on with the last share above 0. */
  private limitFetching(share: number): void {
    if (share > 0) this.maxFetched = Math.max(1, Math.floor(share * this.config.delivery.concurrency));
    this.fetchedParts = partsOf(this.maxFetched);
    this.changed();
  }

  private count(appId: string, orgId: string, source: Source, change: number): void {
    this.held += change;
    if (source !== 'handoff') this.fetched += change;
    this.apps.add(appId, change);
    this.orgs.add(orgId, change);
  }

  private fitsItsPart(holder: PermitHolder, speed: 'unknown' | 'slow', source: Source): boolean {
    const fits = (parts: PermitParts, which: keyof Use) =>
      speed === 'slow' ? this.slowFits(holder, parts, which) : this.unknownFits(holder, parts, which);
    return fits(this.parts, 'held') && (source === 'handoff' || fits(this.fetchedParts, 'fetched'));
  }

  private slowFits({ endpointId }: PermitHolder, parts: PermitParts, which: keyof Use): boolean {
    const [slow, unknown] = [this.counts.of('slow')[which], this.counts.of('unknown')[which]];
    return this.counts.held(endpointId) < Math.min(parts.slow - slow, parts.doubtful - slow - unknown);
  }

  /**
   * The first permit of an unknown endpoint. Endpoints that were fast and now hang may hold more than the slow part; the unknown endpoints keep
   * theirs all the same. As long as slow ones leave some of their part free, unknown endpoints that hang by now may fill it.
   */
  private unknownFits({ endpointId, orgId }: PermitHolder, parts: PermitParts, which: keyof Use): boolean {
    const [slow, unknown] = [this.counts.of('slow')[which], this.counts.of('unknown')[which]];
    if (this.counts.held(endpointId) > 0 || unknown >= parts.unknown) return false;
    const { unproven } = this.counts;
    const max = Math.max(parts.unknown, parts.doubtful - (slow + unknown - unproven));
    const maxOfOrg = this.orgs.isAlone(ALONE_MS) ? max : Math.ceil(OF_ONE_ORGANISATION * max);
    return unproven < max && this.counts.unprovenOf(orgId) < maxOfOrg;
  }

  private partsFor(source: Source): PermitParts {
    return source === 'handoff' ? this.parts : this.fetchedParts;
  }

  private changed(): void {
    this.changeCount++;
    this.room.changed();
  }
}
