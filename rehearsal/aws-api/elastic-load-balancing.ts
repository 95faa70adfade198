import type { Listener, Registry, TargetHealth, Weights } from '../model.js';
import { AwsError } from './aws-error.js';
import type { ApiService } from './service.js';

/** The most that DescribeRules gives in a page: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html */
const MAX_PAGE = 400;

export interface LoadBalancerParts {
  loadBalancerArn: string;
  listeners: readonly Listener[];
  groups: readonly Registry[];
  /** Rules that stand before the default one, by the listener's ARN. */
  otherRules?: ReadonlyMap<string, readonly Weights[]>;
  /** How many rules are in a page if the caller does not say it. */
  pageSize?: number;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html */
export function loadBalancingService(parts: LoadBalancerParts): ApiService {
  return {
    name: 'Elastic Load Balancing',
    source: 'alb',
    key: '2015-12-01',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    actions: {
      DescribeRules: (input) => describeRules(parts, input),
      DescribeListeners: (input) => describeListeners(parts, input),
      DescribeTargetGroups: (input) => describeTargetGroups(parts, input),
      DescribeTargetHealth: (input) => describeTargetHealth(parts, input),
    },
  };
}

/** The default action is the last rule. */
function describeRules(
  parts: LoadBalancerParts,
  { ListenerArn, RuleArns, Marker = '0', PageSize = parts.pageSize ?? MAX_PAGE }: Record<string, any>,
): object {
  if (!ListenerArn && !RuleArns)
    throw new AwsError('ValidationError', 'You must specify either listener rule ARNs or a listener ARN');
  const of = ListenerArn ? [listenerOf(parts, ListenerArn)] : parts.listeners;
  const rules = of
    .flatMap((listener) => rulesOf(parts, listener))
    .filter(({ RuleArn }) => !RuleArns || RuleArns.includes(RuleArn));
  if (RuleArns && rules.length < RuleArns.length) throw new AwsError('RuleNotFound', 'One or more rules not found');
  const [at, size] = [Number(Marker), Math.min(Number(PageSize), MAX_PAGE)];
  const next = at + size < rules.length ? String(at + size) : undefined;
  return { Rules: rules.slice(at, at + size), NextMarker: next };
}

function rulesOf({ otherRules }: LoadBalancerParts, listener: Listener) {
  const others = otherRules?.get(listener.arn) ?? [];
  return [...others, listener.weights].map((weights, at) => ({
    RuleArn: `${listener.arn.replace(':listener/', ':listener-rule/')}/${at.toString(16).padStart(16, '0')}`,
    Priority: at < others.length ? String(at + 1) : 'default',
    Conditions: at < others.length ? [{ Field: 'path-pattern', Values: [`/${at + 1}/*`] }] : [],
    Actions: [forwardTo(weights)],
    IsDefault: at === others.length,
  }));
}

/** One target group stands at the action itself too, several don't. */
function forwardTo(weights: Weights): object {
  const groups = [...weights].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
  const [first, second] = groups;
  return {
    Type: 'forward',
    TargetGroupArn: second ? undefined : first?.TargetGroupArn,
    ForwardConfig: { TargetGroups: groups, TargetGroupStickinessConfig: { Enabled: false } },
  };
}

function describeListeners(parts: LoadBalancerParts, { ListenerArns, LoadBalancerArn }: Record<string, any>): object {
  if (LoadBalancerArn && LoadBalancerArn !== parts.loadBalancerArn)
    throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
  const listeners: readonly Listener[] = ListenerArns?.map((arn: string) => listenerOf(parts, arn)) ?? parts.listeners;
  return {
    Listeners: listeners.map(({ arn, port, weights }) => ({
      ListenerArn: arn,
      LoadBalancerArn: parts.loadBalancerArn,
      Port: port,
      Protocol: 'HTTP',
      DefaultActions: [forwardTo(weights)],
    })),
  };
}

function describeTargetGroups(parts: LoadBalancerParts, { TargetGroupArns, Names }: Record<string, any>): object {
  const wanted: string[] | undefined = TargetGroupArns ?? Names;
  const groups = parts.groups.filter(({ settings: { arn, name } }) => !wanted || wanted.includes(arn) || wanted.includes(name));
  if (wanted && groups.length < wanted.length) throw groupNotFound();
  return {
    TargetGroups: groups.map(({ settings }) => ({
      TargetGroupArn: settings.arn,
      TargetGroupName: settings.name,
      Protocol: 'HTTP',
      TargetType: 'ip',
      HealthCheckEnabled: true,
      HealthCheckPath: settings.healthPath,
      HealthCheckIntervalSeconds: settings.intervalMs / 1_000,
      HealthCheckTimeoutSeconds: settings.timeoutMs / 1_000,
      HealthyThresholdCount: settings.healthyThreshold,
      UnhealthyThresholdCount: settings.unhealthyThreshold,
      Matcher: { HttpCode: settings.matcher },
      LoadBalancerArns: parts.listeners.some(({ weights }) => weights.has(settings.arn)) ? [parts.loadBalancerArn] : [],
    })),
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
function describeTargetHealth({ groups }: LoadBalancerParts, { TargetGroupArn, Targets }: Record<string, any>): object {
  const group = groups.find(({ settings }) => settings.arn === TargetGroupArn);
  if (!group) throw groupNotFound();
  const asked: string[] | null = Targets?.map(({ Id }: { Id: string }) => Id) ?? null;
  const known = group.health().filter(({ target }) => !asked || asked.includes(target.id));
  const unknown = (asked ?? []).filter((id) => !known.some(({ target }) => target.id === id));
  return { TargetHealthDescriptions: [...known.map(described), ...unknown.map(notRegistered)] };
}

function described({ target, state, reason }: TargetHealth): object {
  return {
    Target: { Id: target.id, Port: target.port, AvailabilityZone: target.zone },
    HealthCheckPort: String(target.port),
    TargetHealth: { State: state, Reason: reason ?? undefined },
  };
}

function notRegistered(id: string): object {
  return { Target: { Id: id }, TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } };
}

function listenerOf({ listeners }: LoadBalancerParts, arn: string): Listener {
  const listener = listeners.find((one) => one.arn === arn);
  if (!listener) throw new AwsError('ListenerNotFound', 'One or more listeners not found');
  return listener;
}

function groupNotFound(): AwsError {
  return new AwsError('TargetGroupNotFound', 'One or more target groups not found');
}
