import type { Clock } from './model.js';

/**
 * A clock on which everything takes `speed` times less than on AWS. One factor for all: alarms count minutes of failures that health checks end
 * after seconds, so a different factor for each would make alarms that AWS does not have.
 */
export function clockOf(speed: number): Clock {
  const began = performance.now();
  const shortened = (awsMs: number) => awsMs / speed;
  return { now: () => performance.now() - began, minutes: shortened, seconds: shortened };
}
