import type { Alarms, Clock, DeploymentSettings, Functions, Journal, Listener, Registry, Service } from '../model.js';

/** What a deployment group works with. */
export interface DeploymentParts {
  settings: DeploymentSettings;
  service: Service;
  groups: readonly [Registry, Registry];
  production: Listener;
  /** Optional on AWS too. */
  test: Listener | null;
  functions: Functions;
  alarms: Alarms;
  clock: Clock;
  journal: Journal;
  assumptions: Assumptions;
}

/** What AWS documents nowhere, and limits that a rehearsal may shorten. Times in ms on AWS. */
export interface Assumptions {
  /** Between two looks at the alarms. Shortened like the waits between phases, so that it keeps its relation to the alarms' periods. */
  alarmPollMs: number;
  /** Between two looks at green's steady state. Shortened like what happens inside of a phase. */
  steadyPollMs: number;
  /**
   * Until a hook without a verdict fails its event. Documented: an hour.
   * https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
   */
  hookLimitMs: number;
  /** Where a deployment with a ready wait waits. Documented: before traffic is rerouted. Not documented: before or after that hook. */
  readyWaitBefore: 'BeforeAllowTraffic' | 'AllowTraffic';
  /** What becomes of task sets that a deployment without rollback left behind, when the next one makes green. */
  leftBehind: 'delete' | 'keep';
}

/**
 * Where there was nothing in AWS's documentation, a run on AWS that somebody published was looked at:
 * https://github.com/josefloressv/aws-devops-engineer/blob/main/scenarios/domain-1-sdlc/ecs-bluegreen-codedeploy/README.md
 *
 * Assumption: alarms are looked at every ten seconds. In that run a deployment was stopped within 23 s of an alarm; it was asked about every
 * 23 s.
 */
export const ASSUMPTIONS: Assumptions = {
  alarmPollMs: 10_000,
  steadyPollMs: 5_000,
  hookLimitMs: 3_600_000,
  readyWaitBefore: 'BeforeAllowTraffic',
  leftBehind: 'delete',
};
