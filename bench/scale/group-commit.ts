import { percentile } from '../figures.js';
import { randomOf } from './random.js';

/**
 * A group commit as src/async/batcher.ts does it: what arrives while all commits are under way forms the next group, and a lone
 * arrival waits for nobody. A commit of n takes baseMs + n × rowMs.
 */
export interface GroupCommit {
  /** Arrivals a second at one process. */
  rate: number;
  /** Commits that may be under way. */
  inFlight: number;
  baseMs: number;
  rowMs: number;
  /** Most members of a group. */
  most: number;
}

export interface Groups {
  /** Members of a group, on average. */
  size: number;
  /** From the arrival to the end of the commit, in ms, on average. */
  latencyMs: number;
}

const STEPS = 200;

/** The most that it carries, a second: all groups full. */
export function capacityOf({ inFlight, baseMs, rowMs, most }: GroupCommit): number {
  return (inFlight * most * 1000) / (baseMs + most * rowMs);
}

/**
 * Group size and latency by formula. Between two ends of commits, T ÷ inFlight apart, m = rate × T ÷ inFlight arrive: as many are the next
 * group, or one, if none has come (probability e^-m) and the next arrival finds a free place. T depends on the size, so the size is a fixed
 * point: n = m + e^-m, where m = rate × (baseMs + n × rowMs) ÷ inFlight.
 */
export function groupsByFormula(own: GroupCommit): Groups {
  if (own.rate >= capacityOf(own)) return { size: own.most, latencyMs: Infinity };
  let size = 1;
  let between = 0;
  for (let step = 0; step < STEPS; step++) {
    between = ((own.rate / 1000) * (own.baseMs + size * own.rowMs)) / own.inFlight;
    size = Math.min(own.most, between + Math.exp(-between));
  }
  // Most members are in large groups: what a member sees is E(n²) ÷ E(n).
  const seen = (between * between + between + Math.exp(-between)) / (between + Math.exp(-between));
  // The next of several ends that lie anywhere within T is T ÷ (inFlight + 1) away; the share that met a free place doesn't wait.
  const waiting = between / (between + Math.exp(-between));
  const waitMs = (waiting * (own.baseMs + size * own.rowMs)) / (own.inFlight + 1);
  return { size, latencyMs: waitMs + own.baseMs + Math.min(seen, own.most) * own.rowMs };
}

/** The same, arrival by arrival. Times of commits are spread, as those of disks are. The first tenth doesn't count. */
export function simulateGroups(own: GroupCommit, spread: number, arrivals: number): Groups & { p99Ms: number } {
  const random = randomOf();
  const ends = new Float64Array(own.inFlight);
  const soonest = () => ends.reduce((least, end) => Math.min(least, end));
  const waiting: number[] = [];
  const latencies: number[] = [];
  let [now, groups] = [0, 0];
  const commit = (at: number, counts: boolean) => {
    const group = waiting.splice(0, own.most);
    const end = at + random.lognormal(own.baseMs + group.length * own.rowMs, spread);
    ends[ends.indexOf(soonest())] = end;
    if (!counts) return;
    groups++;
    for (const arrivedAt of group) latencies.push(end - arrivedAt);
  };
  for (let n = 0; n < arrivals; n++) {
    now += random.exponential(1000 / own.rate);
    const counts = n > arrivals / 10;
    while (waiting.length > 0 && soonest() <= now) commit(soonest(), counts);
    waiting.push(now);
    if (soonest() <= now) commit(now, counts);
  }
  const sum = latencies.reduce((all, one) => all + one, 0);
  return { size: latencies.length / groups, latencyMs: sum / latencies.length, p99Ms: percentile(latencies, 0.99) };
}
