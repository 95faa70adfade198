import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { Traffic } from './traffic.ts';

const visibility = (metricName: string) => ({ cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName });

/**
 * A web ACL before the load balancer: a limit of requests an address, AWS's list of bad addresses, and known bad inputs. No rules
 * about bodies: a webhook's payload is the customer's own, and may well look like an attack.
 */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, name: string, { loadBalancer }: Traffic, requestsPer5Minutes: number) {
    super(scope, id);
    const acl = new wafv2.CfnWebACL(this, 'Acl', {
      name,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(name),
      rules: [
        {
          name: 'requests-an-address',
          priority: 0,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: { rateBasedStatement: { limit: requestsPer5Minutes, aggregateKeyType: 'IP', evaluationWindowSec: 300 } },
          visibilityConfig: visibility('requests-an-address'),
        },
        managed(1, 'AWSManagedRulesAmazonIpReputationList'),
        managed(2, 'AWSManagedRulesKnownBadInputsRuleSet', BODY_RULES),
      ],
    });
    new wafv2.CfnWebACLAssociation(this, 'Association', { resourceArn: loadBalancer.loadBalancerArn, webAclArn: acl.attrArn });
  }
}

/** Rules that look into the body only count. */
const BODY_RULES = ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'];

function managed(priority: number, name: string, counted: string[] = []): wafv2.CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  };
}
