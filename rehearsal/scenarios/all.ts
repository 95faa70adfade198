import { CLIENTS } from './clients.js';
import { FAULTS } from './faults.js';
import { RELEASES } from './releases.js';
import { ROLLBACKS } from './rollbacks.js';
import type { Scenario } from './scenario.js';
import { SLOW_CUSTOMERS } from './slow-customers.js';

/** All scenarios, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [...RELEASES, ...ROLLBACKS, ...FAULTS, ...CLIENTS, ...SLOW_CUSTOMERS];
