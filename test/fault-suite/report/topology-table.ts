import type { Table } from '../../../bench/report/layout.js';
import { attempts, EXCUSED } from '../oracle/attempts.js';
import { bytes } from '../oracle/content.js';
import { duplicates } from '../oracle/duplicates.js';
import { lost } from '../oracle/lost.js';
import type { Verdict } from '../oracle/verdict.js';
import type { Records } from '../records.js';
import type { Result } from './result.js';

const COLUMNS = [
  'topology',
  'messages',
  'deliveries',
  'faults',
  'lost',
  'wrong bytes',
  'duplicates: with a fault',
  'without',
  'answered, not listed: killed',
  'others',
  'open for ever',
  'settled, s',
];

/** One row for each topology, and their sum. */
export function topologyTable(results: readonly Result[]): Table {
  const counts = results.map(({ records }) => countsOf(records));
  const sum = counts[0]!.map((_, at) => counts.reduce((total, row) => total + row[at]!, 0));
  const settled = results.map(({ records: { settledMs } }) => (settledMs === null ? 'never' : (settledMs / 1000).toFixed(0)));
  const rows = results.map(({ topology }, at) => [topology.what, ...counts[at]!.map(text), settled[at]!]);
  return {
    name: 'faults-topologies',
    title: 'What was sent, and what became of it',
    columns: COLUMNS,
    rows: [...rows, ['all', ...sum.map(text), '–']],
  };
}

function countsOf(records: Records): number[] {
  const doubled = duplicates(records);
  const attempted = attempts(records);
  const killed = attempted.exceptions[EXCUSED.killed] ?? 0;
  const open = records.deliveries.filter(({ status }) => status !== 'success' && status !== 'fail').length;
  return [
    records.sent.filter(({ answer }) => answer === 'accepted').length,
    records.deliveries.length,
    records.faults.length,
    count(lost(records)),
    count(bytes(records)),
    Object.values(doubled.exceptions).reduce((sum, times) => sum + times, 0),
    count(doubled),
    killed,
    count(attempted),
    open,
  ];
}

const count = ({ violations }: Verdict) => violations.length;
const text = (number: number) => number.toLocaleString('en');
