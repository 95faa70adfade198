import type { DeploymentSettings } from '../model.js';

const MINUTE_MS = 60_000;

const OWN = 'CodeDeployDefault.';
/** What is played for a configuration that somebody made: the stacks have its name alone. */
const ASSUMED = { kind: 'canary', percent: 10, waitMs: 5 * MINUTE_MS } as const;

/**
 * How traffic is shifted, by the name of one of CodeDeploy's own configurations for ECS.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
 *
 * @throws Error if the name begins as one of them, and is none
 */
export function shiftOf(name: string): DeploymentSettings['shift'] {
  if (!name.startsWith(OWN)) return ASSUMED;
  if (name === 'CodeDeployDefault.ECSAllAtOnce') return { kind: 'all-at-once' };
  const canary = /^CodeDeployDefault\.ECSCanary(\d+)Percent(\d+)Minutes$/.exec(name);
  if (canary) return { kind: 'canary', percent: Number(canary[1]), waitMs: Number(canary[2]) * MINUTE_MS };
  const linear = /^CodeDeployDefault\.ECSLinear(\d+)PercentEvery(\d+)Minutes$/.exec(name);
  if (linear) return { kind: 'linear', percent: Number(linear[1]), everyMs: Number(linear[2]) * MINUTE_MS };
  throw new Error(`The deployment configuration ${name} is none of CodeDeploy's own for ECS.`);
}

/** Says what is assumed of the configuration; null if its name says it. */
export function assumedOf(name: string): string | null {
  if (name.startsWith(OWN)) return null;
  return `The deployment configuration ${name} is not one of CodeDeploy's own: a canary of ${ASSUMED.percent} % for five minutes is played.`;
}
