import { Validations } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ACCESS_LOG_PREFIX } from './app-logs.ts';
import type { Network } from './network.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import { ReleaseListener, type ListenerSettings } from './release-listener.ts';
import { loadBalancer as settings, targetGroup, type Names } from './settings.ts';

const ANYWHERE = '0.0.0.0/0';
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

export interface TrafficParts {
  names: Names;
  network: Network;
  options: EnvironmentOptions;
  /** Bucket of the access log. */
  accessLog: s3.IBucket;
}

/** The load balancer, its two target groups, and the two listeners whose weights are CodeDeploy's. */
export class Traffic extends Construct {
  readonly loadBalancer: elb.ApplicationLoadBalancer;
  readonly blue: elb.CfnTargetGroup;
  readonly green: elb.CfnTargetGroup;
  readonly production: ReleaseListener;
  readonly test: ReleaseListener;
  /** Where the two listeners are reached. */
  readonly productionPort: number;
  readonly productionUrl: string;
  readonly testUrl: string;

  constructor(scope: Construct, id: string, { names, network, options, accessLog }: TrafficParts) {
    super(scope, id);
    this.loadBalancer = this.createLoadBalancer(names, network, options.internal, accessLog);
    this.blue = this.createGroup('Blue', names.blue, network);
    this.green = this.createGroup('Green', names.green, network);
    const ports = options.domain ? settings.https : settings.http;
    const common = {
      name: names.name,
      loadBalancerArn: this.loadBalancer.loadBalancerArn,
      firstTargetGroupArn: this.blue.ref,
      otherTargetGroup: this.green,
      ...this.protocol(options),
    };
    this.production = new ReleaseListener(this, 'Production', { ...common, port: ports.production });
    this.test = new ReleaseListener(this, 'Test', { ...common, port: ports.test });
    openPorts(network, options, ports);

    this.productionPort = ports.production;
    const scheme = options.domain ? 'https' : 'http';
    const host = options.domain?.name ?? this.loadBalancer.loadBalancerDnsName;
    this.productionUrl = `${scheme}://${host}:${ports.production}`;
    this.testUrl = `${scheme}://${host}:${ports.test}`;
    if (options.domain) this.redirectHttp();
    else
      Validations.of(this).addWarning(
        'posthorn:no-domain',
        'Without a domain the API is plain HTTP and tokens travel in clear: give -c domainName=… -c hostedZoneId=… before real use.',
      );
  }

  private createLoadBalancer(names: Names, network: Network, internal: boolean, accessLog: s3.IBucket) {
    const created = new elb.ApplicationLoadBalancer(this, 'LoadBalancer', {
      loadBalancerName: names.name,
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: internal ? 'tasks' : 'public' },
      internetFacing: !internal,
      securityGroup: network.loadBalancer,
      deletionProtection: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: elb.DesyncMitigationMode.DEFENSIVE,
    });
    created.setAttribute('idle_timeout.timeout_seconds', String(settings.idleTimeout));
    created.setAttribute('access_logs.s3.enabled', 'true');
    created.setAttribute('access_logs.s3.bucket', accessLog.bucketName);
    created.setAttribute('access_logs.s3.prefix', ACCESS_LOG_PREFIX);
    return created;
  }

  private createGroup(id: string, name: string, network: Network): elb.CfnTargetGroup {
    return new elb.CfnTargetGroup(this, id, {
      name,
      vpcId: network.vpc.vpcId,
      targetType: 'ip',
      protocol: 'HTTP',
      port: targetGroup.port,
      healthCheckPath: targetGroup.path,
      healthCheckPort: String(targetGroup.port),
      healthCheckProtocol: 'HTTP',
      healthCheckIntervalSeconds: targetGroup.interval,
      healthCheckTimeoutSeconds: targetGroup.timeout,
      healthyThresholdCount: targetGroup.healthyThreshold,
      unhealthyThresholdCount: targetGroup.unhealthyThreshold,
      matcher: { httpCode: '200' },
      targetGroupAttributes: [
        { key: 'deregistration_delay.timeout_seconds', value: String(targetGroup.deregistrationDelay) },
        { key: 'load_balancing.algorithm.type', value: 'least_outstanding_requests' },
      ],
    });
  }

  private protocol({ domain }: EnvironmentOptions): Pick<ListenerSettings, 'protocol' | 'tls'> {
    if (!domain) return { protocol: 'HTTP', tls: null };
    const zone = route53.PublicHostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.zoneId,
      zoneName: domain.name,
    });
    const certificate = new acm.Certificate(this, 'Certificate', {
      domainName: domain.name,
      validation: acm.CertificateValidation.fromDns(zone),
    });
    new route53.ARecord(this, 'Address', {
      zone,
      recordName: `${domain.name}.`,
      target: route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(this.loadBalancer)),
    });
    return { protocol: 'HTTPS', tls: { certificateArn: certificate.certificateArn, policy: TLS_POLICY } };
  }

  private redirectHttp(): void {
    const redirect = new elb.CfnListener(this, 'Redirect', {
      loadBalancerArn: this.loadBalancer.loadBalancerArn,
      port: settings.http.production,
      protocol: 'HTTP',
      defaultActions: [
        {
          type: 'redirect',
          redirectConfig: { protocol: 'HTTPS', port: String(settings.https.production), statusCode: 'HTTP_301' },
        },
      ],
    });
    // A production listener that was on port 80 has to be off it first.
    redirect.node.addDependency(this.production);
  }
}

/** Callers reach the API; the deployment hooks reach the test listener too: from inside, or by the addresses that they have outside. */
function openPorts(network: Network, options: EnvironmentOptions, ports: { production: number; test: number }): void {
  const { loadBalancer, hook } = network;
  const ranges = options.callers.length > 0 ? options.callers : [options.internal ? network.range : ANYWHERE];
  for (const range of ranges) {
    loadBalancer.addIngressRule(ec2.Peer.ipv4(range), ec2.Port.tcp(ports.production), 'The API');
    if (options.domain)
      loadBalancer.addIngressRule(ec2.Peer.ipv4(range), ec2.Port.tcp(settings.http.production), 'Sent on to HTTPS');
  }
  const hookPorts = ranges.includes(ANYWHERE) ? [ports.test] : [ports.test, ports.production];
  for (const port of hookPorts) {
    if (options.internal) loadBalancer.addIngressRule(hook, ec2.Port.tcp(port), 'Deployment hooks');
    else
      for (const [at, address] of network.natAddresses.entries())
        loadBalancer.addIngressRule(
          ec2.Peer.ipv4(`${address}/32`),
          ec2.Port.tcp(port),
          `Deployment hooks, by NAT gateway ${at + 1}`,
        );
  }
  for (const port of new Set([ports.production, ports.test]))
    if (port !== 443) hook.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), 'The listeners');
}
