import { because, inAnyOrder, rule } from '../shape.ts';
import { ports, subnets, vpcId, type Unit } from '../unit.ts';
import { each, GOES, type Shape, type Shapes } from './shape-of.ts';

const FILE = 'lib/traffic.ts';
/** The newest policy that every client of TLS 1.2 still gets through. */
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

export function trafficShapes(it: Unit): Shapes {
  const { production, test } = ports(it);
  return {
    TrafficLoadBalancer: loadBalancer(it),
    ...each(['Blue', 'Green'], (colour) => [`Traffic${colour}`, targetGroup(it, colour)]),
    ...listener(it, 'Production', production),
    ...listener(it, 'Test', test),
    ReleaseListenerLog: {
      file: 'lib/release-listener.ts',
      type: 'AWS::Logs::LogGroup',
      why: 'A listener is changed seldom: a month is enough',
      properties: { RetentionInDays: 30 },
      when: GOES,
    },
    ...(it.environment.domain ? secured(it) : {}),
    ...(it.environment.waf ? firewall(it) : {}),
  };
}

function loadBalancer(it: Unit): Shape {
  const { internal } = it.environment;
  return {
    file: FILE,
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    why: 'It is the only part that callers reach',
    properties: {
      Name: it.name,
      Type: 'application',
      Scheme: internal ? 'internal' : 'internet-facing',
      Subnets: because(
        'A load balancer for the internet answers only from public subnets, and an internal one has no place there',
        subnets(it, internal ? 'tasks' : 'public'),
      ),
      SecurityGroups: ['${NetworkLoadBalancer.GroupId}'],
      LoadBalancerAttributes: inAnyOrder(
        { Key: 'deletion_protection.enabled', Value: 'true' },
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        { Key: 'routing.http.desync_mitigation_mode', Value: 'defensive' },
        { Key: 'idle_timeout.timeout_seconds', Value: '60' },
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'access_logs.s3.bucket', Value: '${LogsAccess}' },
        { Key: 'access_logs.s3.prefix', Value: 'load-balancer' },
      ),
    },
  };
}

function targetGroup(it: Unit, colour: string): Shape {
  return {
    file: FILE,
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    why: 'Both colours are alike: after each release the other one has the traffic',
    properties: {
      Name: `${it.name}-${colour.toLowerCase()}`,
      VpcId: vpcId(it),
      TargetType: because('Tasks of Fargate are registered by their address (network mode awsvpc)', 'ip'),
      Protocol: because('Tasks speak plain HTTP; TLS ends at the load balancer', 'HTTP'),
      Port: because('The container listens there', 3000),
      HealthCheckPath: because('It says that a task is ready, which /health/live does not', '/health/ready'),
      HealthCheckPort: because('The container listens there', '3000'),
      HealthCheckProtocol: because('Tasks speak plain HTTP; TLS ends at the load balancer', 'HTTP'),
      HealthCheckIntervalSeconds: rule('from 5 to 30', (value) => value >= 5 && value <= 30),
      HealthCheckTimeoutSeconds: rule('from 2 to 10', (value) => value >= 2 && value <= 10),
      HealthyThresholdCount: because('A release waits for it, and a single answer is chance', 2),
      UnhealthyThresholdCount: because(
        'One slow answer must not take a task away',
        rule('from 2 to 5', (v) => v >= 2 && v <= 5),
      ),
      Matcher: { HttpCode: because('A redirect, a 404 or a refusal is not a task that is ready', '200') },
      TargetGroupAttributes: inAnyOrder(
        { Key: 'deregistration_delay.timeout_seconds', Value: '30' },
        { Key: 'load_balancing.algorithm.type', Value: 'least_outstanding_requests' },
      ),
    },
  };
}

/** By a custom resource, since CodeDeploy owns its weights. */
function listener(it: Unit, id: 'Production' | 'Test', port: number): Shapes {
  const tls = it.environment.domain ? { SslPolicy: TLS_POLICY, Certificates: [{ CertificateArn: '${TrafficCertificate}' }] } : {};
  const changeable = { Port: port, Protocol: it.environment.domain ? 'HTTPS' : 'HTTP', ...tls };
  const own = { ListenerArn: 'PHYSICAL:RESOURCEID:' };
  const call = (action: string, parameters: object) => ({
    service: 'elastic-load-balancing-v2',
    action,
    parameters,
    outputPaths: ['Listeners.0.ListenerArn'],
    physicalResourceId: { responsePath: 'Listeners.0.ListenerArn' },
  });
  const first = { DefaultActions: [{ Type: 'forward', TargetGroupArn: '${TrafficBlue}' }] };
  const loadBalancerArn = { LoadBalancerArn: '${TrafficLoadBalancer}' };
  const { outputPaths: _nothing, physicalResourceId: _gone, ...removal } = call('DeleteListener', own);
  return {
    [`Traffic${id}Listener`]: {
      file: 'lib/release-listener.ts',
      type: 'Custom::ReleaseListener',
      why: 'CodeDeploy owns where a listener sends traffic: only its making may name a target group',
      properties: {
        ServiceToken: '${AWS679f53fac002430cb0da5b7982bd2287.Arn}',
        Create: JSON.stringify(call('CreateListener', { ...loadBalancerArn, ...changeable, ...first })),
        Update: JSON.stringify(call('ModifyListener', { ...own, ...changeable })),
        Delete: JSON.stringify({ ...removal, ignoreErrorCodesMatching: 'ListenerNotFound' }),
        InstallLatestAwsSdk: because('It would download a library at each deployment', false),
      },
      when: GOES,
    },
  };
}

function secured(it: Unit): Shapes {
  const { name, zoneId } = it.environment.domain!;
  return {
    TrafficCertificate: {
      file: FILE,
      type: 'AWS::CertificateManager::Certificate',
      why: 'A certificate that is validated by DNS renews itself',
      properties: {
        DomainName: name,
        ValidationMethod: 'DNS',
        DomainValidationOptions: [{ DomainName: name, HostedZoneId: zoneId }],
        Tags: [{ Key: 'Name', Value: `${it.stacks[1]}/Traffic/Certificate` }],
      },
    },
    TrafficAddress: {
      file: FILE,
      type: 'AWS::Route53::RecordSet',
      why: 'The addresses of a load balancer change: only an alias follows them',
      properties: {
        Name: because('Without the dot at the end the zone is added once more', `${name}.`),
        Type: 'A',
        HostedZoneId: zoneId,
        AliasTarget: {
          DNSName: 'dualstack.${TrafficLoadBalancer.DNSName}',
          HostedZoneId: because('The zone of the load balancer, not our own', '${TrafficLoadBalancer.CanonicalHostedZoneID}'),
        },
      },
    },
    TrafficRedirect: {
      file: FILE,
      type: 'AWS::ElasticLoadBalancingV2::Listener',
      why: 'Whoever calls by HTTP is sent to HTTPS, for good, and nothing is answered in clear',
      properties: {
        LoadBalancerArn: '${TrafficLoadBalancer}',
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }],
      },
    },
  };
}

function firewall(it: Unit): Shapes {
  const visible = (MetricName: string) => ({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true, MetricName });
  const managed = (Priority: number, Name: string, counted: string[]) => ({
    Name,
    Priority,
    OverrideAction: because('With Count here no rule of the group would block', { None: {} }),
    Statement: {
      ManagedRuleGroupStatement: {
        VendorName: 'AWS',
        Name,
        RuleActionOverrides: because(
          "Rules that look into the body only count: a webhook's payload may well look like an attack",
          counted.map((rule) => ({ Name: rule, ActionToUse: { Count: {} } })),
        ),
      },
    },
    VisibilityConfig: visible(Name),
  });
  return {
    FirewallAcl: {
      file: 'lib/firewall.ts',
      type: 'AWS::WAFv2::WebACL',
      why: 'It keeps floods and known bad callers away, and lets everybody else through',
      properties: {
        Name: it.name,
        Scope: because('A load balancer takes only a regional one', 'REGIONAL'),
        DefaultAction: { Allow: {} },
        VisibilityConfig: visible(it.name),
        Rules: [
          {
            Name: 'requests-an-address',
            Priority: 0,
            Action: { Block: { CustomResponse: { ResponseCode: because('Senders know it as "slow down"', 429) } } },
            Statement: {
              RateBasedStatement: {
                Limit: it.environment.waf!.requestsPer5Minutes,
                AggregateKeyType: because('FORWARDED_IP would be what the caller says of itself', 'IP'),
                EvaluationWindowSec: because('The option is called requests per 5 minutes', 300),
              },
            },
            VisibilityConfig: visible('requests-an-address'),
          },
          managed(1, 'AWSManagedRulesAmazonIpReputationList', []),
          managed(2, 'AWSManagedRulesKnownBadInputsRuleSet', ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY']),
        ],
      },
    },
    FirewallAssociation: {
      file: 'lib/firewall.ts',
      type: 'AWS::WAFv2::WebACLAssociation',
      why: 'Without it the firewall protects nothing',
      properties: { ResourceArn: '${TrafficLoadBalancer}', WebACLArn: '${FirewallAcl.Arn}' },
    },
  };
}
