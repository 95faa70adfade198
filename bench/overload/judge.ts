import type { Table } from '../report/layout.js';

/** What one kind of requests brought. */
export interface Measured {
  form: string;
  kind: string;
  /** Accepted requests a second, without and with the overload. */
  capacity: number;
  accepted: number;
  /** p50 and p99. */
  acceptedMs: [number, number];
  /** Refused tries a second. */
  refused: number;
  refusedP99Ms: number;
  failedConnects: number;
  /** Other failures, by status or code. */
  others: Record<string, number>;
  neighbourP99Ms: number;
  neighbourFailed: number;
  peakMb: number;
  /** Until a quarter of the capacity is accepted as usual and all deliveries have arrived; null: not within 30 s. */
  backAfterSeconds: number | null;
  /** CPU time during the overload, in cores. */
  serviceShare: number;
  generatorShare: number;
}

/** What is promised. */
export const BOUNDS = { ratio: 0.9, acceptedP99Ms: 1_000, refusedP99Ms: 100, peakMb: 640, backAfterSeconds: 30 };

/** The bounds that it misses, in words. */
export function missed(row: Measured): string[] {
  const { acceptedMs, refusedP99Ms, failedConnects, neighbourP99Ms, neighbourFailed, peakMb, backAfterSeconds } = row;
  const others = Object.entries(row.others).map(([what, count]) => `${count} × ${what}`);
  const checks: [boolean, string][] = [
    [row.accepted / row.capacity >= BOUNDS.ratio, `accepted ${percent(row.accepted / row.capacity)} of the capacity`],
    [acceptedMs[1] <= BOUNDS.acceptedP99Ms, `p99 of accepted requests ${acceptedMs[1].toFixed(0)} ms`],
    [refusedP99Ms <= BOUNDS.refusedP99Ms, `p99 of refusals ${refusedP99Ms.toFixed(0)} ms`],
    [failedConnects === 0, `${failedConnects} failed connects`],
    [others.length === 0, `other answers: ${others.join(', ')}`],
    [neighbourP99Ms <= BOUNDS.acceptedP99Ms, `p99 of the neighbour ${neighbourP99Ms.toFixed(0)} ms`],
    [neighbourFailed === 0, `${neighbourFailed} failures of the neighbour`],
    [peakMb <= BOUNDS.peakMb, `${peakMb.toFixed(0)} MB of memory`],
    [(backAfterSeconds ?? Infinity) <= BOUNDS.backAfterSeconds, `normal after ${backAfterSeconds ?? 'more than 30'} s`],
  ];
  return checks.flatMap(([kept, text]) => (kept ? [] : [`${row.form}, ${row.kind}: ${text}`]));
}

export function tableOf(measured: readonly Measured[]): Table {
  const columns = [
    'processes',
    'requests',
    'capacity/s',
    'accepted/s',
    'ratio',
    'p50, ms',
    'p99, ms',
    'refused/s',
    'refusals p99, ms',
    'failed connects',
    'other failures',
    'neighbour p99, ms',
    'neighbour failed',
    'memory, MB',
    'normal after, s',
  ];
  const rows = measured.map((row) => [
    row.form,
    row.kind,
    row.capacity.toFixed(0),
    row.accepted.toFixed(0),
    percent(row.accepted / row.capacity),
    ...row.acceptedMs.map((ms) => ms.toFixed(0)),
    row.refused.toFixed(0),
    row.refusedP99Ms.toFixed(0),
    String(row.failedConnects),
    String(Object.values(row.others).reduce((sum, count) => sum + count, 0)),
    row.neighbourP99Ms.toFixed(0),
    String(row.neighbourFailed),
    row.peakMb.toFixed(0),
    row.backAfterSeconds === null ? '∞' : row.backAfterSeconds.toFixed(0),
  ]);
  return { name: 'overload', title: 'Three times the load that can be served', columns, rows };
}

/** 0 of nothing. */
export function quantile(values: Float64Array, part: number): number {
  return values.toSorted()[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}
