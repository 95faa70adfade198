import type { Action, Rule } from '@aws-sdk/client-elastic-load-balancing-v2';

/**
 * The share of the traffic, 0 to 1, that each target group gets by the rules of a listener (the default action is one of them). If
 * several rules forward to a group, its largest share counts. Groups that no rule forwards to are left out.
 */
export function sharesOf(rules: readonly Rule[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const { Actions } of rules) {
    for (const action of Actions ?? []) {
      for (const [group, share] of sharesOfAction(action)) shares.set(group, Math.max(share, shares.get(group) ?? 0));
    }
  }
  return shares;
}

function sharesOfAction({ Type, TargetGroupArn, ForwardConfig }: Action): [group: string, share: number][] {
  if (Type !== 'forward') return [];
  const groups = ForwardConfig?.TargetGroups ?? [];
  if (groups.length < 2) {
    const only = groups[0]?.TargetGroupArn ?? TargetGroupArn;
    return only ? [[only, 1]] : [];
  }
  const weightOf = (weight: number | undefined) => weight ?? 1;
  const sum = groups.reduce((total, { Weight }) => total + weightOf(Weight), 0);
  return groups.flatMap(({ TargetGroupArn: group, Weight }) => (group ? [[group, sum === 0 ? 0 : weightOf(Weight) / sum]] : []));
}
