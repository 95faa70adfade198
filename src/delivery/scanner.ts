import { Injectable } from '@nestjs/common';
import { Loop } from '../async/loop.js';
import { EngineStore, type DueRow, type Postponed } from '../database/engine/engine-store.js';
import { errorFields, Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { Dispatcher } from './dispatcher.js';
import { EndpointSpeed } from './endpoint-speed.js';
import { Permits } from './permits.js';
import { Quarantine } from './quarantine.js';
import { SCAN_PAUSE_MS } from './postpone-delay.js';

/** When a postponed delivery comes due sooner, the next scan is sooner too; no pause is shorter than this. */
const MIN_PAUSE_MS = 25;
const MAX_PAUSE_MS = 1_000;
const ROWS = 200;
/** A scan looks at what came due since the last complete scan, and this much longer: transactions commit late. */
const LOOK_BACK_MS = 60_000;
/**
 * Every so often a scan looks at everything that is due, for rows whose commit was later than the look back. Usually it does not: until the
 * database has cleaned up, its index has entries of settled rows, and reading them costs time.
 */
const FULL_EVERY_MS = 60_000;
/** The most endpoints that a scan leaves out. */
const MAX_EXCLUDED = 1_000;

/** Hears how scans went. A failed one usually means that the database is away. */
export interface ScanListener {
  failed(): void;
  succeeded(): void;
}

/**
 * Finds deliveries that are due and that no process works on: retries, scheduled messages, what crashed processes had claimed, and
 * deliveries whose task was lost. It reads without locks and claims into free permits only. If a scan fails: the next one finds the rows.
 */
@Injectable()
export class Scanner {
  private readonly loop = new Loop({
    turn: () => this.turn(),
    failed: (error) => this.failed(error),
    minPauseMs: MIN_PAUSE_MS,
  });
  private listener: ScanListener | null = null;
  private isAway = false;
  private lastCompleteAt = Number.NEGATIVE_INFINITY;
  private lastFullAt = Number.NEGATIVE_INFINITY;
  private rowsFound = 0;
  /** Turns to scan that this process has: each turn brings its share of one. */
  private credit = 0;
  /** From the beginning of the last scan to the next turn, in ms. */
  private periodMs = SCAN_PAUSE_MS;
  /** Endpoints whose deliveries were postponed since the last complete scan. */
  private readonly postponedIds = new Set<string>();
  /** When the oldest row of the last scan came due, on the monotonic clock. */
  private oldestDueAt = 0;
  /** The same of rows to endpoints that are not slow; null if it found none. */
  private oldestPromptAt: number | null = null;

  constructor(
    private readonly store: EngineStore,
    private readonly dispatcher: Dispatcher,
    private readonly permits: Permits,
    private readonly log: Log,
    private readonly gate: ReleaseGate,
    private readonly quarantine: Quarantine,
    private readonly speeds: EndpointSpeed,
  ) {}

  /** Before anything is claimed. The embedded database has one process: all claims of the one before are released. Answers how many deliveries. */
  recover(): Promise<number> {
    return this.store.recover();
  }

  /** Scans until `stop`. `listener` hears of each scan that failed, and of each that did not. */
  start(listener: ScanListener): void {
    this.listener = listener;
    this.dispatcher.onPostponed = (later) => this.postponed(later);
    this.dispatcher.mayResume = () => this.mayScan;
    this.loop.start();
  }

  /** No scan begins after this. Resolves when the one under way has ended. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** How many due deliveries the last scan found, up to its limit; 0 where this process doesn't scan. */
  get found(): number {
    return this.mayScan ? this.rowsFound : 0;
  }

  /** How late the oldest of them is by now, in ms. It grows while a scan waits for permits. */
  get lagMs(): number {
    return this.found > 0 ? performance.now() - this.oldestDueAt : 0;
  }

  /** The same without deliveries to slow endpoints, in ms: those are late because of their receivers, however much this service does. */
  get promptLagMs(): number {
    return this.found > 0 && this.oldestPromptAt !== null ? performance.now() - this.oldestPromptAt : 0;
  }

  /** One scan. Answers false if there may be more that is due: the next scan is then at once. */
  async scan(): Promise<boolean> {
    const startedAt = performance.now();
    const full = startedAt - this.lastFullAt >= FULL_EVERY_MS;
    const withinMs = full ? null : startedAt - this.lastCompleteAt + LOOK_BACK_MS;
    const rows = await this.store.due(ROWS, withinMs);
    this.rowsFound = rows.length;
    if (rows[0]) this.oldestDueAt = performance.now() - rows[0].lateMs;
    this.oldestPromptAt = this.oldestPromptOf(rows);
    // If the process stops or loses its traffic meanwhile, the rest is still due, and other processes find it.
    const all = await this.dispatch(rows);
    if (all && rows.length === ROWS) await this.scanOthers(withinMs);
    if (!all || rows.length === ROWS) return false;
    // Nothing of it waits any more.
    this.oldestPromptAt = null;
    this.postponedIds.clear();
    this.lastCompleteAt = startedAt;
    if (full) this.lastFullAt = startedAt;
    return true;
  }

  private get mayScan(): boolean {
    return this.listener !== null && !this.loop.isStopping && this.gate.share > 0;
  }

  private async turn(): Promise<number> {
    if (!this.mayScan) return SCAN_PAUSE_MS;
    if (!this.hasTurn()) return this.periodMs;
    await this.permits.waitFor('scanner', () => 1);
    if (!this.mayScan) return 0;
    const startedAt = performance.now();
    const pauseMs = (await this.scan()) ? SCAN_PAUSE_MS : 0;
    this.periodMs = performance.now() - startedAt + pauseMs;
    if (this.isAway) this.log.info('scanner.back', { failures: this.loop.failures });
    this.isAway = false;
    this.listener?.succeeded();
    return pauseMs;
  }

  /** A process with a tenth of the traffic scans in one turn of ten: whoever scans takes all that it finds. */
  private hasTurn(): boolean {
    this.credit += this.gate.pace;
    if (this.credit < 1) return false;
    this.credit -= 1;
    return true;
  }

  private failed(error: unknown): number {
    if (!this.isAway) this.log.warn('scanner.away', errorFields(error));
    this.isAway = true;
    this.listener?.failed();
    return Math.min(SCAN_PAUSE_MS * this.loop.failures, MAX_PAUSE_MS);
  }

  /** If the oldest rows are postponed again and again, the deliveries to other endpoints must not wait behind them. */
  private async scanOthers(withinMs: number | null): Promise<void> {
    if (this.postponedIds.size === 0) return;
    const rows = await this.store.due(ROWS, withinMs, [...this.postponedIds]);
    this.oldestPromptAt ??= this.oldestPromptOf(rows);
    await this.dispatch(rows);
  }

  private oldestPromptOf(rows: readonly DueRow[]): number | null {
    const oldest = rows.find(({ endpointId }) => this.speeds.of(endpointId) !== 'slow');
    return oldest ? performance.now() - oldest.lateMs : null;
  }

  private async dispatch(rows: DueRow[]): Promise<boolean> {
    return this.dispatcher.dispatch(await this.quarantine.sort(rows), 'scanner', () => this.mayScan);
  }

  private postponed(later: readonly Postponed[]): void {
    const delayMs = Math.min(...later.map((ref) => ref.delayMs));
    if (delayMs < SCAN_PAUSE_MS) this.loop.wakeWithin(delayMs);
    for (const { endpointId } of later) if (this.postponedIds.size < MAX_EXCLUDED) this.postponedIds.add(endpointId);
  }
}
