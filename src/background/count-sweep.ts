import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import {
  ALL_ORGANIZATIONS,
  AttemptCountRepository,
  type CountedEndpoint,
  type EndpointCount,
  type TotalCount,
} from '../database/repositories/attempt-count.repository.js';
import { addCounts, noAttempts, type AttemptCounts } from '../domain/attempt-counts.js';
import { floorTo, MINUTE_MS, minuteOf } from '../domain/count-steps.js';
import type { Piece } from './count-pieces.js';
import type { SharedTurn } from './shared-turn.js';

/**
 * Endpoints of one statement, how many attempts it should read, and how many at most. The embedded database holds up the process while it reads. A
 * server has a time limit for statements, and would first copy what is limited.
 */
const SERVER = { endpoints: 500, attempts: 50_000, most: null };
const EMBEDDED = { endpoints: 200, attempts: 5_000, most: 20_000 };
/** The first statement reads the attempts of so much time; the next ones more or less, by what was found. */
const FIRST_MS = 60_000;
const LEAST_MS = 1_000;
const MOST_MS = 43_200_000;

type Turn = Pick<SharedTurn, 'isOver' | 'rest'>;

/**
 * Counts the attempts of all endpoints in a piece of time, and writes the counts, some endpoints after the other. The counts of organisations
 * come last. If the process dies, or two do the same: whoever counts the piece again writes the same, or more if there are more attempts by then.
 */
@Injectable()
export class CountSweep {
  private readonly size: typeof SERVER | typeof EMBEDDED;

  constructor(
    @Inject(APP_CONFIG) config: Pick<AppConfig, 'database'>,
    private readonly counts: AttemptCountRepository,
  ) {
    this.size = config.database.mysqlUrl === null ? EMBEDDED : SERVER;
  }

  /** No attempt is older than this, ms since 1970; null if there can't be any. */
  oldest(): Promise<number | null> {
    return this.counts.oldest();
  }

  /** Answers false if the turn was over before everything was counted. */
  async run(piece: Piece, turn: Turn): Promise<boolean> {
    const totals = new Map<string, TotalCount>();
    const slice = { ms: FIRST_MS };
    for (let after = { appId: '', endpointId: '' }, more = true; more;) {
      const endpoints = await this.counts.endpoints(after, this.size.endpoints);
      more = endpoints.length === this.size.endpoints;
      if (endpoints.length === 0) break;
      const rows = await this.countOf(endpoints, piece, slice, turn);
      if (rows === null) return false;
      await timed(turn, () => this.counts.write(rows));
      if (piece.rollUps.length > 0) await timed(turn, () => this.counts.rollUp(endpoints, piece.rollUps));
      for (const row of rows) addToTotals(totals, row);
      after = endpoints.at(-1)!;
    }
    await this.counts.writeTotals([...totals.values()]);
    await this.counts.rollUpTotals(piece.rollUps);
    return true;
  }

  /** Null if the turn is over. */
  private async countOf(
    endpoints: readonly CountedEndpoint[],
    piece: Piece,
    slice: { ms: number },
    turn: Turn,
  ): Promise<EndpointCount[] | null> {
    const ids = endpoints.map(({ endpointId }) => endpointId);
    const byBucket = new Map<number, Map<string, AttemptCounts>>();
    const end = piece.to * MINUTE_MS;
    for (let from = piece.from * MINUTE_MS; from < end;) {
      if (turn.isOver) return null;
      const begins = floorTo(minuteOf(from), piece.grain);
      const to = Math.min(from + slice.ms, (begins + piece.grain) * MINUTE_MS, end);
      const found = await timed(turn, () => this.counts.count(ids, { from, to }, slice.ms > LEAST_MS ? this.size.most : null));
      slice.ms = this.nextSlice(slice.ms, to - from, found);
      if (found === null) continue;
      byBucket.set(begins, addAll(byBucket.get(begins), found));
      from = to;
    }
    return [...byBucket].flatMap(([begins, byEndpoint]) =>
      endpoints.flatMap((endpoint) => {
        const counts = byEndpoint.get(endpoint.endpointId);
        return counts ? [{ ...endpoint, step: piece.grain, begins, counts }] : [];
      }),
    );
  }

  /** @param readMs how much time the last statement was about */
  private nextSlice(ms: number, readMs: number, found: ReadonlyMap<string, AttemptCounts> | null): number {
    const { attempts, most } = this.size;
    let read = found === null ? most! : 0;
    for (const { delivered, failed } of found?.values() ?? []) read += delivered + failed;
    if (read > attempts) return Math.max(Math.floor((readMs * attempts) / read), LEAST_MS);
    return read * 4 < attempts ? Math.min(ms * 2, MOST_MS) : ms;
  }
}

async function timed<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  await turn.rest(performance.now() - begun);
  return result;
}

function addAll(sums: Map<string, AttemptCounts> | undefined, found: Map<string, AttemptCounts>): Map<string, AttemptCounts> {
  if (!sums) return found;
  for (const [endpointId, counts] of found) {
    const sum = sums.get(endpointId);
    if (sum) addCounts(sum, counts);
    else sums.set(endpointId, counts);
  }
  return sums;
}

function addToTotals(totals: Map<string, TotalCount>, { orgId, step, begins, counts }: EndpointCount): void {
  for (const owner of [orgId, ALL_ORGANIZATIONS]) {
    const key = `${owner}\n${begins}`;
    const total = totals.get(key) ?? { orgId: owner, step, begins, counts: noAttempts() };
    addCounts(total.counts, counts);
    totals.set(key, total);
  }
}
