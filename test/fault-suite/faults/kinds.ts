import { DATABASE_FAULTS } from './database.js';
import type { FaultKind } from './kind.js';
import { OTHER_FAULTS } from './others.js';
import { PROCESS_FAULTS } from './process.js';

/** All kinds of faults. A new one is a new item of one of these lists. */
export const KINDS: readonly FaultKind[] = [...PROCESS_FAULTS, ...DATABASE_FAULTS, ...OTHER_FAULTS];
