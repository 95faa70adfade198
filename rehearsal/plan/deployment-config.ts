import type { DeploymentSettings } from '../model.js';

const MINUTE_MS = 60_000;

/**
 * How traffic is shifted, by the name of one of CodeDeploy's own configurations for ECS.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
 *
 * @throws Error if the name is none of them
 */
export function shiftOf(name: string): DeploymentSettings['shift'] {
  if (name === 'CodeDeployDefault.ECSAllAtOnce') return { kind: 'all-at-once' };
  const canary = /^CodeDeployDefault\.ECSCanary(\d+)Percent(\d+)Minutes$/.exec(name);
  if (canary) return { kind: 'canary', percent: Number(canary[1]), waitMs: Number(canary[2]) * MINUTE_MS };
  const linear = /^CodeDeployDefault\.ECSLinear(\d+)PercentEvery(\d+)Minutes$/.exec(name);
  if (linear) return { kind: 'linear', percent: Number(linear[1]), everyMs: Number(linear[2]) * MINUTE_MS };
  throw new Error(`The deployment configuration ${name} is none of CodeDeploy's own for ECS.`);
}
