import type { Action, Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from '@jest/globals';
import { sharesOf } from '../../src/release/listener-weights.js';

const plain = (group: string): Action => ({ Type: 'forward', TargetGroupArn: group });
const weighted = (weights: Record<string, number | undefined>): Action => ({
  Type: 'forward',
  ForwardConfig: { TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) },
});
/** A plain forward as the load balancer tells it. */
const told = (group: string): Action => ({ ...weighted({ [group]: 1 }), TargetGroupArn: group });
const rules = (...actions: Action[][]): Rule[] =>
  actions.map((Actions, at) => ({ Actions, IsDefault: at === 0, Priority: at === 0 ? 'default' : String(at) }));

describe('the shares of a listener', () => {
  it.each<[string, Rule[], Record<string, number>]>([
    ['no rule', [], {}],
    ['a rule without an action', [{}], {}],
    ['a plain forward', rules([plain('blue')]), { blue: 1 }],
    ['a plain forward with its weight', rules([told('blue')]), { blue: 1 }],
    ['a single group, whatever its weight', rules([weighted({ blue: 7 })]), { blue: 1 }],
    ['a canary', rules([weighted({ blue: 90, green: 10 })]), { blue: 0.9, green: 0.1 }],
    ['weights that are no percentages', rules([weighted({ blue: 3, green: 1 })]), { blue: 0.75, green: 0.25 }],
    ['three groups', rules([weighted({ a: 1, b: 1, c: 2 })]), { a: 0.25, b: 0.25, c: 0.5 }],
    ['all on one of two', rules([weighted({ blue: 0, green: 100 })]), { blue: 0, green: 1 }],
    ['nothing on either', rules([weighted({ blue: 0, green: 0 })]), { blue: 0, green: 0 }],
    ['weights that are not told', rules([weighted({ blue: undefined, green: undefined })]), { blue: 0.5, green: 0.5 }],
    ['a redirect only', rules([{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }]), {}],
    ['a login before the forward', rules([{ Type: 'authenticate-oidc', Order: 1 }, plain('blue')]), { blue: 1 }],
    ['a rule beside the default', rules([plain('site')], [plain('blue')]), { site: 1, blue: 1 }],
    [
      'the largest share of several rules',
      rules([weighted({ blue: 9, green: 1 })], [weighted({ blue: 1, green: 1 })]),
      { blue: 0.9, green: 0.5 },
    ],
  ])('with %s', (_name, given, shares) => {
    expect(Object.fromEntries(sharesOf(given))).toEqual(shares);
  });
});
