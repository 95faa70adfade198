import { addBeside, change, mistake, remove, rewrite, set, type Mistake } from './mistake.ts';

const ANYWHERE = '0.0.0.0/0';

export const NETWORK_MISTAKES: Mistake[] = [
  mistake(
    'the database is open to the world',
    set('NetworkDatabase', 'SecurityGroupIngress', [{ CidrIp: ANYWHERE, IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306 }]),
    `remove the rule (in) ${ANYWHERE} → \${NetworkDatabase.GroupId}, tcp 3306`,
  ),
  mistake(
    'the cache is open to the VPC',
    set('NetworkCache', 'SecurityGroupIngress', [{ CidrIp: '10.64.0.0/16', IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379 }]),
    'remove the rule (in) 10.64.0.0/16 → ${NetworkCache.GroupId}, tcp 6379',
  ),
  mistake(
    'tasks are reached from everywhere',
    addBeside('NetworkTask', 'Open', {
      Type: 'AWS::EC2::SecurityGroupIngress',
      Properties: {
        GroupId: { 'Fn::GetAtt': ['NetworkTask', 'GroupId'] },
        CidrIpv6: '::/0',
        IpProtocol: 'tcp',
        FromPort: 3000,
        ToPort: 3000,
      },
    }),
    'remove the rule (in) ::/0 → ${NetworkTask.GroupId}, tcp 3000',
  ),
  mistake('a whole range of ports for the database', rewriteRule('NetworkDatabasefrom', 'FromPort', 3000), 'tcp 3000-3306'),
  mistake(
    'the load balancer may not reach the tasks',
    change('NetworkLoadBalancerto', (found) => (found.Properties.FromPort = found.Properties.ToPort = 80)),
    'add the rule (out) ${NetworkLoadBalancer.GroupId} → ${NetworkTask.GroupId}, tcp 3000',
  ),
  mistake(
    'the test listener is open to the world',
    change('NetworkLoadBalancer', ({ Properties }) => {
      for (const rule of Properties.SecurityGroupIngress) rule.CidrIp = ANYWHERE;
    }),
    `remove the rule (in) ${ANYWHERE} → \${NetworkLoadBalancer.GroupId}, tcp 8080`,
  ),
  mistake(
    'the database may call out',
    set('NetworkDatabase', 'SecurityGroupEgress', [{ CidrIp: ANYWHERE, Description: 'x', IpProtocol: '-1' }]),
    'NetworkDatabase (AWS::EC2::SecurityGroup) of posthorn.SecurityGroupEgress',
  ),
  mistake(
    'hooks may not reach the test listener',
    set('NetworkHook', 'SecurityGroupEgress', [{ CidrIp: ANYWHERE, IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }]),
    `add the rule (out) \${NetworkHook.GroupId} → ${ANYWHERE}, tcp 8080`,
  ),
  mistake(
    'public subnets give out addresses',
    set('NetworkVpcpublicSubnet1Subnet', 'MapPublicIpOnLaunch', true),
    'MapPublicIpOnLaunch: it is true: make it false',
  ),
  mistake(
    'two subnets in one zone',
    set('NetworkVpctasksSubnet2Subnet', 'AvailabilityZone', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }),
    'NetworkVpctasksSubnet2Subnet (AWS::EC2::Subnet) of posthorn.AvailabilityZone',
  ),
  mistake(
    'tasks go out by the internet gateway',
    change('NetworkVpctasksSubnet1DefaultRoute', ({ Properties }) => {
      delete Properties.NatGatewayId;
      Properties.GatewayId = { Ref: 'NetworkVpcIGW' };
    }),
    'NetworkVpctasksSubnet1DefaultRoute (AWS::EC2::Route) of posthorn.NatGatewayId: it is not there',
  ),
  mistake(
    'the database has a way out',
    addBeside('NetworkVpc', 'NetworkVpcdataSubnet1DefaultRoute', {
      Type: 'AWS::EC2::Route',
      Properties: { DestinationCidrBlock: ANYWHERE },
    }),
    'NetworkVpcdataSubnet1DefaultRoute (AWS::EC2::Route): remove it',
  ),
  mistake(
    'the NAT gateway stands in a private subnet',
    set('NetworkVpcpublicSubnet1NATGateway', 'SubnetId', { Ref: 'NetworkVpctasksSubnet1Subnet' }),
    'It must stand in a public subnet',
  ),
  mistake('no NAT gateway', remove('NetworkVpcpublicSubnet1NATGateway'), 'make it again: it is not there'),
  mistake(
    'the endpoint of S3 misses a route table',
    change('NetworkVpcS3', ({ Properties }) => Properties.RouteTableIds.pop()),
    'NetworkVpcS3 (AWS::EC2::VPCEndpoint) of posthorn.RouteTableIds',
  ),
  mistake('the VPC has no DNS names', set('NetworkVpc', 'EnableDnsHostnames', false), 'EnableDnsHostnames: it is false'),
  mistake(
    'a flow log of everything',
    set('NetworkVpcFlowLog', 'TrafficType', 'ALL'),
    'TrafficType: it is "ALL": make it "REJECT"',
  ),
  mistake(
    'a resource that nobody knows',
    addBeside('NetworkVpc', 'Bastion', { Type: 'AWS::EC2::Instance', Properties: {} }),
    'Bastion (AWS::EC2::Instance): remove it, or say in test/rules/shapes what it has to be',
  ),
];

function rewriteRule(id: string, property: string, value: unknown): Mistake['plant'] {
  return change(id, ({ Properties }) => (Properties[property] = value));
}

export const TRAFFIC_MISTAKES: Mistake[] = [
  mistake('targets are instances', set('TrafficBlue', 'TargetType', 'instance'), 'make it "ip". Tasks of Fargate'),
  mistake(
    'targets speak TLS',
    set('TrafficGreen', 'Protocol', 'HTTPS'),
    'TrafficGreen (AWS::ElasticLoadBalancingV2::TargetGroup) of posthorn.Protocol',
  ),
  mistake('another port', set('TrafficBlue', 'Port', 80), 'Port: it is 80: make it 3000'),
  mistake('the health check is of another port', set('TrafficBlue', 'HealthCheckPort', 'traffic-port'), 'make it "3000"'),
  mistake(
    'the health check asks whether it lives',
    set('TrafficGreen', 'HealthCheckPath', '/health/live'),
    'make it "/health/ready"',
  ),
  mistake(
    'a matcher that takes everything',
    set('TrafficBlue', 'Matcher.HttpCode', '200-499'),
    'Matcher.HttpCode: it is "200-499": make it "200"',
  ),
  mistake('no matcher', set('TrafficGreen', 'Matcher', undefined), 'Matcher: it is not there'),
  mistake(
    'the time-out is the interval',
    set('TrafficBlue', 'HealthCheckTimeoutSeconds', 10),
    'the time-out of the health check is 11 and its interval is 10',
  ),
  mistake('a check each minute', set('TrafficBlue', 'HealthCheckIntervalSeconds', 60), 'make it from 5 to 30'),
  mistake('one failed check is enough', set('TrafficBlue', 'UnhealthyThresholdCount', 1), 'UnhealthyThresholdCount: it is 1'),
  mistake('healthy after ten', set('TrafficGreen', 'HealthyThresholdCount', 10), 'HealthyThresholdCount: it is 10: make it 2'),
  mistake(
    'the delay is shorter than the drain',
    rewrite('TrafficBlue', '"30"', '"5"'),
    'DRAIN_SECONDS is 10 and the deregistration delay is 5',
  ),
  mistake(
    'the delay of 300 s that everybody begins with',
    rewrite('TrafficGreen', '"30"', '"300"'),
    'the deregistration delay is 300 and stopTimeout of taskdef.json is 120',
  ),
  mistake(
    'the load balancer is in private subnets',
    set('TrafficLoadBalancer', 'Subnets', [{ Ref: 'NetworkVpctasksSubnet1Subnet' }]),
    'TrafficLoadBalancer (AWS::ElasticLoadBalancingV2::LoadBalancer) of posthorn.Subnets',
  ),
  mistake('the load balancer is internal', set('TrafficLoadBalancer', 'Scheme', 'internal'), 'make it "internet-facing"'),
  mistake('a network load balancer', set('TrafficLoadBalancer', 'Type', 'network'), 'make it "application"'),
  mistake(
    'the idle limit is above that of the app',
    rewrite('TrafficLoadBalancer', '"60"', '"120"'),
    "the idle limit of the load balancer is 121 and the app's, in src/http-server.ts is 75",
  ),
  mistake(
    'it can be deleted',
    rewrite(
      'TrafficLoadBalancer',
      '"deletion_protection.enabled","Value":"true"',
      '"deletion_protection.enabled","Value":"false"',
    ),
    'deletion_protection.enabled',
  ),
  mistake(
    'no access log',
    rewrite('TrafficLoadBalancer', '"access_logs.s3.enabled","Value":"true"', '"access_logs.s3.enabled","Value":"false"'),
    'access_logs.s3.enabled',
  ),
  mistake(
    'an update of a listener moves the traffic',
    change('TrafficProductionListener', ({ Properties }) => (Properties.Update = Properties.Create)),
    'TrafficProductionListener (Custom::ReleaseListener) of posthorn.Update',
  ),
  mistake(
    'both listeners on one port',
    rewrite('TrafficTestListener', '8080', '80'),
    'TrafficTestListener (Custom::ReleaseListener) of posthorn.Create',
  ),
  mistake(
    'a listener begins with green',
    change(
      'TrafficProductionListener',
      (found) => (found.Properties = JSON.parse(JSON.stringify(found.Properties).replace('TrafficBlue', 'TrafficGreen'))),
    ),
    'TrafficProductionListener (Custom::ReleaseListener) of posthorn.Create',
  ),
];

/** With a domain and a firewall. */
export const SECURED_MISTAKES: Mistake[] = [
  mistake(
    'an old TLS policy',
    rewrite('TrafficProductionListener', 'ELBSecurityPolicy-TLS13-1-2-2021-06', 'ELBSecurityPolicy-2016-08'),
    'TrafficProductionListener (Custom::ReleaseListener) of posthorn.Create',
  ),
  mistake('the redirect is for now', rewrite('TrafficRedirect', 'HTTP_301', 'HTTP_302'), 'make it "HTTP_301"'),
  mistake('the redirect goes to the test listener', rewrite('TrafficRedirect', '"443"', '"8443"'), 'make it "443"'),
  mistake(
    'HTTP is answered, too',
    set('TrafficRedirect', 'DefaultActions', [{ Type: 'forward', TargetGroupArn: { Ref: 'TrafficBlue' } }]),
    'make it "redirect"',
  ),
  mistake('the certificate waits for a mail', set('TrafficCertificate', 'ValidationMethod', 'EMAIL'), 'make it "DNS"'),
  mistake('the record lacks its dot', set('TrafficAddress', 'Name', 'hooks.example.com'), 'make it "hooks.example.com."'),
  mistake(
    'the alias is in our own zone',
    set('TrafficAddress', 'AliasTarget.HostedZoneId', 'Z0123456789'),
    'The zone of the load balancer, not our own',
  ),
  mistake(
    'the firewall blocks by default',
    set('FirewallAcl', 'DefaultAction', { Block: {} }),
    'DefaultAction.Block: remove Block',
  ),
  mistake('the limit only counts', set('FirewallAcl', 'Rules.0.Action', { Count: {} }), 'Rules[0].Action.Count: remove Count'),
  mistake(
    'a group of rules only counts',
    set('FirewallAcl', 'Rules.1.OverrideAction', { Count: {} }),
    'With Count here no rule of the group would block',
  ),
  mistake('a firewall of CloudFront', set('FirewallAcl', 'Scope', 'CLOUDFRONT'), 'make it "REGIONAL"'),
  mistake(
    'a rule about bodies blocks',
    set('FirewallAcl', 'Rules.2.Statement.ManagedRuleGroupStatement.RuleActionOverrides', []),
    "a webhook's payload may well look like an attack",
  ),
  mistake('the firewall is of nothing', remove('FirewallAssociation'), 'Without it the firewall protects nothing'),
  mistake(
    'the proxy takes connections without TLS',
    set('DatabaseInstanceProxy', 'RequireTLS', false),
    'RequireTLS: it is false: make it true',
  ),
  mistake(
    'the proxy pins each client',
    set('DatabaseInstanceProxyProxyTargetGroup', 'ConnectionPoolConfigurationInfo.SessionPinningFilters', undefined),
    'SessionPinningFilters: it is not there',
  ),
  mistake(
    'the proxy connects as the administrator',
    set('DatabaseInstanceProxy', 'Auth.0.SecretArn', { Ref: 'SecretsDatabaseAdmin' }),
    'make it "${SecretsDatabaseApp}"',
  ),
  mistake(
    'the migration goes by the proxy',
    rewrite('DeploymentMigrateProject', 'DatabaseDirectUrl', 'DatabaseUrl'),
    'Past the proxy',
  ),
];
