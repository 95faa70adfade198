import type { Records } from '../records.js';
import { attempts } from './attempts.js';
import { bytes, once } from './content.js';
import { duplicates } from './duplicates.js';
import { lost } from './lost.js';
import { pollers } from './pollers.js';
import { answers, exits, health, punctual, settled } from './service.js';
import type { Verdict } from './verdict.js';

/** The invariants, in the order of the report. */
const INVARIANTS = [lost, bytes, once, attempts, duplicates, settled, pollers, answers, punctual, health, exits];

/** Judges a run by its records alone. */
export function judge(records: Records): Verdict[] {
  return INVARIANTS.map((invariant) => invariant(records));
}
