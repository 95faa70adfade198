import type { FaultRecord, Records } from '../records.js';
import { keyOf, overAt } from './lookup.js';
import { isSuccess } from './lost.js';
import { matchAttempts } from './matching.js';
import { verdict, type Verdict } from './verdict.js';

/** An outcome is written within this time where nothing is wrong. */
const USUAL_MS = 5_000;

/**
 * A delivery that was accepted once is not sent again, except once for each fault during which its outcome could not be written. An acceptance that
 * came after the time limit does not count: the service could not know of it.
 */
export function duplicates(records: Records): Verdict {
  const { receipts, resends, faults } = records;
  const asked = Map.groupBy(resends, keyOf);
  const violations: string[] = [];
  const exceptions: Record<string, number> = {};
  for (const [key, matched] of matchAttempts(records)) {
    const all = matched.receipts
      .filter(({ receipt, fate }) => isSuccess(receipt.code) && fate !== 'late')
      .map(({ receipt }) => receipt);
    const surplus = all.length - 1 - (asked.get(key)?.length ?? 0);
    if (surplus <= 0) continue;
    const first = Math.min(...all.map(({ at }) => at));
    const last = Math.max(...all.map(({ at }) => at));
    const near = faultsNear({ from: first, to: last }, faults);
    if (near.length === 0) violations.push(`${key} was accepted ${all.length} times without a fault at the time`);
    else if (surplus > near.length) violations.push(`${key} was accepted ${all.length} times with ${near.length} faults`);
    else exceptions[near[0]!.kind] = (exceptions[near[0]!.kind] ?? 0) + surplus;
  }
  return verdict('no duplicate without a fault', receipts.length, violations, exceptions);
}

/** The faults during which an outcome of this time could have been lost: from the first acceptance to the one before the last. */
function faultsNear(span: { from: number; to: number }, faults: readonly FaultRecord[]): FaultRecord[] {
  return faults.filter((fault) => fault.from <= Math.min(span.to, span.from + USUAL_MS) && overAt(fault) >= span.from - USUAL_MS);
}
