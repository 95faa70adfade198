import type { Weights } from '../model.js';

const MAX_WEIGHT = 999;
const MAX_GROUPS = 5;

/**
 * The target group of a request, by chance, each with its share of the weights; null if none has any. `random` is in [0, 1). Whether a group has
 * healthy targets plays no part: "the load balancer does not automatically fail over to a target group with healthy targets".
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#forward-actions
 */
export function pick(weights: Weights, random: number): string | null {
  let sum = 0;
  for (const weight of weights.values()) sum += weight;
  let left = random * sum;
  for (const [arn, weight] of weights) {
    left -= weight;
    if (left < 0) return arn;
  }
  return null;
}

/**
 * Throws if AWS would refuse such weights: 0 to 999, at most five groups, each of them known.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#forward-actions
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export function check(weights: Weights, known: ReadonlySet<string>): void {
  if (weights.size === 0 || weights.size > MAX_GROUPS)
    throw new Error(`A rule forwards to 1 to ${MAX_GROUPS} target groups, not to ${weights.size}`);
  for (const [arn, weight] of weights) {
    if (!known.has(arn)) throw new Error(`TargetGroupNotFound: ${arn}`);
    if (!Number.isInteger(weight) || weight < 0 || weight > MAX_WEIGHT)
      throw new Error(`The weight of ${arn} is 0 to ${MAX_WEIGHT}, not ${weight}`);
  }
}
