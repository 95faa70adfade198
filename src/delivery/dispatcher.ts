import { Injectable } from '@nestjs/common';
import { EngineStore, type Postponed } from '../database/engine/engine-store.js';
import { deliveryKey, type ClaimedDelivery } from '../domain/delivery.js';
import { Claimer, MAX_PER_CLAIM } from './claimer.js';
import { DeliveryRunner } from './delivery-runner.js';
import { Permits, type Source } from './permits.js';
import { Throttle, type Candidate, type KnownCandidate } from './throttle.js';

/** So long after a permit was given back, what waits for it is claimed. */
const RESUME_PAUSE_MS = 50;

/**
 * Where deliveries come in, from the queue and the scanner: throttle, permit, claim, run. If the source has no permit left, the rest of the
 * deliveries wait here; if an endpoint has its part already, its deliveries are postponed. Those of the hand-off come with their permit and
 * claim; endpoints with a rate are not handed off.
 *
 * If the process dies before the claim: the task comes again after its visibility time, or the next scan finds the rows. After the
 * claim: the lease runs out, and a scanner finds them.
 */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly store: EngineStore,
    private readonly throttle: Throttle,
    private readonly permits: Permits,
    private readonly claimer: Claimer,
    private readonly runner: DeliveryRunner,
  ) {}

  /** How many deliveries this process may have under way. */
  get concurrency(): number {
    return this.permits.all;
  }

  /** Whether deliveries that wait in this process may be taken up: its scanner runs, and the release gate gives it traffic. */
  mayResume: () => boolean = () => false;
  private resuming: NodeJS.Timeout | null = null;

  /** Is told of deliveries that were postponed just now. */
  onPostponed: (later: readonly Postponed[]) => void = () => {};

  /**
   * Resolves with true when each delivery is claimed, postponed, or known to be another process's; with false if some were left as they
   * are: `mayContinue` turned false, or they would wait for a permit while the process stops. Throws a database error.
   */
  async dispatch(refs: readonly Candidate[], source: Source, mayContinue = () => true): Promise<boolean> {
    const { now, later } = await this.throttle.limitRates(this.throttle.roundRobin(distinct(refs)));
    await this.postpone(later);
    for (let left = now; left.length > 0;) {
      if (!mayContinue()) return false;
      // Read before: a permit that is given back during the claim must not be missed.
      const { changes } = this.permits;
      const waiting = await this.claimAndRun(left.slice(0, MAX_PER_CLAIM), source);
      left = [...waiting, ...left.slice(MAX_PER_CLAIM)];
      if (waiting.length === 0) continue;
      if (this.permits.isStopping) return false;
      await this.permits.changedSince(changes);
    }
    return true;
  }

  /** Runs deliveries of the hand-off, which have their permit and claim. Their permits are given back one by one. */
  runHandedOff(claimed: readonly ClaimedDelivery[]): void {
    for (const one of claimed) this.run(one, 'handoff');
  }

  /** Takes up what waits for slow endpoints, in a moment: by then other permits have been given back too. */
  resumeSoon(): void {
    if (this.resuming || !this.throttle.hasWaiting || this.permits.isStopping) return;
    this.resuming = setTimeout(() => {
      this.resuming = null;
      void this.resume();
    }, RESUME_PAUSE_MS).unref();
  }

  /** The process stops: nobody waits for a permit any longer. */
  stopWaiting(): void {
    if (this.resuming) clearTimeout(this.resuming);
    this.permits.stopWaiting();
    this.claimer.stopWaiting();
  }

  /** Resolves when everything that was claimed is settled. */
  async drained(): Promise<void> {
    await this.permits.idle();
    await this.claimer.unsentSettled();
  }

  /** Answers those that wait for a permit. */
  private async claimAndRun(chunk: readonly KnownCandidate[], source: Source): Promise<KnownCandidate[]> {
    const { now, later, waiting } = this.throttle.takePermits(chunk, source);
    await this.runWithPermits(now, source, () => this.postpone(later));
    return waiting;
  }

  /** If the database is away, the rows come due later. The scanner reports it. */
  private async resume(): Promise<void> {
    if (this.permits.isStopping || !this.mayResume()) return;
    const now = this.throttle.takeWaiting(MAX_PER_CLAIM, 'scanner');
    if (now.length === MAX_PER_CLAIM) this.resumeSoon();
    await this.runWithPermits(now, 'scanner').catch(() => undefined);
  }

  /** Claims and runs deliveries whose permits are taken. */
  private async runWithPermits(
    refs: readonly KnownCandidate[],
    source: Source,
    before: () => Promise<void> = async () => {},
  ): Promise<void> {
    const unused = new Map(refs.map((ref) => [deliveryKey(ref), ref]));
    try {
      await before();
      for (const one of await this.claimer.claim(refs)) {
        unused.delete(deliveryKey(one));
        this.run(one, source);
      }
    } finally {
      // Another process has the claim, there is nothing to send, or the claim failed.
      for (const holder of unused.values()) this.giveBack(holder, source);
    }
  }

  private async postpone(later: readonly Postponed[]): Promise<void> {
    if (later.length === 0) return;
    await this.store.postpone(later);
    this.onPostponed(later);
  }

  /** A claimed delivery never waits here: so when the process stops, none is claimed and not started. */
  private run(claimed: ClaimedDelivery, source: Source): void {
    void this.runner.run(claimed).finally(() => this.giveBack(claimed, source));
  }

  private giveBack(holder: { appId: string; endpointId: string }, source: Source): void {
    this.permits.giveBack(holder, source);
    this.resumeSoon();
  }
}

/** Each delivery once, by its newest claim: a task may come twice in one receive, and a delivery must not take two permits. */
function distinct(refs: readonly Candidate[]): Candidate[] {
  const byKey = new Map<string, Candidate>();
  for (const ref of refs) {
    const key = deliveryKey(ref);
    const other = byKey.get(key);
    if (!other || other.fence < ref.fence) byKey.set(key, ref);
  }
  return [...byKey.values()];
}
