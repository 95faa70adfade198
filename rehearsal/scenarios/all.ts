import { CLIENTS } from './clients.js';
import { FAULTS } from './faults.js';
import { RELEASES } from './releases.js';
import { ROLLBACKS } from './rollbacks.js';
import type { Scenario } from './scenario.js';
import { SLOW_CUSTOMERS } from './slow-customers.js';

/**
 * All scenarios. They are played from both ends: those at the front take most of the processors, those at the back least, since their green never
 * has traffic. So two that are played side by side leave enough of two processors to judge p99.
 */
export const SCENARIOS: readonly Scenario[] = [...RELEASES, ...CLIENTS, ...SLOW_CUSTOMERS, ...FAULTS, ...ROLLBACKS];
