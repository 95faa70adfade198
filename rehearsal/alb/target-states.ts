import type { TargetGroupSettings, TargetState } from '../model.js';

/** What came of a health check. */
export type Outcome = 'passed' | 'timeout' | 'mismatch' | 'failed';

/** What health checks have made of a target. */
export interface Standing {
  readonly state: TargetState;
  readonly reason: string | null;
  /** Checks in a row, up to the last one, that passed or failed. */
  readonly passed: number;
  readonly failed: number;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
const REASON = {
  timeout: 'Target.Timeout',
  mismatch: 'Target.ResponseCodeMismatch',
  failed: 'Target.FailedHealthChecks',
} as const;

/** Before the first check. */
export const REGISTERING: Standing = { state: 'initial', reason: 'Elb.RegistrationInProgress', passed: 0, failed: 0 };

/** During the deregistration delay. */
export const DRAINING: Standing = { state: 'draining', reason: 'Target.DeregistrationInProgress', passed: 0, failed: 0 };

/** After it. */
export const UNUSED: Standing = { state: 'unused', reason: 'Target.NotRegistered', passed: 0, failed: 0 };

/**
 * What one more health check makes of a target.
 *
 * A new target is healthy after "the first initial health check, irrespective of the configured threshold".
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#registered-targets
 * HealthyThresholdCount is for a target that was unhealthy, and UnhealthyThresholdCount for any.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 * A new one that fails stays `initial` until then, with Elb.InitialHealthChecking: "still sending the target the minimum number of health
 * checks required to determine its health status".
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
export function judged(before: Standing, outcome: Outcome, settings: TargetGroupSettings): Standing {
  if (outcome === 'passed') {
    const passed = before.passed + 1;
    if (before.state === 'unhealthy' && passed < settings.healthyThreshold) return { ...before, passed, failed: 0 };
    return { state: 'healthy', reason: null, passed, failed: 0 };
  }
  const failed = before.failed + 1;
  if (before.state === 'unhealthy' || failed >= settings.unhealthyThreshold)
    return { state: 'unhealthy', reason: REASON[outcome], passed: 0, failed };
  const reason = before.state === 'initial' ? 'Elb.InitialHealthChecking' : before.reason;
  return { ...before, reason, passed: 0, failed };
}
