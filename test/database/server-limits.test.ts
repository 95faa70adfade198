import { expect, it } from '@jest/globals';
import { limitProblems } from '../../src/database/server-limits.js';

const variables = (values: Record<string, unknown>) =>
  Object.entries(values).map(([name, value]) => ({ Variable_name: name, Value: String(value) }));
const tidb = (performance: Record<string, number>, more: Record<string, unknown> = {}) =>
  limitProblems(
    variables({
      max_allowed_packet: 67_108_864,
      tidb_txn_entry_size_limit: 0,
      tidb_config: JSON.stringify({ performance }),
      ...more,
    }),
  );
const DEFAULTS = { 'txn-entry-size-limit': 6_291_456, 'txn-total-size-limit': 104_857_600 };

it('the defaults of MySQL, MariaDB and TiDB are enough', () => {
  for (const max_allowed_packet of [67_108_864, 16_777_216]) expect(limitProblems(variables({ max_allowed_packet }))).toEqual([]);
  expect(tidb(DEFAULTS)).toEqual([]);
});

it('each limit that is too small is named, with what to set', () => {
  expect(limitProblems(variables({ max_allowed_packet: 4_194_304 }))).toEqual([
    'set max_allowed_packet to at least 10485760, it is 4194304',
  ]);
  expect(tidb({ 'txn-entry-size-limit': 1_000_000, 'txn-total-size-limit': 10_000_000 })).toEqual([
    'set performance.txn-entry-size-limit of TiDB to at least 3145728, it is 1000000',
    'set performance.txn-total-size-limit of TiDB to at least 52428800, it is 10000000',
  ]);
});

it("TiDB's variable counts before its configuration file, and what is hidden is not judged", () => {
  expect(tidb(DEFAULTS, { tidb_txn_entry_size_limit: 2_000_000 })).toEqual([
    'set tidb_txn_entry_size_limit to at least 3145728, it is 2000000',
  ]);
  expect(tidb({}, { tidb_config: 'hidden' })).toEqual([]);
});
