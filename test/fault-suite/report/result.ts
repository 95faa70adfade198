import type { Verdict } from '../oracle/verdict.js';
import type { Records } from '../records.js';
import type { Topology } from '../topologies.js';

/** What came out of one topology. */
export interface Result {
  topology: Topology;
  records: Records;
  verdicts: Verdict[];
  /** Kinds of faults that it can't show: why. */
  skipped: [kind: string, why: string][];
}
