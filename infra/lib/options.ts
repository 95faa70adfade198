import type { Node } from 'constructs';
import { pipeline, sizes, type SizeName } from './settings.ts';

/** What differs between installations; given as `-c name=value`, or kept in cdk.json under "context". */
export interface Options {
  size: SizeName;
  /** `owner/name` of the Git repository that is built. */
  repository: string;
  branch: string;
  /** A connection to the Git host that was approved already; without it one to GitHub is made, to be approved once. */
  connectionArn: string | null;
  /** With a domain everything is TLS; without one the API is plain HTTP, for a first look. */
  domain: { name: string; zoneId: string } | null;
  alarmEmail: string | null;
  /** Managed rules and a limit of requests an address, in front of the load balancer. */
  waf: { requestsPer5Minutes: number } | null;
  /** How CPU decides on the number of tasks: kept at a target, or one more above 80 % and one fewer below 30 %. */
  cpuScaling: 'target' | 'steps';
  databaseProxy: boolean;
  /** Availability zones; not part of a size, since the service's subnets can't be changed afterwards. */
  zones: number;
  /** How CodeDeploy shifts traffic. */
  deploymentConfig: string;
  /** How long blue stays after the shift, able to take the traffic back. */
  terminationWaitMinutes: number;
  /** A person has to say yes between migration and deployment. */
  approval: boolean;
}

/** The context is not usable; the message has one sentence a fault. */
export class BadOptions extends Error {
  override readonly name = 'BadOptions';
}

type Reader = (name: string) => string | null;

/** Reads and checks the options from the app's context. Throws BadOptions with every fault at once. */
export function optionsFrom(node: Node): Options {
  const read: Reader = (name) => {
    const value: unknown = node.tryGetContext(name);
    return value === undefined || value === null || value === '' ? null : String(value);
  };
  const faults = faultsOf(read);
  if (faults.length > 0) throw new BadOptions(faults.join('\n'));
  const limit = read('waf');
  return {
    size: read('size') as SizeName,
    repository: read('repository')!,
    branch: read('branch') ?? pipeline.branch,
    connectionArn: read('connectionArn'),
    domain: read('domainName') ? { name: read('domainName')!, zoneId: read('hostedZoneId')! } : null,
    alarmEmail: read('alarmEmail'),
    waf: limit === null || limit === 'false' ? null : { requestsPer5Minutes: limit === 'true' ? 10_000 : Number(limit) },
    cpuScaling: (read('cpuScaling') ?? 'target') as Options['cpuScaling'],
    databaseProxy: read('databaseProxy') === 'true',
    zones: Number(read('zones') ?? 3),
    deploymentConfig: read('deploymentConfig') ?? 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    terminationWaitMinutes: Number(read('terminationWaitMinutes') ?? 15),
    approval: read('approval') === 'true',
  };
}

function faultsOf(read: Reader): string[] {
  const given = (name: string) => read(name) ?? '';
  const optional = (name: string, pattern: RegExp) => read(name) === null || pattern.test(given(name));
  const checks: [boolean, string][] = [
    [given('size') in sizes, `size must be ${Object.keys(sizes).join(', ')}.`],
    [/^[\w.-]+\/[\w./-]+$/.test(given('repository')), 'repository is missing: give -c repository=OWNER/NAME.'],
    [optional('connectionArn', /^arn:[^:]+:code(star-)?connections:/), 'connectionArn must be the ARN of a connection.'],
    [(read('domainName') === null) === (read('hostedZoneId') === null), 'domainName and hostedZoneId go together.'],
    [optional('waf', /^(true|false|[1-9]\d{1,8})$/), 'waf must be true, false, or requests per 5 minutes and address.'],
    [optional('cpuScaling', /^(target|steps)$/), 'cpuScaling must be target or steps.'],
    [optional('databaseProxy', /^(true|false)$/), 'databaseProxy must be true or false.'],
    [optional('zones', /^[23]$/), 'zones must be 2 (for regions that have no more) or 3.'],
    [optional('approval', /^(true|false)$/), 'approval must be true or false.'],
    [optional('deploymentConfig', /^[\w.-]+$/), 'deploymentConfig must name a deployment configuration of CodeDeploy.'],
    [
      optional('terminationWaitMinutes', /^\d{1,4}$/) && Number(read('terminationWaitMinutes') ?? 0) <= 2880,
      'terminationWaitMinutes must be a number of minutes up to 2880.',
    ],
  ];
  return checks.flatMap(([right, fault]) => (right ? [] : [fault]));
}
