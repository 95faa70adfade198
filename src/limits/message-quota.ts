import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { SharedCache } from '../cache/shared-cache.js';
import { isUndecided } from '../database/errors.js';
import { OrganizationUsageRepository } from '../database/repositories/organization-usage.repository.js';
import { Blocks, type Given } from './blocks.js';
import { OrganizationLimits } from './organization-limits.js';
import { countersOf, isSameRule, maxBlockOf, msUntilEnd, periodsOf, type QuotaPeriod, type QuotaRule } from './quota-rule.js';
import type { Caller } from './request-throttle.js';
import { RunningTasks } from '../release/running-tasks.js';
import { UsageCounts } from './usage-counts.js';

/** Unused units of a process go back after this time. */
const HOLD_MS = 2_000;
const SWEEP_MS = 1_000;
/** While Redis is away, the database is asked at most this often for each organisation. */
const OWN_SHARE_MS = 10_000;
const MAX_SHARES = 10_000;

/** The organisation has sent as many messages as it may, or would with these. */
export class QuotaExceeded extends Error {
  constructor(
    readonly period: QuotaPeriod,
    readonly limit: number,
    readonly left: number,
    readonly waitMs: number,
  ) {
    super(`The quota of ${limit} messages per ${period} is used up.`);
  }
}

/** The tightest quota of an organisation, and about what is left of it. */
export interface QuotaState {
  period: QuotaPeriod;
  limit: number;
  left: number;
  /** Until the quota begins again. */
  waitMs: number;
}

/** What this process may still let through by itself. */
interface OwnShare {
  rule: QuotaRule;
  left: number;
  readAt: number;
}

/**
 * Counts the messages of an organisation against its quotas of a day and a month. The counters are in Redis; units come from there in
 * blocks. A counter that Redis does not have is made from the usage in the database.
 *
 * - If this process is killed: the units of its block are lost. At most `maxBlockOf` messages less can be sent.
 * - If Redis is emptied: what the processes had not written to the database yet, at most ten seconds of it, and what is left of their
 *   blocks, is not counted. At most so many messages more can be sent.
 * - If Redis is away: each process lets its share of what is left through, by the database. What it let through is subtracted in Redis
 *   later, unless the process is killed before.
 */
@Injectable()
export class MessageQuota implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly blocks: Blocks<QuotaRule>;
  private readonly shares = new LRUCache<string, OwnShare>({ max: MAX_SHARES });
  /** Units that were let through while Redis was away, by organisation. */
  private readonly debts = new LRUCache<string, number>({ max: MAX_SHARES });
  /** Which quota was the tightest at the last look, by organisation. */
  private readonly tightest = new LRUCache<string, QuotaPeriod>({ max: MAX_SHARES });
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: OrganizationLimits,
    private readonly cache: SharedCache,
    private readonly usage: UsageCounts,
    private readonly repository: OrganizationUsageRepository,
    private readonly tasks: RunningTasks,
  ) {
    this.blocks = new Blocks<QuotaRule>({
      take: (orgId, rule, want, back) => this.takeUnits(orgId, rule, want, back),
      maxBlock: maxBlockOf,
      isSame: isSameRule,
      holdMs: HOLD_MS,
    });
  }

  onApplicationBootstrap(): void {
    // What fails is tried again with the next call for the organisation.
    this.timer = setInterval(() => void this.blocks.putBackUnused().catch(() => undefined), SWEEP_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.blocks.putBackUnused(true).catch(() => undefined);
  }

  /**
   * Runs `work`, which creates up to `count` messages, and counts those that it created. Throws QuotaExceeded, before the work, if the
   * organisation may not send so many. If the work fails, nothing is counted, unless the messages may exist nevertheless.
   *
   * @param createdBy how many messages were created
   */
  async charge<T>(caller: Caller, count: number, work: () => Promise<T>, createdBy: (result: T) => number): Promise<T> {
    const limited = await this.reserve(caller.orgId, count);
    try {
      const result = await work();
      const created = createdBy(result);
      if (limited) this.blocks.putBack(caller.orgId, count - created);
      this.usage.addMessages(caller, created);
      return result;
    } catch (error) {
      if (limited && !isUndecided(error)) this.blocks.putBack(caller.orgId, count);
      throw error;
    }
  }

  /** The tightest quota of an organisation; null if it has none, or if none was asked for here yet. */
  stateOf(orgId: string): QuotaState | null {
    const [rule, left, period] = [this.ruleOf(orgId), this.blocks.left(orgId), this.tightest.get(orgId)];
    if (!rule || left === null || !period || !periodsOf(rule).includes(period)) return null;
    const waitMs = msUntilEnd(period, rule.today, this.usage.now());
    return { period, limit: period === 'day' ? rule.perDay : rule.perMonth, left, waitMs };
  }

  /** Null if the organisation has no quota. */
  private ruleOf(orgId: string): QuotaRule | null {
    const { messagesPerDay: perDay, messagesPerMonth: perMonth } = this.limits.of(orgId);
    return perDay === 0 && perMonth === 0 ? null : { today: this.usage.today(), perDay, perMonth };
  }

  /** False if the organisation has no quota. */
  private async reserve(orgId: string, count: number): Promise<boolean> {
    const rule = this.ruleOf(orgId);
    if (!rule || count === 0) return false;
    const { taken, left, waitMs } = await this.blocks.take(orgId, rule, count);
    if (taken) return true;
    const period = this.tightest.get(orgId) ?? periodsOf(rule)[0]!;
    throw new QuotaExceeded(period, period === 'day' ? rule.perDay : rule.perMonth, left, waitMs);
  }

  private async takeUnits(orgId: string, rule: QuotaRule, want: number, back: number): Promise<Given> {
    const counters = countersOf(orgId, rule);
    const debt = this.debts.get(orgId) ?? 0;
    // No other call may subtract it too.
    this.debts.delete(orgId);
    let taken = await this.cache.takeUnits(counters, want, back - debt, null);
    // The new counter begins with the messages that were sent. So neither what goes back nor the debt is in it.
    if (taken === 'unknown') taken = await this.cache.takeUnits(counters, want, 0, await this.sent(orgId, rule));
    if (taken === null || taken === 'unknown') {
      this.owe(orgId, debt);
      return this.takeOwn(orgId, rule, want, back);
    }
    return this.given(orgId, periodsOf(rule)[taken.tightest]!, taken);
  }

  /** Without Redis: from this process's share of what the database says is left. */
  private async takeOwn(orgId: string, rule: QuotaRule, want: number, back: number): Promise<Given> {
    const periods = periodsOf(rule);
    let share = this.shares.get(orgId);
    if (!share || !isSameRule(share.rule, rule) || performance.now() - share.readAt > OWN_SHARE_MS) {
      const sent = await this.sent(orgId, rule);
      const rooms = countersOf(orgId, rule).map(({ limit }, at) => Math.max(0, limit - sent[at]!));
      const room = Math.min(...rooms);
      share = { rule, left: Math.ceil(room / this.tasks.count()), readAt: performance.now() };
      this.shares.set(orgId, share);
      this.tightest.set(orgId, periods[rooms.indexOf(room)]!);
    }
    const granted = Math.min(want, share.left + back);
    share.left += back - granted;
    this.owe(orgId, granted - back);
    return this.given(orgId, this.tightest.get(orgId) ?? periods[0]!, { granted, left: share.left });
  }

  private owe(orgId: string, units: number): void {
    if (units !== 0) this.debts.set(orgId, (this.debts.get(orgId) ?? 0) + units);
  }

  private given(orgId: string, tightest: QuotaPeriod, { granted, left }: Omit<Given, 'waitMs'>): Given {
    this.tightest.set(orgId, tightest);
    return { granted, left, waitMs: msUntilEnd(tightest, this.usage.today(), this.usage.now()) };
  }

  /** The messages that were sent, for each quota, as far as it is known here. */
  private async sent(orgId: string, rule: QuotaRule): Promise<number[]> {
    const written = await this.repository.messages(orgId, rule.today);
    const unwritten = this.usage.unwritten(orgId, rule.today);
    return periodsOf(rule).map((period) => written[period] + unwritten[period]);
  }
}
