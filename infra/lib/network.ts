import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ExistingVpc } from './environment-options.ts';
import { arnOf, serviceFor } from './roles.ts';
import { container } from './settings.ts';

const MYSQL = 3306;
const VALKEY = 6379;
const OWN_RANGE = '10.64.0.0/16';

export interface NetworkSettings {
  name: string;
  zones: number;
  natGateways: number;
  /** A VPC that is there already; without it one is made. */
  existing: ExistingVpc | null;
}

/**
 * The VPC and who may talk to whom in it. Load balancer and NAT gateways are public, tasks and functions reach out through NAT,
 * the database and the cache reach nothing. Its subnets are called `public`, `tasks` and `data`.
 */
export class Network extends Construct {
  readonly vpc: ec2.IVpc;
  /** The VPC's range of addresses. */
  readonly range: string;
  /** Addresses that everything inside has for the outside; the load balancer's test listener knows its callers by them. */
  readonly natAddresses: string[];
  readonly loadBalancer: ec2.SecurityGroup;
  readonly task: ec2.SecurityGroup;
  readonly database: ec2.SecurityGroup;
  readonly databaseProxy: ec2.SecurityGroup;
  readonly cache: ec2.SecurityGroup;
  readonly hook: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, settings: NetworkSettings) {
    super(scope, id);
    const { existing } = settings;
    if (existing) {
      this.vpc = this.importVpc(existing);
      this.natAddresses = existing.outgoingAddresses;
    } else {
      const addresses = Array.from(
        { length: Math.min(settings.natGateways, settings.zones) },
        (_none, at) => new ec2.CfnEIP(this, `NatAddress${at + 1}`),
      );
      this.natAddresses = addresses.map((address) => address.ref);
      this.vpc = this.createVpc(settings, addresses);
    }
    this.range = existing?.range ?? OWN_RANGE;
    this.loadBalancer = this.group('LoadBalancer', 'Load balancer: in from its callers, out to the tasks', false);
    // Webhooks go to whatever address and port a customer named; the app itself refuses private ones.
    this.task = this.group('Task', 'Tasks: in from the load balancer, out to data and the internet', true);
    this.database = this.group('Database', 'Database: in from the tasks', false);
    this.databaseProxy = this.group('DatabaseProxy', 'Database proxy: in from the tasks, out to the database', false);
    this.cache = this.group('Cache', 'Cache: in from the tasks', false);
    this.hook = this.group('Hook', 'Deployment hooks: out to the listeners and to AWS', false);
    this.connect();
  }

  private createVpc({ name, zones }: NetworkSettings, addresses: ec2.CfnEIP[]): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      vpcName: name,
      ipAddresses: ec2.IpAddresses.cidr(OWN_RANGE),
      maxAzs: zones,
      natGateways: addresses.length,
      natGatewayProvider: ec2.NatProvider.gateway({ eipAllocationIds: addresses.map((address) => address.attrAllocationId) }),
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'tasks', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    vpc.addFlowLog('FlowLog', {
      trafficType: ec2.FlowLogTrafficType.REJECT,
      destination: ec2.FlowLogDestination.toCloudWatchLogs(
        new logs.LogGroup(this, 'FlowLogGroup', {
          retention: logs.RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        new iam.Role(this, 'FlowLogRole', {
          description: 'VPC flow logs: writes into their log group',
          assumedBy: serviceFor('vpc-flow-logs', arnOf('ec2', 'vpc-flow-log/*')),
        }),
      ),
    });
    return vpc;
  }

  /** By what the options say of it: nothing is looked up, so that the stacks read the same for everybody. */
  private importVpc({ id, range, zones, publicSubnets, taskSubnets, dataSubnets }: ExistingVpc): ec2.IVpc {
    return ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: id,
      vpcCidrBlock: range,
      availabilityZones: zones,
      ...(publicSubnets.length > 0 ? { publicSubnetIds: publicSubnets, publicSubnetNames: ['public'] } : {}),
      privateSubnetIds: taskSubnets,
      privateSubnetNames: ['tasks'],
      isolatedSubnetIds: dataSubnets,
      isolatedSubnetNames: ['data'],
    });
  }

  private group(id: string, description: string, allowAllOutbound: boolean): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound });
  }

  private connect(): void {
    this.task.connections.allowFrom(this.loadBalancer, ec2.Port.tcp(container.port), 'From the load balancer');
    this.database.connections.allowFrom(this.task, ec2.Port.tcp(MYSQL), 'From the tasks');
    this.database.connections.allowFrom(this.databaseProxy, ec2.Port.tcp(MYSQL), 'From the proxy');
    this.databaseProxy.connections.allowFrom(this.task, ec2.Port.tcp(MYSQL), 'From the tasks');
    this.cache.connections.allowFrom(this.task, ec2.Port.tcp(VALKEY), 'From the tasks');
    this.hook.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS and the production listener');
  }
}
