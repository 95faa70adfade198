import type { TargetGroupSettings } from '../model.js';
import type { Made } from './installation.js';

type Properties = Record<string, any>;

/** What the rehearsal plays, or what says nothing about a release. Anything else could be the mistake that is looked for. */
const PROPERTIES = new Set([
  'Name',
  'VpcId',
  'Port',
  'Tags',
  'TargetGroupAttributes',
  'Matcher',
  'HealthyThresholdCount',
  'UnhealthyThresholdCount',
  'HealthCheckPath',
  'HealthCheckIntervalSeconds',
  'HealthCheckTimeoutSeconds',
]);
const ATTRIBUTES = new Set(['deregistration_delay.timeout_seconds', 'load_balancing.algorithm.type']);
const ALGORITHMS = ['round_robin', 'least_outstanding_requests'] as const;

/**
 * Defaults: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html
 *
 * @throws Error if the group has something that the rehearsal does not play
 */
export function groupOf({ properties }: Made, arn: string): TargetGroupSettings {
  const attributes = attributesOf(properties.TargetGroupAttributes);
  requireKnown(properties, attributes);
  return {
    name: properties.Name,
    arn,
    healthPath: properties.HealthCheckPath ?? '/',
    intervalMs: Number(properties.HealthCheckIntervalSeconds ?? 30) * 1_000,
    timeoutMs: Number(properties.HealthCheckTimeoutSeconds ?? 5) * 1_000,
    healthyThreshold: Number(properties.HealthyThresholdCount ?? 5),
    unhealthyThreshold: Number(properties.UnhealthyThresholdCount ?? 2),
    matcher: properties.Matcher?.HttpCode ?? '200',
    deregistrationDelayMs: Number(attributes['deregistration_delay.timeout_seconds'] ?? 300) * 1_000,
    algorithm: ALGORITHMS.find((name) => name === attributes['load_balancing.algorithm.type']) ?? 'round_robin',
  };
}

export function attributesOf(given: { Key: string; Value: string }[] = []): Record<string, string> {
  return Object.fromEntries(given.map(({ Key, Value }) => [Key, Value]));
}

function requireKnown(properties: Properties, attributes: Record<string, string>): void {
  const {
    Port,
    HealthCheckPort = 'traffic-port',
    TargetType,
    Protocol,
    HealthCheckProtocol = 'HTTP',
    HealthCheckEnabled,
  } = properties;
  const only = { TargetType: 'ip', Protocol: 'HTTP', HealthCheckProtocol: 'HTTP' };
  const given: Properties = { TargetType, Protocol, HealthCheckProtocol };
  const wrong = Object.entries(only).filter(([name, value]) => given[name] !== value);
  const algorithm = attributes['load_balancing.algorithm.type'];
  const faults = [
    ...wrong.map(([name, value]) => `${name} is ${given[name]}, not ${value}`),
    ...(['traffic-port', String(Port)].includes(HealthCheckPort) ? [] : [`HealthCheckPort is ${HealthCheckPort}, not ${Port}`]),
    ...(String(HealthCheckEnabled ?? true) === 'true' ? [] : ['HealthCheckEnabled is false']),
    ...(algorithm === undefined || ALGORITHMS.some((name) => name === algorithm) ? [] : [`the algorithm is ${algorithm}`]),
    ...unknown(Object.keys(properties), new Set([...PROPERTIES, ...Object.keys(only), 'HealthCheckPort', 'HealthCheckEnabled'])),
    ...unknown(Object.keys(attributes), ATTRIBUTES),
  ];
  if (faults.length > 0)
    throw new Error(`The target group ${properties.Name} is not one that can be rehearsed: ${faults.join('; ')}.`);
}

function unknown(names: string[], known: ReadonlySet<string>): string[] {
  return names.filter((name) => !known.has(name)).map((name) => `${name} is not known here`);
}
