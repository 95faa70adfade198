import { describe, expect, it } from '@jest/globals';
import { EVERYTHING, neededBy, only, resourcesOf, templateOf, textOf, type Resource } from './support/synth.ts';

const listeners = (context = {}) =>
  Object.values(resourcesOf(templateOf(context), 'Custom::ReleaseListener')).map(({ Properties }) => ({
    create: textOf(Properties.Create),
    update: textOf(Properties.Update),
  }));

describe('traffic', () => {
  it('has two IP target groups that ask for readiness, as CodeDeploy and the app expect them', () => {
    const groups = Object.values(resourcesOf(templateOf(), 'AWS::ElasticLoadBalancingV2::TargetGroup'));
    expect(groups.map(({ Properties }) => Properties.Name).sort()).toEqual(['posthorn-blue', 'posthorn-green']);
    for (const { Properties } of groups)
      expect(Properties).toMatchObject({
        TargetType: 'ip',
        Port: 3000,
        HealthCheckPath: '/health/ready',
        HealthCheckIntervalSeconds: 10,
        HealthCheckTimeoutSeconds: 5,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 3,
        TargetGroupAttributes: expect.arrayContaining([{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }]),
      });
  });

  it('has a production and a test listener, over TLS once there is a domain', () => {
    expect(listeners().map(({ create }) => /Port\\":(\d+)/.exec(create)?.[1])).toEqual(['80', '8080']);
    const secured = listeners(EVERYTHING).map(({ create }) => create);
    expect(secured.map((create) => /Port\\":(\d+)/.exec(create)?.[1])).toEqual(['443', '8443']);
    for (const create of secured) expect(create).toMatch(/HTTPS.*CertificateArn/);
    expect(only(templateOf(EVERYTHING), 'AWS::ElasticLoadBalancingV2::Listener').Properties.DefaultActions[0].Type).toBe(
      'redirect',
    );
  });

  it('deletes the listeners before the target groups, of which either may be behind them', () => {
    const template = templateOf();
    const groups = Object.keys(resourcesOf(template, 'AWS::ElasticLoadBalancingV2::TargetGroup'));
    for (const id of Object.keys(resourcesOf(template, 'Custom::ReleaseListener')))
      expect([...neededBy(template, id)]).toEqual(expect.arrayContaining(groups));
  });

  it('gives a listener its target group when it is made, and never again', () => {
    for (const { create, update } of [...listeners(), ...listeners(EVERYTHING)]) {
      expect(create).toContain('DefaultActions');
      expect(update).toContain('ModifyListener');
      expect(update).not.toMatch(/DefaultActions|TargetGroup|forward/);
    }
  });

  it.each([{}, EVERYTHING])(
    'has the rights to make them before there is a load balancer, so that IAM knows them by then: %j',
    (context) => {
      const template = templateOf(context);
      const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
      const policies = Object.keys(Resources).filter((id) => /^Traffic(Production|Test).*CustomResourcePolicy/.test(id));
      expect(policies).toHaveLength(2);
      for (const id of policies) {
        const types = [...neededBy(template, id)].map((needed) => Resources[needed]!.Type);
        expect(new Set(types)).toEqual(new Set(['AWS::IAM::Role']));
        const named = Resources[id]!.Properties.PolicyDocument.Statement.map((statement: any) => [
          [statement.Action].flat().sort().join(),
          textOf(statement.Resource)
            .replaceAll(/\{"Ref":"AWS::(\w+)"\}/g, '$1')
            .replaceAll(/[",]/g, ''),
        ]);
        const place = '{Fn::Join:[[arn:Partition:elasticloadbalancing:Region:AccountId:';
        expect(named).toEqual([
          ['elasticloadbalancing:CreateListener', `${place}loadbalancer/app/posthorn/*]]}`],
          ['elasticloadbalancing:DeleteListener,elasticloadbalancing:ModifyListener', `${place}listener/app/posthorn/*]]}`],
        ]);
      }
    },
  );

  it('leaves no listener that forwards to CloudFormation', () => {
    for (const template of [templateOf(), templateOf(EVERYTHING)])
      for (const { Properties } of Object.values(resourcesOf(template, 'AWS::ElasticLoadBalancingV2::Listener')))
        expect(textOf(Properties)).not.toContain('forward');
  });

  it.each(['small', 'medium', 'large'])('%s: says where webhooks come from', (size) => {
    const template = templateOf({ size });
    const addresses = Object.keys(resourcesOf(template, 'AWS::EC2::EIP')).map((Ref) => ({ Ref }));
    const { Value } = template.findOutputs('OutgoingAddresses').OutgoingAddresses!;
    expect(addresses).toHaveLength(Object.keys(resourcesOf(template, 'AWS::EC2::NatGateway')).length);
    expect(Value).toEqual(addresses.length === 1 ? addresses[0] : { 'Fn::Join': [',', addresses] });
  });

  it('lets only our own NAT gateways reach the test listener', () => {
    const group = only(templateOf({ size: 'medium' }), 'AWS::EC2::SecurityGroup', ({ GroupDescription }) =>
      GroupDescription.startsWith('Load'),
    );
    const rules: any[] = group.Properties.SecurityGroupIngress;
    expect(rules.filter(({ FromPort }) => FromPort === 80).map(({ CidrIp }) => CidrIp)).toEqual(['0.0.0.0/0']);
    const test = rules.filter(({ FromPort }) => FromPort === 8080);
    expect(test).toHaveLength(2);
    for (const { CidrIp } of test) expect(textOf(CidrIp)).toContain('NatAddress');
  });

  it('closes idle connections before the app does, and keeps access logs', () => {
    const { LoadBalancerAttributes: attributes } = only(templateOf(), 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties;
    expect(attributes).toEqual(
      expect.arrayContaining([
        { Key: 'idle_timeout.timeout_seconds', Value: '60' },
        { Key: 'deletion_protection.enabled', Value: 'true' },
        { Key: 'access_logs.s3.enabled', Value: 'true' },
      ]),
    );
  });

  it('has a firewall only if it was asked for, with a limit and without rules about payloads', () => {
    expect(Object.keys(resourcesOf(templateOf(), 'AWS::WAFv2::WebACL'))).toEqual([]);
    const { Rules: rules } = only(templateOf({ ...EVERYTHING, waf: '3000' }), 'AWS::WAFv2::WebACL').Properties;
    expect(rules[0].Statement.RateBasedStatement.Limit).toBe(3000);
    expect(textOf(rules)).not.toContain('CommonRuleSet');
    for (const { Name, ActionToUse } of rules[2].Statement.ManagedRuleGroupStatement.RuleActionOverrides) {
      expect(Name).toMatch(/_BODY$/);
      expect(ActionToUse).toEqual({ Count: {} });
    }
  });
});
