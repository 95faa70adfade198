import { Injectable } from '@nestjs/common';
import { EngineStore, type Postponed } from '../database/engine/engine-store.js';
import { errorFields, Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { Dispatcher } from './dispatcher.js';
import { Permits } from './permits.js';

const EVERY_MS = 500;
/** Sooner than usual, when something was put off for less; not more often than this. */
const MIN_PAUSE_MS = 25;
const ROWS = 200;
/** Index entries of settled rows stay for a while; a scan starts this far before the last one that found everything. */
const LOOK_BACK_MS = 60_000;
const FULL_EVERY_MS = 60_000;
const MAX_PAUSE_MS = 5_000;
/** Most endpoints that a scan leaves out. */
const MAX_EXCLUDED = 1_000;

/**
 * Finds what is due and in nobody's hands: retries, what crashed processes held, deliveries whose task was lost. It reads
 * without locks and claims into free permits only, so it never makes work for anybody else. Missing a turn costs half a second.
 */
@Injectable()
export class Scanner {
  private running = false;
  private wake = () => {};
  /** When the next turn begins at the latest, on the monotonic clock. */
  private wakeAt = Number.POSITIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private lastCompleteAt = Number.NEGATIVE_INFINITY;
  private lastFullAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private rowsFound = 0;
  /** Endpoints that had deliveries put off since the last scan that found everything. */
  private readonly crowded = new Set<string>();
  /** When the oldest of them came due, on the monotonic clock. */
  private oldestDueAt = 0;

  constructor(
    private readonly store: EngineStore,
    private readonly dispatcher: Dispatcher,
    private readonly permits: Permits,
    private readonly log: Log,
    private readonly gate: ReleaseGate,
  ) {}

  /** Before anything is claimed: what an embedded database's only process was sending when it died comes due. Returns how much. */
  recover(): Promise<number> {
    return this.store.recover();
  }

  /** Scans until stopped. `away` hears of each failed turn, `back` of each that went well. */
  async run(on: { away(): void; back(): void }): Promise<void> {
    this.running = true;
    this.dispatcher.onPostponed = (later) => this.postponed(later);
    while (this.running) {
      const pause = await this.safeTurn(on);
      if (pause > 0 && this.running) await this.sleep(pause);
    }
  }

  /** How many due deliveries the last scan found, up to its limit; none where this process doesn't scan. */
  get found(): number {
    return this.running && this.gate.share > 0 ? this.rowsFound : 0;
  }

  /** How late the oldest of them is by now, in ms; goes on growing while a scan has to wait for permits. */
  get lagMs(): number {
    return this.found > 0 ? performance.now() - this.oldestDueAt : 0;
  }

  /** No turn begins after this; one under way ends by itself. */
  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.wake();
  }

  /** One scan. Answers whether it found everything that is due. */
  async turn(): Promise<boolean> {
    const startedAt = performance.now();
    const full = startedAt - this.lastFullAt >= FULL_EVERY_MS;
    const withinMs = full ? null : startedAt - this.lastCompleteAt + LOOK_BACK_MS;
    const rows = await this.store.due(ROWS, withinMs);
    this.rowsFound = rows.length;
    if (rows[0]) this.oldestDueAt = performance.now() - rows[0].lateMs;
    // What isn't wanted any longer is still due, and in nobody's hands.
    const all = await this.dispatcher.dispatch(rows, 'scanner', () => this.wanted);
    if (all && rows.length === ROWS) await this.passBy(withinMs);
    if (!all || rows.length === ROWS) return false;
    this.crowded.clear();
    this.lastCompleteAt = startedAt;
    if (full) this.lastFullAt = startedAt;
    return true;
  }

  private get wanted(): boolean {
    return this.running && this.gate.share > 0;
  }

  /** Behind a backlog of endpoints that take no more just now, others' deliveries are found at once, without going through it. */
  private async passBy(withinMs: number | null): Promise<void> {
    if (this.crowded.size === 0) return;
    const rows = await this.store.due(ROWS, withinMs, [...this.crowded]);
    await this.dispatcher.dispatch(rows, 'scanner', () => this.wanted);
  }

  private postponed(later: readonly Postponed[]): void {
    const delayMs = Math.min(...later.map((ref) => ref.delayMs));
    if (delayMs < EVERY_MS) this.wakeWithin(delayMs);
    for (const { endpointId } of later) if (this.crowded.size < MAX_EXCLUDED) this.crowded.add(endpointId);
  }

  private async safeTurn(on: { away(): void; back(): void }): Promise<number> {
    if (this.gate.share === 0) return EVERY_MS;
    try {
      await this.permits.waitFor('scanner', 1);
      if (!this.running || this.gate.share === 0) return 0;
      const complete = await this.turn();
      if (this.failures > 0) this.log.info('scanner.recovered', { failures: this.failures });
      this.failures = 0;
      on.back();
      return complete ? EVERY_MS : 0;
    } catch (error) {
      this.failures++;
      if (this.failures === 1) this.log.warn('scanner.failed', errorFields(error));
      on.away();
      return Math.min(EVERY_MS * this.failures, MAX_PAUSE_MS);
    }
  }

  /** (Not a race with one promise for the stop, which would keep something of every pause.) */
  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        clearTimeout(this.timer);
        this.wakeAt = Number.POSITIVE_INFINITY;
        this.wake = () => {};
        resolve();
      };
      const until = Math.min(performance.now() + ms, this.wakeAt);
      this.wakeAt = Number.POSITIVE_INFINITY;
      this.wakeWithin(until - performance.now());
    });
  }

  /** A full share of an endpoint or a rate is free again long before the usual next scan. Also heard while a turn is under way. */
  private wakeWithin(ms: number): void {
    const at = performance.now() + Math.max(ms, MIN_PAUSE_MS);
    if (at >= this.wakeAt) return;
    this.wakeAt = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), at - performance.now());
  }
}
