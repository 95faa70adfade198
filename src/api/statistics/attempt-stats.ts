import { Injectable } from '@nestjs/common';
import type { Backfilled, Counted } from '../../background/count-pieces.js';
import { DatabaseClock } from '../../database/database-clock.js';
import {
  AttemptChartRepository,
  type BucketCounts,
  type RankedEndpoint,
  type Scope,
} from '../../database/repositories/attempt-chart.repository.js';
import { SharedWorkRepository } from '../../database/repositories/shared-work.repository.js';
import { addCounts, noAttempts, quantile, type AttemptCounts } from '../../domain/attempt-counts.js';
import {
  ceilTo,
  cover,
  finestKept,
  floorTo,
  frameOf,
  lastingMinutes,
  MINUTE_MS,
  minuteOf,
  stepsOf,
  STEPS,
  type Span,
} from '../../domain/count-steps.js';
import { maskedUrl } from '../../domain/url-password.js';
import { badRequest } from '../http-support/api-error.js';
import type {
  AttemptPoint,
  AttemptStatsOut,
  EndpointAttemptsOut,
  EndpointsQuery,
  EndpointStatsListOut,
} from './attempt-stats.schemas.js';

const DEFAULT_MS = 86_400_000;
const MAX_MS = 400 * 86_400_000;
/** Minutes that may still change are counted anew for each answer, if they had no more attempts than this. */
const FEW = 5_000;

interface Range {
  since: Date | null;
  until: Date | null;
}

/** What is counted so far, in minutes since 1970: see Counted. `since`: from here on; null if nothing is missing before. */
interface Progress {
  reached: number;
  counted: number;
  since: number | null;
}

/** Attempts over time, and endpoints by their attempts: from the counts that AttemptCounter makes, and the attempts that it has not counted yet. */
@Injectable()
export class AttemptStats {
  constructor(
    private readonly charts: AttemptChartRepository,
    private readonly works: SharedWorkRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** The attempts in a time range, by points of equal length. The range is widened to whole points. */
  async overTime(scope: Scope, range: Range): Promise<AttemptStatsOut> {
    const now = this.clock.now();
    const { since, until } = limitsOf(range, now);
    const frame = frameOf(since, until, now);
    const progress = await this.progress(frame.from);
    const points = Array.from({ length: (frame.to - frame.from) / frame.step }, () => noAttempts());
    const add = (minute: number, counts: AttemptCounts) =>
      addCounts(points[Math.floor((minute - frame.from) / frame.step)]!, counts);

    const buckets = await this.charts.buckets(scope, spansOf(frame, stepsOf(frame.step), progress));
    const [final, fresh] = [
      buckets.filter(isBefore(progress.reached)),
      buckets.filter((one) => !isBefore(progress.reached)(one)),
    ];
    for (const { begins, counts } of final) add(begins, counts);
    const areFew = attemptsIn(fresh) <= FEW;
    const from = Math.max(areFew ? progress.reached : progress.counted, frame.from);
    const limits = [from, ...inside(from, frame), frame.to];
    const rest = from < frame.to ? await this.charts.uncounted(scope, limits) : [];
    if (!areFew || rest === null) for (const { begins, counts } of fresh) add(begins, counts);
    for (const [part, counts] of (rest ?? []).entries()) add(limits[part]!, counts);

    const countedUntil = rest === null ? Math.max(progress.counted, frame.from) * MINUTE_MS : Math.min(now, frame.to * MINUTE_MS);
    return answerOf(frame, points, { since: progress.since, until: countedUntil });
  }

  /** The first endpoints of an organisation (null: of all) in this order. */
  async endpoints(
    orgId: string | null,
    { order, limit, ...range }: Omit<EndpointsQuery, 'org_id'>,
  ): Promise<EndpointStatsListOut> {
    const now = this.clock.now();
    const { since, until } = limitsOf(range, now);
    const from = floorTo(minuteOf(since), finestKept(minuteOf(now - since)));
    const to = ceilTo(Math.ceil(until / MINUTE_MS), finestKept(minuteOf(now - until)));
    const progress = await this.progress(from);
    const spans = spansOf({ from, to }, STEPS.toReversed(), progress);
    const found = await this.charts.ranked(orgId, spans, order, limit);
    return {
      since: timeOf(from),
      until: timeOf(to),
      countedSince: timeOf(progress.since),
      countedUntil: timeOf(Math.max(Math.min(progress.counted, to), from)),
      data: found.map(toEndpointOut),
    };
  }

  /**
   * The counts of the longest part of a time range (ms since 1970) that is counted for good, and whose counts are kept as long as attempts are kept
   * for `retentionDays`. `from` and `to` are its limits, in ms since 1970. Null if there is no such part.
   */
  async countedPart(
    scope: Scope,
    { since, until }: { since: number; until: number },
    retentionDays: number,
  ): Promise<{ from: number; to: number; counts: AttemptCounts } | null> {
    const now = this.clock.now();
    const { reached, since: missing } = await this.progress(minuteOf(since));
    const kept = minuteOf(now) - lastingMinutes(retentionDays) + STEPS.at(-1)!;
    const begin = Math.max(Math.ceil(since / MINUTE_MS), missing ?? 0, kept);
    const from = ceilTo(begin, finestKept(minuteOf(now) - begin));
    const end = Math.min(minuteOf(until), reached);
    const to = floorTo(end, finestKept(minuteOf(now) - end));
    if (from >= to) return null;
    const sum = noAttempts();
    for (const { counts } of await this.charts.buckets(scope, cover(from, to, STEPS.toReversed()))) addCounts(sum, counts);
    return { from: from * MINUTE_MS, to: to * MINUTE_MS, counts: sum };
  }

  /** @param from the first minute that matters */
  private async progress(from: number): Promise<Progress> {
    const [counting, filling] = await Promise.all([
      this.works.progress('attempt_counts'),
      this.works.progress('attempt_backfill'),
    ]);
    if (counting === null) return { reached: from, counted: from, since: null };
    const { start, reached, counted } = JSON.parse(counting) as Counted;
    const back = filling === null ? { from: 0, to: start } : (JSON.parse(filling) as Backfilled);
    return { reached, counted, since: back.to > back.from && back.to > from ? back.to : null };
  }
}

/** The time range, in ms since 1970. What is to come is left out. */
function limitsOf(range: Range, now: number): { since: number; until: number } {
  const until = Math.min(range.until?.getTime() ?? now, now);
  const since = range.since?.getTime() ?? until - DEFAULT_MS;
  if (since >= until) throw badRequest('invalid_range', '`since` must be before `until`, and not in the future');
  if (now - since > MAX_MS) throw badRequest('invalid_range', '`since` must not be more than 400 days ago');
  return { since, until };
}

/** The series of buckets that make up a range, as far as it is counted. Longer buckets are there only for what is final. */
function spansOf({ from, to }: Pick<Span, 'from' | 'to'>, steps: readonly number[], { reached, counted }: Progress): Span[] {
  const fresh = { step: 1, from: Math.max(from, reached), to: Math.min(to, counted) };
  return [...cover(from, Math.min(to, reached), steps), ...(fresh.from < fresh.to ? [fresh] : [])];
}

const isBefore =
  (minute: number) =>
  ({ begins }: BucketCounts) =>
    begins < minute;

function attemptsIn(buckets: readonly BucketCounts[]): number {
  return buckets.reduce((sum, { counts }) => sum + counts.delivered + counts.failed, 0);
}

/** The starts of the points after a minute. */
function inside(minute: number, { step, from, to }: Span): number[] {
  const first = from + ceilTo(minute + 1 - from, step);
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / step)) }, (_, n) => first + n * step);
}

function answerOf(
  { step, from, to }: Span,
  points: readonly AttemptCounts[],
  counted: { since: number | null; until: number },
): AttemptStatsOut {
  const total = noAttempts();
  for (const counts of points) addCounts(total, counts);
  return {
    since: timeOf(from),
    until: timeOf(to),
    stepSeconds: step * 60,
    countedSince: timeOf(counted.since),
    countedUntil: new Date(counted.until),
    ...shown(total),
    points: points.map((counts, n) => {
      const at = from + n * step;
      const isCounted = at * MINUTE_MS < counted.until && (counted.since === null || at + step > counted.since);
      return { at: timeOf(at), ...(isCounted ? shown(counts) : NOT_COUNTED) };
    }),
  };
}

const NOT_COUNTED: Omit<AttemptPoint, 'at'> = { delivered: null, failed: null, p50Ms: null, p95Ms: null };

function shown(counts: AttemptCounts) {
  return { delivered: counts.delivered, failed: counts.failed, p50Ms: quantile(counts, 0.5), p95Ms: quantile(counts, 0.95) };
}

function toEndpointOut({ application, endpoint, counts }: RankedEndpoint): EndpointAttemptsOut {
  return {
    appId: application.id,
    appUid: application.uid,
    appName: application.name,
    endpointId: endpoint.id,
    endpointUid: endpoint.uid,
    url: maskedUrl(endpoint.url),
    disabled: endpoint.disabled,
    ...shown(counts),
  };
}

function timeOf(minute: number): Date;
function timeOf(minute: number | null): Date | null;
function timeOf(minute: number | null): Date | null {
  return minute === null ? null : new Date(minute * MINUTE_MS);
}
