import { Fn, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { container, NAME, type Size } from './settings.ts';

const MYSQL = 3306;
const VALKEY = 6379;

/**
 * The VPC and who may talk to whom in it. Load balancer and NAT gateways are public, tasks and functions reach out through NAT,
 * the database and the cache reach nothing.
 */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  /** Addresses that everything inside has for the outside; the load balancer's test listener knows its callers by them. */
  readonly natAddresses: string[];
  readonly loadBalancer: ec2.SecurityGroup;
  readonly task: ec2.SecurityGroup;
  readonly database: ec2.SecurityGroup;
  readonly databaseProxy: ec2.SecurityGroup;
  readonly cache: ec2.SecurityGroup;
  readonly hook: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, size: Size, zones: number) {
    super(scope, id);
    const addresses = Array.from(
      { length: Math.min(size.natGateways, zones) },
      (_none, at) => new ec2.CfnEIP(this, `NatAddress${at + 1}`),
    );
    this.natAddresses = addresses.map((address) => address.ref);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      vpcName: NAME,
      ipAddresses: ec2.IpAddresses.cidr('10.64.0.0/16'),
      availabilityZones: Array.from({ length: zones }, (_none, at) => Fn.select(at, Fn.getAzs())),
      natGateways: addresses.length,
      natGatewayProvider: ec2.NatProvider.gateway({ eipAllocationIds: addresses.map((address) => address.attrAllocationId) }),
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'tasks', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
        { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    this.vpc.addFlowLog('FlowLog', {
      trafficType: ec2.FlowLogTrafficType.REJECT,
      destination: ec2.FlowLogDestination.toCloudWatchLogs(
        new logs.LogGroup(this, 'FlowLogGroup', {
          retention: logs.RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    });
    this.loadBalancer = this.group('LoadBalancer', 'Load balancer: in from the internet, out to the tasks', false);
    // Webhooks go to whatever address and port a customer named; the app itself refuses private ones.
    this.task = this.group('Task', 'Tasks: in from the load balancer, out to data and the internet', true);
    this.database = this.group('Database', 'Database: in from the tasks', false);
    this.databaseProxy = this.group('DatabaseProxy', 'Database proxy: in from the tasks, out to the database', false);
    this.cache = this.group('Cache', 'Cache: in from the tasks', false);
    this.hook = this.group('Hook', 'Deployment hooks: out to the listeners and to AWS', false);
    this.connect();
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
