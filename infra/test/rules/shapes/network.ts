import { because, ELSEWHERE, rule } from '../shape.ts';
import { vpcId, type Unit } from '../unit.ts';
import { each, GOES, type Shape, type Shapes } from './shape-of.ts';

const FILE = 'lib/network.ts';
const KINDS = [
  { kind: 'public', type: 'Public', range: (at: number) => `10.64.${at}.0/24` },
  { kind: 'tasks', type: 'Private', range: (at: number) => `10.64.${16 * (at + 1)}.0/20` },
  { kind: 'data', type: 'Isolated', range: (at: number, zones: number) => `10.64.${16 * (zones + 1) + at}.0/24` },
] as const;

/** The VPC that an environment makes; none if it was given one. */
export function networkShapes(it: Unit): Shapes {
  const groups = securityGroups(it);
  if (it.environment.vpc) return groups;
  const zones = Array.from({ length: it.environment.zones }, (_none, at) => at);
  const nats = zones.slice(0, it.size.natGateways);
  return {
    ...groups,
    ...vpc(it),
    ...Object.assign({}, ...KINDS.map((kind) => subnets(it, kind, zones))),
    ...each(nats, (at) => [
      `NetworkNatAddress${at + 1}`,
      { file: FILE, type: 'AWS::EC2::EIP', why: 'A NAT gateway has one address that stays', properties: {} },
    ]),
    ...each(nats, (at) => [
      `NetworkVpcpublicSubnet${at + 1}NATGateway`,
      {
        file: FILE,
        type: 'AWS::EC2::NatGateway',
        why: 'It must stand in a public subnet and have one of our own addresses, which receivers have on their allow lists',
        properties: {
          AllocationId: `\${NetworkNatAddress${at + 1}.AllocationId}`,
          SubnetId: `\${NetworkVpcpublicSubnet${at + 1}Subnet}`,
          Tags: named(`${it.stacks[0]}/Network/Vpc/publicSubnet${at + 1}`),
        },
      },
    ]),
  };
}

function vpc({ name, stacks, environment }: Unit): Shapes {
  const shape = (type: string, why: string, properties: Record<string, unknown>): Shape => ({
    file: FILE,
    type,
    why,
    properties,
  });
  const routeTables = [...Array(environment.zones).keys()].flatMap((at) =>
    KINDS.map(({ kind }) => `\${NetworkVpc${kind}Subnet${at + 1}RouteTable}`),
  );
  const byKind = [...routeTables].sort();
  return {
    NetworkVpc: shape('AWS::EC2::VPC', 'Interface addresses of RDS and AWS are resolved by the DNS of the VPC', {
      CidrBlock: '10.64.0.0/16',
      EnableDnsHostnames: true,
      EnableDnsSupport: true,
      InstanceTenancy: 'default',
      Tags: named(name),
    }),
    NetworkVpcIGW: shape('AWS::EC2::InternetGateway', 'The way out of the public subnets', { Tags: named(name) }),
    NetworkVpcVPCGW: shape('AWS::EC2::VPCGatewayAttachment', 'Without it the public subnets have no way out', {
      InternetGatewayId: '${NetworkVpcIGW}',
      VpcId: '${NetworkVpc}',
    }),
    NetworkVpcS3: shape('AWS::EC2::VPCEndpoint', 'Layers of images come from S3: through NAT each gigabyte costs', {
      ServiceName: 'com.amazonaws.${Region}.s3',
      VpcEndpointType: 'Gateway',
      VpcId: '${NetworkVpc}',
      RouteTableIds: because('A gateway endpoint serves the subnets whose route tables it is in', allOf(byKind)),
      Tags: named(name),
    }),
    NetworkVpcFlowLog: shape('AWS::EC2::FlowLog', 'What security groups refused is looked for here', {
      DeliverLogsPermissionArn: '${NetworkFlowLogRole.Arn}',
      LogDestinationType: 'cloud-watch-logs',
      LogGroupName: '${NetworkFlowLogGroup}',
      ResourceId: '${NetworkVpc}',
      ResourceType: 'VPC',
      TrafficType: because('Accepted connections would be the largest log of all', 'REJECT'),
      Tags: named(`${stacks[0]}/Network/Vpc/FlowLog`),
    }),
    NetworkFlowLogGroup: {
      ...shape('AWS::Logs::LogGroup', 'A month is enough to look for a refused connection', { RetentionInDays: 30 }),
      when: GOES,
    },
  };
}

function allOf(items: string[]): unknown {
  return rule(`all of ${items.join(', ')}`, (value) => Array.isArray(value) && [...value].sort().join() === items.join());
}

function subnets({ stacks, size, environment }: Unit, { kind, type, range }: (typeof KINDS)[number], zones: number[]): Shapes {
  const shape = (resource: string, why: string, properties: Record<string, unknown>): Shape => ({
    file: FILE,
    type: resource,
    why,
    properties,
  });
  const nats = Math.min(size.natGateways, environment.zones);
  const wayOut = (at: number) =>
    kind === 'public'
      ? { GatewayId: '${NetworkVpcIGW}' }
      : { NatGatewayId: `\${NetworkVpcpublicSubnet${at < nats ? at + 1 : (at % nats) + 1}NATGateway}` };
  return Object.assign(
    {},
    ...zones.map((at) => {
      const id = `NetworkVpc${kind}Subnet${at + 1}`;
      const Name = named(`${stacks[0]}/Network/Vpc/${kind}Subnet${at + 1}`);
      const tags = { Key: 'aws-cdk:subnet-type', Value: type };
      return {
        [`${id}Subnet`]: shape('AWS::EC2::Subnet', `Only load balancer and NAT are public; ${kind} is ${type.toLowerCase()}`, {
          AvailabilityZone: because('Two subnets in one zone fail together', `\${zones[${at}]}`),
          CidrBlock: range(at, zones.length),
          MapPublicIpOnLaunch: because('Nothing that is started here has an address of the internet by itself', false),
          Tags: [{ Key: 'aws-cdk:subnet-name', Value: kind }, tags, ...Name],
          VpcId: '${NetworkVpc}',
        }),
        [`${id}RouteTable`]: shape('AWS::EC2::RouteTable', 'Each subnet has its own way out', {
          Tags: Name,
          VpcId: '${NetworkVpc}',
        }),
        [`${id}RouteTableAssociation`]: shape('AWS::EC2::SubnetRouteTableAssociation', 'Each subnet has its own way out', {
          RouteTableId: `\${${id}RouteTable}`,
          SubnetId: `\${${id}Subnet}`,
        }),
        ...(kind === 'data'
          ? {}
          : {
              [`${id}DefaultRoute`]: shape(
                'AWS::EC2::Route',
                'Tasks and functions reach the internet through NAT, and only load balancer and NAT directly',
                { DestinationCidrBlock: '0.0.0.0/0', RouteTableId: `\${${id}RouteTable}`, ...wayOut(at) },
              ),
            }),
      };
    }),
  );
}

const NOWHERE = [
  { CidrIp: '255.255.255.255/32', Description: 'Disallow all traffic', FromPort: 252, IpProtocol: 'icmp', ToPort: 86 },
];
const EVERYWHERE = [{ CidrIp: '0.0.0.0/0', Description: 'Allow all outbound traffic by default', IpProtocol: '-1' }];

/** The groups themselves; who may talk to whom is in connections.ts. */
function securityGroups(it: Unit): Shapes {
  const group = (file: string, GroupDescription: string, SecurityGroupEgress: unknown): Shape => ({
    file,
    type: 'AWS::EC2::SecurityGroup',
    why: 'Who is not meant to call out can not, and what is not meant to be reached is not',
    properties: { GroupDescription, SecurityGroupEgress, SecurityGroupIngress: ELSEWHERE, VpcId: vpcId(it) },
  });
  return {
    NetworkLoadBalancer: group(FILE, 'Load balancer: in from its callers, out to the tasks', ELSEWHERE),
    NetworkTask: group(FILE, 'Tasks: in from the load balancer, out to data and the internet', EVERYWHERE),
    NetworkDatabase: group(FILE, 'Database: in from the tasks', NOWHERE),
    NetworkDatabaseProxy: group(FILE, 'Database proxy: in from the tasks, out to the database', ELSEWHERE),
    NetworkCache: group(FILE, 'Cache: in from the tasks', NOWHERE),
    NetworkHook: group(FILE, 'Deployment hooks: out to the listeners and to AWS', ELSEWHERE),
    ...(it.environment.verify
      ? {
          DeploymentTests: group('lib/deployment.ts', 'End-to-end tests: webhooks in from the tasks, out to the API', EVERYWHERE),
        }
      : {}),
  };
}

function named(name: string): unknown[] {
  return [{ Key: 'Name', Value: name }];
}
