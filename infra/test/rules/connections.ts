import type { Fault } from './fault.ts';
import { ports, type Unit } from './unit.ts';

/** Who opens a connection to whom: `from` and `to` are security groups or ranges of addresses. */
interface Connection {
  from: string;
  to: string;
  port: string;
}

const text = ({ from, to, port }: Connection): string => `${from} → ${to}, ${port}`;
const group = (id: string) => `\${${id}.GroupId}`;
const ANYWHERE = '0.0.0.0/0';

/** Every connection that a security group lets in or out, and nothing else: the allow-list of the network. */
export function connectionFaults(it: Unit): Fault[] {
  if (it.kind !== 'environment') return [];
  const allowed = { in: ingressOf(it).map(text), out: egressOf(it).map(text) };
  const found = { in: connectionsIn(it, 'Ingress').map(text), out: connectionsIn(it, 'Egress').map(text) };
  const where = `lib/network.ts and lib/traffic.ts, security groups of ${it.name}`;
  return (['in', 'out'] as const).flatMap((way) => [
    ...found[way]
      .filter((connection) => !allowed[way].includes(connection))
      .map((connection) => ({
        where,
        what: `remove the rule (${way}) ${connection}, or add it to test/rules/connections.ts`,
        why: 'Only the connections that the parts need are open: the internet reaches the load balancer, and nothing behind it',
      })),
    ...allowed[way]
      .filter((connection) => !found[way].includes(connection))
      .map((connection) => ({
        where,
        what: `add the rule (${way}) ${connection}`,
        why: 'Without it one part can not reach another',
      })),
  ]);
}

function ingressOf(it: Unit): Connection[] {
  const { domain, internal, callers, vpc, verify } = it.environment;
  const { production, test } = ports(it);
  const to = group('NetworkLoadBalancer');
  const everybody = internal ? (vpc?.range ?? '10.64.0.0/16') : ANYWHERE;
  const ranges = callers.length > 0 ? callers : [everybody];
  const hookPorts = ranges.includes(ANYWHERE) ? [test] : [test, production];
  const hooks = internal ? [group('NetworkHook')] : addressesOf(it).map((address) => `${address}/32`);
  return [
    ...ranges.flatMap((from) => [production, ...(domain ? [80] : [])].map((port) => ({ from, to, port: `tcp ${port}` }))),
    ...hooks.flatMap((from) => hookPorts.map((port) => ({ from, to, port: `tcp ${port}` }))),
    { from: to, to: group('NetworkTask'), port: 'tcp 3000' },
    { from: group('NetworkTask'), to: group('NetworkDatabase'), port: 'tcp 3306' },
    { from: group('NetworkDatabaseProxy'), to: group('NetworkDatabase'), port: 'tcp 3306' },
    { from: group('NetworkTask'), to: group('NetworkDatabaseProxy'), port: 'tcp 3306' },
    { from: group('NetworkTask'), to: group('NetworkCache'), port: 'tcp 6379' },
    ...viaProxy(it),
    ...(verify ? [{ from: group('NetworkTask'), to: group('DeploymentTests'), port: 'tcp 0-65535' }] : []),
    ...(verify && internal ? [{ from: group('DeploymentTests'), to, port: `tcp ${production}` }] : []),
  ];
}

function egressOf(it: Unit): Connection[] {
  const { production, test } = ports(it);
  const hook = group('NetworkHook');
  return [
    { from: group('NetworkLoadBalancer'), to: group('NetworkTask'), port: 'tcp 3000' },
    { from: group('NetworkDatabaseProxy'), to: group('NetworkDatabase'), port: 'tcp 3306' },
    ...viaProxy(it),
    ...[...new Set([443, production, test])].map((port) => ({ from: hook, to: ANYWHERE, port: `tcp ${port}` })),
  ];
}

/** What the CDK adds itself, with the port as RDS says it. */
function viaProxy({ environment }: Unit): Connection[] {
  if (!environment.databaseProxy) return [];
  const port = 'tcp ${DatabaseInstance.Endpoint.Port}';
  return [{ from: group('NetworkDatabaseProxy'), to: group('NetworkDatabase'), port }];
}

function addressesOf({ environment: { vpc, zones }, size }: Unit): string[] {
  if (vpc) return vpc.outgoingAddresses;
  return Array.from({ length: Math.min(size.natGateways, zones) }, (_none, at) => `\${NetworkNatAddress${at + 1}}`);
}

/** The groups whose own list of what goes out is judged with the group. */
const FIXED_EGRESS = new Set(['NetworkTask', 'NetworkDatabase', 'NetworkCache', 'DeploymentTests']);

function connectionsIn({ resources }: Unit, way: 'Ingress' | 'Egress'): Connection[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties: given }]) => {
    if (Type === `AWS::EC2::SecurityGroup${way}`) return [connection(way, given.GroupId, given)];
    if (Type !== 'AWS::EC2::SecurityGroup' || (way === 'Egress' && FIXED_EGRESS.has(id))) return [];
    return (given[`SecurityGroup${way}`] ?? []).map((rule: object) => connection(way, group(id), rule));
  });
}

function connection(way: 'Ingress' | 'Egress', own: string, rule: any): Connection {
  const other =
    rule.CidrIp ?? rule.CidrIpv6 ?? rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId ?? JSON.stringify(rule);
  const range = rule.FromPort === rule.ToPort ? rule.FromPort : `${rule.FromPort}-${rule.ToPort}`;
  const port = `${rule.IpProtocol} ${range}`;
  return way === 'Ingress' ? { from: other, to: own, port } : { from: own, to: other, port };
}
