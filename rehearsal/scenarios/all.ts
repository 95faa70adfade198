import { CLIENTS } from './clients.js';
import { FAULTS } from './faults.js';
import { RELEASES } from './releases.js';
import { ROLLBACKS } from './rollbacks.js';
import type { Scenario } from './scenario.js';
import { SLOW_CUSTOMERS } from './slow-customers.js';

/** All scenarios, in the order in which they are played: those that are soon taken back come last, so that no long one is left over at the end. */
export const SCENARIOS: readonly Scenario[] = [...RELEASES, ...FAULTS, ...CLIENTS, ...SLOW_CUSTOMERS, ...ROLLBACKS];
