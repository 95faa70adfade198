import type { DeploymentSettings } from '../model.js';

/** Green's share in per cent, and how long it stays before the next step, in ms on AWS. */
export interface ShiftStep {
  percent: number;
  waitMs: number;
}

/**
 * How production traffic moves to green: at once, in two increments, or in equal ones with equal waits between them.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html#deployment-configurations-ecs
 *
 * Assumption: the first increment comes at once, and nothing is waited for after the last. The run on AWS that parts.ts names did so.
 */
export function stepsOf(shift: DeploymentSettings['shift']): ShiftStep[] {
  if (shift.kind === 'all-at-once') return [{ percent: 100, waitMs: 0 }];
  if (shift.kind === 'canary')
    return [
      { percent: shift.percent, waitMs: shift.waitMs },
      { percent: 100, waitMs: 0 },
    ];
  const increments = Math.ceil(100 / shift.percent);
  return Array.from({ length: increments }, (_none, at) => ({
    percent: Math.min(100, (at + 1) * shift.percent),
    waitMs: at + 1 < increments ? shift.everyMs : 0,
  }));
}

/** What AWS has ready for ECS. Any other configuration has a name that its owner chose. */
const OWN_NAMES = new Set([
  'ECSAllAtOnce',
  'ECSCanary10Percent5Minutes',
  'ECSCanary10Percent15Minutes',
  'ECSLinear10PercentEvery1Minutes',
  'ECSLinear10PercentEvery3Minutes',
]);

/** What the configuration is called: CodeDeploy's own have a name that says what they do. */
export function configNameOf(shift: DeploymentSettings['shift']): string {
  const name = nameOf(shift);
  return `${OWN_NAMES.has(name) ? 'CodeDeployDefault' : 'Custom'}.${name}`;
}

function nameOf(shift: DeploymentSettings['shift']): string {
  const minutes = (ms: number) => ms / 60_000;
  if (shift.kind === 'all-at-once') return 'ECSAllAtOnce';
  if (shift.kind === 'canary') return `ECSCanary${shift.percent}Percent${minutes(shift.waitMs)}Minutes`;
  return `ECSLinear${shift.percent}PercentEvery${minutes(shift.everyMs)}Minutes`;
}
