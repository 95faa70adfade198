import type { Table } from '../../../bench/report/layout.js';
import { KINDS } from '../faults/kinds.js';
import type { FaultRecord, Records } from '../records.js';
import type { Result } from './result.js';

const COLUMNS = [
  'fault',
  'times',
  'answers meanwhile',
  'slowest answer, s',
  'accepts, s',
  'delivers, s',
  'green, s',
  'duplicates',
];

/** One row for each kind of fault, over all topologies. Seconds are from the end of the fault: median and worst. */
export function faultTable(results: readonly Result[]): Table {
  const rows = KINDS.flatMap(({ name }) => {
    const cases = results.flatMap(({ records }) =>
      records.faults.filter(({ kind }) => kind === name).map((fault) => ({ fault, records })),
    );
    return cases.length === 0 ? [] : [rowOf(name, cases, duplicatesOf(name, results))];
  });
  return { name: 'faults', title: 'What a fault does', columns: COLUMNS, rows };
}

function rowOf(name: string, cases: { fault: FaultRecord; records: Records }[], duplicates: number): string[] {
  const during = cases.flatMap(({ fault, records }) => records.tries.filter(({ at }) => at >= fault.from && at <= fault.to));
  const over = (pick: (fault: FaultRecord) => number | null) => spread(cases.map(({ fault }) => pick(fault)));
  const slowest = during.reduce((most, { ms, status }) => (status === 0 ? most : Math.max(most, ms)), 0);
  return [
    name,
    String(cases.length),
    shares(during.map(({ status }) => status)),
    (slowest / 1000).toFixed(1),
    over(({ acceptsMs }) => acceptsMs),
    over(({ deliversMs }) => deliversMs),
    over(({ greenMs }) => greenMs),
    String(duplicates),
  ];
}

/** Such as `202 87 %, 503 12 %, none 1 %`. */
function shares(statuses: readonly number[]): string {
  if (statuses.length === 0) return '–';
  const counts = [...Map.groupBy(statuses, (status) => status)].map(([status, { length }]) => [status, length] as const);
  return counts
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) => `${status === 0 ? 'none' : status} ${percent(count / statuses.length)}`)
    .join(', ');
}

function percent(share: number): string {
  const number = share * 100;
  return `${number >= 10 || number === 0 ? number.toFixed(0) : number.toFixed(1)} %`;
}

function spread(values: readonly (number | null)[]): string {
  if (values.includes(null)) return 'never';
  const sorted = (values as number[]).toSorted((a, b) => a - b);
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return `${seconds(sorted[Math.floor(sorted.length / 2)]!)} / ${seconds(sorted.at(-1)!)}`;
}

function duplicatesOf(kind: string, results: readonly Result[]): number {
  return results
    .flatMap(({ verdicts }) => verdicts)
    .reduce((sum, { invariant, exceptions }) => sum + (invariant.startsWith('no duplicate') ? (exceptions[kind] ?? 0) : 0), 0);
}
