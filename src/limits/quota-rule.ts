import type { Counter } from '../cache/shared-counters.js';

/** The time that a quota is for: a day or a calendar month, UTC. */
export type QuotaPeriod = 'day' | 'month';

/** The quotas of an organisation today. 0 is none. */
export interface QuotaRule {
  /** Such as `2026-11-28`. */
  today: string;
  perDay: number;
  perMonth: number;
}

const DAY_MS = 86_400_000;
/** Counters are kept a while longer than their time, because clocks differ. */
const KEEP_MS = { day: 2 * DAY_MS, month: 33 * DAY_MS };
/** A process takes at most this part of a quota at once, and at most this many units. */
const PART = 100;
const MAX_BLOCK = 100;

/** The quotas that are set, in the order of their counters. */
export function periodsOf({ perDay, perMonth }: QuotaRule): QuotaPeriod[] {
  return [...(perDay > 0 ? (['day'] as const) : []), ...(perMonth > 0 ? (['month'] as const) : [])];
}

/** The counters of the quotas that are set. */
export function countersOf(orgId: string, rule: QuotaRule): Counter[] {
  return periodsOf(rule).map((period) =>
    period === 'day'
      ? { key: `day:${rule.today}:${orgId}`, limit: rule.perDay, keepMs: KEEP_MS.day }
      : { key: `month:${rule.today.slice(0, 7)}:${orgId}`, limit: rule.perMonth, keepMs: KEEP_MS.month },
  );
}

/** The most units that a process has at once and has not used. */
export function maxBlockOf({ perDay, perMonth }: QuotaRule): number {
  const tightest = Math.min(...[perDay, perMonth].filter((limit) => limit > 0));
  return Math.max(1, Math.min(MAX_BLOCK, Math.floor(tightest / PART)));
}

export function isSameRule(one: QuotaRule, other: QuotaRule): boolean {
  return one.today === other.today && one.perDay === other.perDay && one.perMonth === other.perMonth;
}

/** ms until the day or its month ends, at least 1. */
export function msUntilEnd(period: QuotaPeriod, today: string, nowMs: number): number {
  const start = new Date(`${today}T00:00:00Z`);
  const end = period === 'day' ? start.getTime() + DAY_MS : Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
  return Math.max(1, end - nowMs);
}
