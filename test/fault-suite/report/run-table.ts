import { loadavg } from 'node:os';
import type { Table } from '../../../bench/report/layout.js';
import type { Result } from './result.js';

/** What the tables of a run are of. */
export function runTable(results: readonly Result[], { seed, startedAt }: { seed: number; startedAt: number }): Table {
  const sum = (count: (result: Result) => number) =>
    results.reduce((total, result) => total + count(result), 0).toLocaleString('en');
  return {
    name: 'faults-run',
    title: 'The run',
    columns: ['seed', 'topologies', 'messages', 'faults', 'requests', 'minutes', 'load average at the end'],
    rows: [
      [
        String(seed),
        String(results.length),
        sum(({ records }) => records.sent.filter(({ answer }) => answer === 'accepted').length),
        sum(({ records }) => records.faults.length),
        sum(({ records }) => records.tries.length),
        ((Date.now() - startedAt) / 60_000).toFixed(0),
        loadavg()[1]!.toFixed(1),
      ],
    ],
  };
}
