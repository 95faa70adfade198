import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { TurnBudget } from '../async/turn-budget.js';
import { Log } from '../observability/log.js';
import { Metrics } from '../observability/metrics.js';
import { FIRST_RATE, fits, hasPartLeft, limitOf, MIN_IN_FLIGHT, rateAfter, rateAtRest, weightOf } from './admission-rule.js';
import { shareFor } from './delivery-priority.js';
import { Overloaded } from './ingest-errors.js';

const TICK_MS = 100;
/**
 * What was let in begins its work for so long in one turn of the event loop. Who comes on a new connection waits for several turns, because Node takes
 * one connection from a listener in each; and a refusal waits for one.
 */
const TURN_MS = 25;
/** A tick that comes so late, after so much that was answered, says that the event loop had no rest. */
const LATE_TICK_MS = 2 * TICK_MS;
/** An overload is over when nothing was refused for so long. */
const OVER_AFTER_TICKS = 50;
/** Below this the process is not busy, and its rate says nothing about what it can do. */
const BUSY_IN_FLIGHT = MIN_IN_FLIGHT / 4;
/** A process that was not busy for so long rests: what comes next may be another load. */
const REST_TICKS = 10;

/**
 * Decides whether this process takes one more request that makes deliveries. What it takes is in flight until it is committed or has failed;
 * the rules are in admission-rule.ts and delivery-priority.ts. It costs a few additions for a request, and a look at the numbers every 100 ms.
 *
 * Nothing is shared with other processes: each protects itself. If the process dies, nothing is lost, because nothing was promised.
 */
@Injectable()
export class Admission implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Requests refused so far: because too much was in flight, or because deliveries were late. */
  readonly shed = { queue: 0, deliveries: 0 };
  private readonly owners = new Map<string, { weight: number; bytes: number }>();
  /** Requests that were let in and are not answered yet, whether their work has begun or not. */
  private readonly requests = new Map<string, number>();
  private allRequests = 0;
  private all = 0;
  private bytes = 0;
  private perSecond = FIRST_RATE;
  private limit = limitOf(FIRST_RATE);
  private readonly turns = new TurnBudget(TURN_MS);
  /** How much may begin between two ticks while deliveries are late. */
  private allowance = Infinity;
  private left = Infinity;
  private readonly begun = new Map<string, number>();
  private answered = 0;
  private lowest = 0;
  private busyMs = 0;
  private idleTicks = 0;
  private tickedAt = performance.now();
  private overload: { since: number; shed: number; quietTicks: number } | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.tickedAt = performance.now();
    this.timer = setInterval(() => this.tick(), TICK_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Messages whose requests are in flight. A large batch counts for a quarter of the limit. */
  get inFlight(): number {
    return this.all;
  }

  /** How long a message that comes now would wait for its commit, in ms, by the rate of the last ones. */
  get waitMs(): number {
    return (this.all * 1000) / Math.max(1, this.perSecond);
  }

  /** Whether requests were refused within the last seconds. */
  get isOverloaded(): boolean {
    return this.overload !== null;
  }

  /**
   * Whether a request should be refused before its body is read. `orgId` is undefined if the token is not known yet; such a request is judged later,
   * by `run`. So is the size of a batch. Counts the refusal.
   *
   * @param weight as of `run`; 1 for messages
   */
  refuses(orgId: string | undefined, weight: number): boolean {
    if (orgId === undefined || this.isAlmostIdle(weight)) return false;
    const reason = this.obstacleTo(orgId, weight) ?? (this.fitsRequest(orgId, weight) ? null : 'queue');
    if (reason) this.noteShed(reason);
    return reason !== null;
  }

  private isAlmostIdle(weight: number): boolean {
    return Math.max(this.all, this.allRequests) + weight <= MIN_IN_FLIGHT && this.left > 0;
  }

  /**
   * Counts a request that was not refused and has arrived, until the result is called after its answer. Otherwise what is read and locked for it before its
   * work begins would be a queue without a bound.
   */
  letIn(orgId: string | undefined, weight: number): () => void {
    if (orgId === undefined) return () => {};
    this.countRequest(orgId, weight);
    return () => this.countRequest(orgId, -weight);
  }

  /**
   * Does work that commits so many messages, or counts as them (ALONE_WEIGHT).
   * Throws Overloaded, before the work, if too much is in flight.
   *
   * @param bytes what has to be kept in memory and has no budget of its own
   */
  async run<T>(orgId: string, messages: number, bytes: number, work: () => Promise<T>): Promise<T> {
    const weight = weightOf(messages, this.limit);
    const reason = this.obstacleTo(orgId, weight);
    if (reason) {
      this.noteShed(reason);
      throw new Overloaded();
    }
    this.count(orgId, weight, bytes);
    this.countBegun(orgId, weight);
    try {
      const itsTurn = this.turns.begin();
      if (itsTurn) await itsTurn;
      return await work();
    } finally {
      this.count(orgId, -weight, -bytes);
      this.answered += weight;
      this.lowest = Math.min(this.lowest, this.all);
    }
  }

  private obstacleTo(orgId: string, weight: number): keyof Admission['shed'] | null {
    const own = this.owners.get(orgId);
    const owners = this.owners.size + (own ? 0 : 1);
    const inFlight = { all: this.all, own: own?.weight ?? 0, owners, bytes: this.bytes, ownBytes: own?.bytes ?? 0 };
    if (!fits(inFlight, weight, this.limit)) return 'queue';
    if (this.left > 0) return null;
    const began = this.begun.get(orgId);
    const begun = { own: began ?? 0, owners: this.begun.size + (began === undefined ? 1 : 0) };
    return hasPartLeft(begun, this.allowance) ? null : 'deliveries';
  }

  private fitsRequest(orgId: string, weight: number): boolean {
    const own = this.requests.get(orgId);
    const owners = this.requests.size + (own === undefined ? 1 : 0);
    return fits({ all: this.allRequests, own: own ?? 0, owners, bytes: 0, ownBytes: 0 }, weight, this.limit);
  }

  private countRequest(orgId: string, change: number): void {
    this.allRequests += change;
    const own = (this.requests.get(orgId) ?? 0) + change;
    if (own === 0) this.requests.delete(orgId);
    else this.requests.set(orgId, own);
  }

  private count(orgId: string, weight: number, bytes: number): void {
    this.all += weight;
    this.bytes += bytes;
    const own = this.owners.get(orgId);
    if (!own) {
      this.owners.set(orgId, { weight, bytes });
      return;
    }
    own.weight += weight;
    own.bytes += bytes;
    if (own.weight === 0) this.owners.delete(orgId);
  }

  private countBegun(orgId: string, weight: number): void {
    if (this.allowance === Infinity) return;
    this.left -= weight;
    this.begun.set(orgId, (this.begun.get(orgId) ?? 0) + weight);
  }

  /** Measures the rate, and sets what may begin from now on. */
  private tick(): void {
    const now = performance.now();
    const elapsedMs = Math.max(1, now - this.tickedAt);
    // A late tick alone may be the fault of another process on the machine.
    const hadNoRest = elapsedMs > LATE_TICK_MS && this.answered >= BUSY_IN_FLIGHT;
    const isBusy = this.lowest >= BUSY_IN_FLIGHT || hadNoRest;
    this.perSecond = isBusy ? rateAfter(this.perSecond, this.answered, elapsedMs, this.busyMs) : rateAtRest(this.perSecond);
    this.noteBusy(isBusy, elapsedMs);
    this.limit = limitOf(this.perSecond);
    const share = shareFor((this.metrics.valueOf('due_lag_prompt_seconds') ?? 0) * 1000);
    this.allowance = share === 1 ? Infinity : Math.max(1, (share * this.perSecond * TICK_MS) / 1000);
    this.left = this.allowance;
    this.begun.clear();
    this.answered = 0;
    this.lowest = this.all;
    this.tickedAt = now;
    if (this.overload && ++this.overload.quietTicks >= OVER_AFTER_TICKS) this.endOverload(this.overload, now);
  }

  private noteBusy(isBusy: boolean, elapsedMs: number): void {
    this.idleTicks = isBusy ? 0 : this.idleTicks + 1;
    if (isBusy) this.busyMs += elapsedMs;
    else if (this.idleTicks >= REST_TICKS) this.busyMs = 0;
  }

  private noteShed(reason: keyof Admission['shed']): void {
    this.shed[reason]++;
    if (this.overload) {
      this.overload.quietTicks = 0;
      this.overload.shed++;
      return;
    }
    this.overload = { since: performance.now(), shed: 1, quietTicks: 0 };
    this.log.warn('ingest.overloaded', { reason, inFlight: this.all, limit: this.limit, perSecond: Math.round(this.perSecond) });
  }

  private endOverload({ since, shed }: { since: number; shed: number }, now: number): void {
    this.overload = null;
    this.log.info('ingest.overload_over', { shed, lastedMs: Math.round(now - since) });
  }
}
