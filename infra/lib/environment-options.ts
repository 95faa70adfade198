import { DEPLOYMENT_CONFIG, DEPLOYMENT_CONFIG_RULE, DOMAIN, KMS_KEY, isAddress, isRange, isVpcRange } from './option-forms.ts';
import type { OptionReader, Place } from './option-reader.ts';
import { environment, MAX_NAME_LENGTH, secrets } from './settings.ts';
import { sizes, type SizeName } from './sizes.ts';

/** A VPC that is there already, with its subnets in one order of zones. */
export interface ExistingVpc {
  id: string;
  /** Its range of addresses, such as 10.0.0.0/16. */
  range: string;
  zones: string[];
  /** For a load balancer on the internet; none for an internal one. */
  publicSubnets: string[];
  /** With a way out to the internet. */
  taskSubnets: string[];
  dataSubnets: string[];
  /** Addresses that its tasks have for the outside. */
  outgoingAddresses: string[];
}

/** What differs between the environments that one pipeline releases to, such as staging and production. */
export interface EnvironmentOptions {
  /** The installation's name: prefix of everything that has a name. */
  name: string;
  place: Place | null;
  size: SizeName;
  /** With a domain everything is TLS; without one the API is plain HTTP, for a first look. */
  domain: { name: string; zoneId: string } | null;
  alarmEmail: string | null;
  /** Managed rules and a limit of requests an address, in front of the load balancer. */
  waf: { requestsPer5Minutes: number } | null;
  /** How CPU decides on the number of tasks: kept at a target, or one more above 80 % and one fewer below 30 %. */
  cpuScaling: 'target' | 'steps';
  databaseProxy: boolean;
  /** The snapshot that the database is made from. */
  databaseSnapshot: string | null;
  /** ARN of the KMS key whose data keys seal the secrets of endpoints. */
  kmsKeyArn: string | null;
  /** What an earlier installation of this name left (secrets, logs) is used and not made. */
  kept: boolean;
  /** Availability zones; not part of a size, since the service's subnets can't be changed afterwards. */
  zones: number;
  vpc: ExistingVpc | null;
  /** The load balancer has private addresses only. */
  internal: boolean;
  /** Ranges of addresses that may call the API; empty stands for everybody, or the VPC if the load balancer is internal. */
  callers: string[];
  /** How CodeDeploy shifts traffic. */
  deploymentConfig: string;
  /** How long blue stays after the shift, able to take the traffic back. */
  terminationWaitMinutes: number;
  /** Requests that a release gets from ourselves, if others send fewer. */
  syntheticTraffic: { requestsPerSecond: number } | null;
  /** A person has to say yes before a release comes to this environment. */
  approval: boolean;
  /** The end-to-end tests run here after a release. */
  verify: boolean;
  /** More variables of the container, or other values. */
  variables: Record<string, string>;
}

/** What an object in the option `environments` may have. */
export const ENVIRONMENT_OPTIONS: ReadonlySet<string> = new Set([
  'name',
  'account',
  'region',
  'size',
  'domainName',
  'hostedZoneId',
  'alarmEmail',
  'waf',
  'cpuScaling',
  'databaseProxy',
  'databaseSnapshot',
  'kmsKeyArn',
  'kept',
  'zones',
  'vpcId',
  'vpcRange',
  'vpcZones',
  'publicSubnets',
  'taskSubnets',
  'dataSubnets',
  'outgoingAddresses',
  'internal',
  'callers',
  'deploymentConfig',
  'terminationWaitMinutes',
  'syntheticTraffic',
  'approval',
  'verify',
  'variables',
]);

const NAME = new RegExp(`^(?!.*--)[a-z][a-z0-9-]{1,${MAX_NAME_LENGTH - 2}}[a-z0-9]$`);
const ZONE_ID = /^Z[A-Z0-9]{1,31}$/;
const SUBNET = /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/;

/** Reads the options of one environment; faults are in the reader. */
export function environmentOptions(read: OptionReader, defaultName: string): EnvironmentOptions {
  if (!Object.hasOwn(sizes, read.text('size') ?? '')) read.fault(`size must be ${Object.keys(sizes).join(', ')}.`);
  read.together('domainName', 'hostedZoneId');
  const domain = read.matching('domainName', DOMAIN, 'a host name in small letters, such as webhooks.example.com', null);
  const zoneId = read.matching('hostedZoneId', ZONE_ID, 'the id of a hosted zone, such as Z0123456789ABCDEFGHIJ', null);
  const place = read.place();
  const internal = read.flag('internal', false);
  const waf = wafOf(read);
  const zones = Number(read.matching('zones', /^[23]$/, '2 (for regions that have no more) or 3', '3'));
  return {
    name: nameOf(read, defaultName),
    place,
    size: read.text('size') as SizeName,
    domain: domain ? { name: domain, zoneId: zoneId ?? '' } : null,
    alarmEmail: emailOf(read),
    waf,
    cpuScaling: read.matching('cpuScaling', /^(target|steps)$/, 'target or steps', 'target') as 'target' | 'steps',
    databaseProxy: read.flag('databaseProxy', false),
    databaseSnapshot: read.matching('databaseSnapshot', /^[\w:-]+$/, 'the name or ARN of a snapshot', null),
    kmsKeyArn: read.matching('kmsKeyArn', KMS_KEY, 'the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/…', null),
    kept: read.flag('kept', false),
    zones,
    vpc: vpcOf(read, internal, place),
    internal,
    callers: read.list('callers', isRange, 'ranges of addresses, such as 203.0.113.0/24 (zeros behind the mask)'),
    deploymentConfig: read.matching(
      'deploymentConfig',
      DEPLOYMENT_CONFIG,
      DEPLOYMENT_CONFIG_RULE,
      'CodeDeployDefault.ECSCanary10Percent5Minutes',
    ),
    terminationWaitMinutes: read.number('terminationWaitMinutes', 0, 2880, 15),
    syntheticTraffic: syntheticTrafficOf(read, waf),
    approval: read.flag('approval', false),
    verify: read.flag('verify', false),
    variables: variablesOf(read),
  };
}

/** Who gets the mails, checked. */
export function emailOf(read: OptionReader): string | null {
  return read.matching('alarmEmail', /^[^\s@,;]+@[^\s@,;]+$/, 'an address of e-mail', null);
}

/** The name of an installation, checked. */
export function nameOf(read: OptionReader, otherwise: string): string {
  const rule = `lower-case letters, digits and single hyphens, from 3 to ${MAX_NAME_LENGTH}, beginning with a letter and not ending with a hyphen`;
  const name = read.matching('name', NAME, rule, otherwise);
  if (name.startsWith('internal-')) read.fault('name must not begin with "internal-": a load balancer may not be called so.');
  return name;
}

function wafOf(read: OptionReader): EnvironmentOptions['waf'] {
  const limit = read.matching(
    'waf',
    /^(true|false|[1-9]\d{1,8})$/,
    'true, false, or requests per 5 minutes and address',
    'false',
  );
  return limit === 'false' ? null : { requestsPer5Minutes: limit === 'true' ? 10_000 : Number(limit) };
}

/** lib/synthetic-traffic.ts says why 5 are enough. They come from one address, so a firewall has to let that many through. */
function syntheticTrafficOf(read: OptionReader, waf: EnvironmentOptions['waf']): EnvironmentOptions['syntheticTraffic'] {
  const rule = 'true, false, or 1 to 50 requests a second';
  const given = read.matching('syntheticTraffic', /^(true|false|[1-9]|[1-4]\d|50)$/, rule, 'true');
  if (given === 'false') return null;
  const requestsPerSecond = given === 'true' ? 5 : Number(given);
  if (waf && requestsPerSecond * 300 >= waf.requestsPer5Minutes)
    read.fault(
      `waf must be above ${requestsPerSecond * 300}, the requests per 5 minutes of the synthetic traffic: raise it, or lower syntheticTraffic.`,
    );
  return { requestsPerSecond };
}

function vpcOf(read: OptionReader, internal: boolean, place: Place | null): ExistingVpc | null {
  const id = read.matching('vpcId', /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'the id of a VPC, vpc-…', null);
  const subnets = (name: string) => read.list(name, (item) => SUBNET.test(item), 'ids of subnets, subnet-…');
  const isZone = (item: string) => /^[a-z0-9-]+\d[a-z]$/.test(item) && item.startsWith(place?.region ?? '');
  const range = read.text('vpcRange') ?? '';
  if (range !== '' && !isVpcRange(range)) read.fault('vpcRange must be the range of the VPC, such as 10.0.0.0/16 (/16 to /28).');
  const vpc = {
    range,
    zones: read.list('vpcZones', isZone, `names of availability zones${place ? ` of ${place.region}` : ''}`),
    publicSubnets: subnets('publicSubnets'),
    taskSubnets: subnets('taskSubnets'),
    dataSubnets: subnets('dataSubnets'),
    outgoingAddresses: read.list('outgoingAddresses', isAddress, 'IPv4 addresses'),
  };
  if (id === null) {
    if (Object.values(vpc).some((value) => value.length > 0))
      read.fault('vpcRange, vpcZones, …Subnets and outgoingAddresses need vpcId.');
    return null;
  }
  const all = [...vpc.publicSubnets, ...vpc.taskSubnets, ...vpc.dataSubnets];
  const twice = all.filter((subnet, at) => all.indexOf(subnet) < at);
  if (twice.length > 0)
    read.fault(`publicSubnets, taskSubnets and dataSubnets must be different ones: ${twice.join(' and ')} is there twice.`);
  const zones = vpc.zones.length;
  const right = [vpc.taskSubnets, vpc.dataSubnets, ...(internal ? [] : [vpc.publicSubnets])].every(
    ({ length }) => length === zones,
  );
  if (zones < 2 || !right || vpc.range === '')
    read.fault(
      'vpcId needs vpcRange, vpcZones (two or three), and for each zone one of taskSubnets, dataSubnets and, unless internal, publicSubnets.',
    );
  if (!internal && vpc.outgoingAddresses.length === 0)
    read.fault(
      'vpcId needs outgoingAddresses, those of its NAT gateways: the release check reaches the test listener from them.',
    );
  return { id, ...vpc };
}

/** Of the migration alone: its task has them as secrets, and ECS refuses a name that is in both. */
const MIGRATION_SECRETS = ['DATABASE_MIGRATION_URL', 'DATABASE_ADMIN_URL'];

/** A team may have a name of its own in front of the load balancer. */
const OWN_ADDRESS = 'PUBLIC_URL';

/** Variables that the stack decides on can't be others: they are what makes the task this installation's. */
function variablesOf(read: OptionReader): Record<string, string> {
  const given = read.record('variables');
  for (const [name, value] of Object.entries(given)) {
    const own = Object.hasOwn(environment, name) ? (environment as Record<string, string>)[name] : undefined;
    const isSet = (own?.includes('${') && name !== OWN_ADDRESS) || ['PORT', 'NODE_ENV', 'MIGRATE_ON_START'].includes(name);
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) read.fault(`variables must have names such as LOG_LEVEL: ${name} is not.`);
    else if (Object.hasOwn(secrets, name) || MIGRATION_SECRETS.includes(name) || isSet)
      read.fault(`variables must not have ${name}: the stack sets it.`);
    else if (typeof value !== 'string')
      read.fault(`variables must be texts by name: write "${name}": ${JSON.stringify(String(value))}.`);
  }
  return given as Record<string, string>;
}
